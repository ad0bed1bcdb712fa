"""What a change will cost, before the click."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from subscriptions.models import Offer, SeatChange, Subscription
from subscriptions.services import lifecycle
from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..models import Charge, OrderRequest, Quote, RecommendedItem
from ..models.price_lists import Plan, Segment
from ..queries.quotes import lines_of_charges
from .charging import charge, lock_prices
from .recommended import mark_bought

# The programme binds the click to its quote: day and price are fixed for half an hour.
VALIDITY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The facts that a change made, the base's first, and their charges."""

    facts: list[SeatChange]
    charges: list[Charge]


@transaction.atomic
def quote(
    *,
    kind: str,
    partner: Partner | None = None,
    tenant: Tenant,
    subscription: Subscription | None = None,
    offer: Offer | None = None,
    base: Subscription | None = None,
    recommended: RecommendedItem | None = None,
    request: OrderRequest | None = None,
    segment: str = Segment.COMMERCIAL,
    duration: str = "P1Y",
    plan: str = Plan.MONTHLY,
    seats: int | None = None,
    reason: str = "",
    act: Act,
) -> Quote:
    """
    Return what the change costs on every leg, on `act.on`, fixed for 30 minutes.

    Without a partner the tenant buys from the vendor, or changes what it bought there. It is
    the order itself, carried out and rolled back: whatever the quote says is what the
    order will charge. Nothing of it remains but the quote.

    :raises SubscriptionRefused: if the order would be refused, with the reason
    :raises NoPrice: if the list in force does not have the offer on these conditions
    """
    assert act.by is not None  # the portal itself does not ask for quotes
    asked = Quote(
        kind=kind,
        partner=partner,
        tenant=tenant,
        subscription=subscription,
        offer=offer,
        base=base,
        recommended=recommended,
        request=request,
        segment=segment if offer else "",
        duration=duration if offer else "",
        plan=plan if offer else "",
        seats=seats,
        reason=reason,
        on=act.on,
        created_at=act.at,
        created_by=act.by,
        expires_at=act.at + VALIDITY,
    )
    with transaction.atomic():
        outcome = carry_out(quote=asked, act=act)
        asked.lines = [line.to_json() for line in lines_of_charges(outcome.charges)]
        asked.term = outcome.facts[0].term if subscription else None
        transaction.set_rollback(True)
    asked.save()
    return asked


def carry_out(*, quote: Quote, act: Act) -> Outcome:
    """Do what `quote` asks for, and charge it. The one path of quotes and orders."""
    facts = _facts_of(quote=quote, act=act)
    if quote.kind == Quote.QuoteKind.NEW:
        for fact in facts:
            lock_prices(term=fact.term, segment=quote.segment, plan=quote.plan)
    return Outcome(facts, [each for fact in facts for each in charge(change=fact)])


def _facts_of(*, quote: Quote, act: Act) -> list[SeatChange]:
    if quote.kind == Quote.QuoteKind.NEW:
        assert quote.offer is not None  # a new subscription is of an offer
        if quote.partner is None:
            return [_bought(quote, quote.offer, act)]
        return [
            lifecycle.provision(
                partner=quote.partner,
                tenant=quote.tenant,
                offer=quote.offer,
                seats=quote.seats or 0,
                duration=quote.duration,
                base=quote.base,
                act=act,
            )
        ]
    subscription, reason = quote.subscription, quote.reason
    assert subscription is not None  # every other kind is about one
    match quote.kind:
        case Quote.QuoteKind.SEATS:
            seats = quote.seats or 0
            return [
                lifecycle.change_seats(
                    subscription=subscription, seats=seats, reason=reason, act=act
                )
            ]
        case Quote.QuoteKind.SUSPEND:
            return lifecycle.suspend(subscription=subscription, reason=reason, act=act)
        case Quote.QuoteKind.REACTIVATE:
            return lifecycle.reactivate(subscription=subscription, reason=reason, act=act)
        case Quote.QuoteKind.CANCEL:
            return lifecycle.cancel(subscription=subscription, reason=reason, act=act)
        case _:
            raise ValueError(quote.kind)


def _bought(quote: Quote, offer: Offer, act: Act) -> SeatChange:
    """Buy from the vendor; what was recommended with the recommending partner of record."""
    item = quote.recommended
    fact = lifecycle.buy(
        tenant=quote.tenant,
        offer=offer,
        seats=quote.seats or 0,
        duration=quote.duration,
        base=quote.base,
        partner_of_record=item.recommendation.partner if item else None,
        act=act,
    )
    if item:
        mark_bought(item=item, subscription=fact.term.subscription, act=act)
    return fact
