"""What a subscription's next term will cost: the renewal itself, carried out and rolled back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from csp_portal.shared.money import round_money
from subscriptions.domain.lifecycle import State
from subscriptions.models import Offer, ScheduledChange, Subscription, Term
from tenants.acts import Act
from tenants.models import Tenant

from ..domain.calendar import next_possible_effective_day, publication_day
from ..models import LockedPrice
from . import next_terms

MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody thinks of scheduling; what is empty stays as it is."""

    seats: int | None = None
    offer: Offer | None = None
    duration: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One leg's price of a term: `amount` is per billing period, for all billable seats."""

    title: str
    seats: int
    unit_price: Decimal
    amount: Decimal
    is_yearly: bool
    price_source: str

    @property
    def per(self) -> str:
        return _("per year") if self.is_yearly else _("per month")


@dataclass(frozen=True, slots=True)
class LegChange:
    """A subscription on one leg: what it costs now, and in the next term (None: it ends)."""

    now: Side | None
    then: Side | None
    why_it_ends: str


@dataclass(frozen=True, slots=True)
class Leg:
    seller: str
    buyer: str
    is_sale: bool
    currency: str
    rows: list[LegChange]


@dataclass(frozen=True, slots=True)
class Preview:
    """
    The next term of a subscription and its add-ons, leg by leg.

    `is_provisional` until `final_on`: a list that is not public yet could still take effect
    before it starts. `dropped` says which waiting changes could not be applied, and why.
    """

    starts_on: date
    last_day: date | None
    is_provisional: bool
    final_on: date
    legs: list[Leg]
    ending: list[tuple[str, str]]
    dropped: list[str]


@transaction.atomic
def preview(
    *, subscription: Subscription, viewer: Tenant, wish: Wish | None = None, act: Act
) -> Preview | None:
    """
    Return what the renewal will make of it, if nothing changes until then.

    One code path with the renewal (decision 4): it is renewed on the day its term ends, with
    the prices that partners know at `act.at` (R13), read, and rolled back. Only the legs that
    `viewer` sells or buys on. None if it will not be renewed at all, being suspended or
    ended, or because there is no price list. With a `wish` that is scheduled first.

    :raises SubscriptionRefused: if the wish would be refused
    """
    root = subscription.base or subscription
    starts_on = root.ends_on
    if root.state != State.ACTIVE or starts_on is None:
        return None
    with transaction.atomic():
        if wish is not None:
            next_terms.schedule(
                subscription=subscription,
                seats=wish.seats,
                offer=wish.offer,
                duration=wish.duration,
                plan=wish.plan,
                act=act,
            )
        members = _members(root)
        before = {member.pk: _sides(_latest(member), viewer) for member in members}
        open_ones = ScheduledChange.objects.open().filter(subscription__in=members)
        waiting = list(open_ones.values_list("pk", flat=True))
        try:
            terms = next_terms.renew_or_expire(
                subscription=members[0],
                act=replace(act, on=starts_on, organisation=None),
                seen_at=act.at,
            )
        except next_terms.NoPriceList:
            terms = None
        after = {term.subscription_id: _sides(term, viewer) for term in terms or []}
        dropped = ScheduledChange.objects.filter(pk__in=waiting, outcome="lapsed")
        reasons = [change.remark for change in dropped if change.remark]
        transaction.set_rollback(True)
    if terms is None:
        return None
    ending = [(m.title, _why(m, is_base=m.pk == root.pk)) for m in members if m.pk not in after]
    return Preview(
        starts_on=starts_on,
        last_day=terms[0].period.last_day if terms else None,
        is_provisional=next_possible_effective_day(act.on) <= starts_on,
        final_on=publication_day(starts_on.replace(day=1)),
        legs=_legs(members, before, after, viewer),
        ending=ending,
        dropped=reasons,
    )


def _members(root: Subscription) -> list[Subscription]:
    """Return the base and its active add-ons, as they are now."""
    found = (
        Subscription.objects.filter(Q(pk=root.pk) | Q(base=root.pk, state=State.ACTIVE))
        .select_related("offer", "tenant", "partner__tenant", "base")
        .order_by("pk")
    )
    return sorted(found, key=lambda member: member.pk != root.pk)


def _latest(member: Subscription) -> Term:
    return member.terms.order_by("-number")[0]


def _sides(term: Term, viewer: Tenant) -> dict[int, tuple[LockedPrice, Side]]:
    """Return what `term` costs on each leg that concerns `viewer`, by the leg's number."""
    locked = LockedPrice.objects.filter(Q(seller=viewer) | Q(buyer=viewer), term=term)
    return {
        price.leg: (
            price,
            Side(
                title=price.offer_title,
                seats=term.billable_seats,
                unit_price=price.unit_price,
                amount=round_money(price.unit_price * term.billable_seats, price.minor_units),
                is_yearly=price.period_months == MONTHS_PER_YEAR,
                price_source=price.price_source,
            ),
        )
        for price in locked.select_related("seller", "buyer").order_by("leg")
    }


def _legs(
    members: Iterable[Subscription],
    before: dict[int, dict[int, tuple[LockedPrice, Side]]],
    after: dict[int, dict[int, tuple[LockedPrice, Side]]],
    viewer: Tenant,
) -> list[Leg]:
    legs: dict[int, Leg] = {}
    for member in members:
        now, then = before[member.pk], after.get(member.pk, {})
        for number, (price, _side) in sorted({**now, **then}.items()):
            leg = legs.setdefault(
                number,
                Leg(
                    price.seller.name,
                    price.buyer.name,
                    price.seller_id == viewer.pk,
                    price.currency,
                    [],
                ),
            )
            why = "" if number in then else _why(member, is_base=member.base_id is None)
            leg.rows.append(
                LegChange(
                    now[number][1] if number in now else None,
                    then[number][1] if number in then else None,
                    why,
                )
            )
    # the sale first: what the customer will pay is what people ask for
    return sorted(legs.values(), key=lambda leg: not leg.is_sale)


def _why(member: Subscription, *, is_base: bool) -> str:
    assert member.offer is not None  # subscriptions_csp_has_its_partner_and_offer
    if not member.auto_renew:
        return _("automatic renewal is off")
    if member.offer.state == Offer.OfferState.WITHDRAWN:
        return _("its offer is withdrawn from sale")
    if is_base or member.base is None:
        return _("the price list for that day does not have it")
    return _("it ends with its base, is not on the list, or does not fit the base's new offer")
