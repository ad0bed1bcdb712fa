"""What a subscription becomes when its term is over: its next term at the price of that day."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relationships.services.standing import SellingRefused
from subscriptions.domain.lifecycle import State
from subscriptions.models import Offer, ScheduledChange, Subscription, Term
from subscriptions.services import lifecycle, scheduling
from subscriptions.services.errors import NoTermHere, SubscriptionRefused, TrialIsFixed
from subscriptions.services.owners import require_owner
from tenants.acts import Act

from ..models import LockedPrice, PriceList
from ..models.price_lists import Plan
from ..queries.prices import NoPrice, price_on
from .charging import billed_by_vendor, lock_prices


class NoPriceList(Exception):
    """No list at all is in force in the partner's market, so nothing says what it costs."""


class NotListedThen(SubscriptionRefused):
    """What is scheduled is not on the newest list that partners know for that day."""

    def __init__(self, title: str) -> None:
        super().__init__(
            _(
                "The price list for that day does not have %(title)s on these conditions. Choose "
                "another offer, term or billing plan."
            )
            % {"title": title}
        )


@transaction.atomic
def schedule(
    *,
    subscription: Subscription,
    seats: int | None = None,
    offer: Offer | None = None,
    duration: str = "",
    plan: str = "",
    act: Act,
) -> ScheduledChange:
    """
    Keep what the next term shall be, if the list known for its first day has it.

    :raises NotListedThen: if it has not
    :raises NoTermHere, TrialIsFixed: if it has no price that a next term could follow
    :raises SubscriptionRefused: see `lifecycle.schedule_change`
    """
    require_owner(subscription, act)
    require_price_before(subscription)
    before = locked_price_before(subscription)
    change = lifecycle.schedule_change(
        subscription=subscription,
        seats=seats,
        offer=offer,
        duration=duration,
        plan="" if plan == before.plan else plan,
        act=act,
    )
    if not _is_listed(change.subscription, change, day=change.takes_effect_on, seen_at=act.at):
        raise NotListedThen((change.offer or change.subscription).title)
    return change


def renew_or_expire(
    *, subscription: Subscription, act: Act, seen_at: datetime | None = None
) -> list[Term]:
    """
    Renew a locked subscription whose term is over, with the changes that wait for it.

    Returns the new terms, the base's first, with their prices locked; nothing if it expired,
    because automatic renewal is off or its offer is withdrawn or no longer listed. A change
    that cannot be applied is dropped with the reason and it is renewed as it was: a wrong
    wish must not end a service. So is one for more while the partner may sell nothing new.
    `seen_at` is for previews: lists that partners cannot see at that moment are left out (R13).

    :raises NoPriceList: if there is no list at all; that is no reason to end a service
    """
    day = subscription.ends_on
    assert day is not None  # a subscription that is renewed has a term
    if not subscription.auto_renew:
        lifecycle.expire(subscription=subscription, act=act)
        return []
    add_ons = list(
        subscription.add_ons.filter(state=State.ACTIVE, auto_renew=True)
        .select_related("offer", "tenant", "partner__tenant")
        .order_by("pk")
    )
    changes = scheduling.open_changes([subscription, *add_ons])
    plans = {}
    base_change = _kept(changes.get(subscription.pk), subscription, day, seen_at, act)
    if not _is_listed(subscription, base_change, day=day, seen_at=seen_at):
        lifecycle.expire(subscription=subscription, act=act)
        return []
    plans[subscription.pk] = _plan_of(subscription, base_change)
    duration = base_change.duration if base_change else ""
    for add_on in add_ons:
        change = _kept(changes.get(add_on.pk), add_on, day, seen_at, act, duration=duration)
        if not _is_listed(add_on, change, day=day, seen_at=seen_at, duration=duration):
            lifecycle.expire(subscription=add_on, act=act)
        plans[add_on.pk] = _plan_of(add_on, change, duration=duration)
    terms = lifecycle.renew(subscription=subscription, act=act)
    for term in terms:
        lock_prices(
            term=term,
            segment=locked_price_before(term.subscription).segment,
            plan=plans[term.subscription_id],
            seen_at=seen_at,
        )
    return terms


def require_price_before(subscription: Subscription) -> None:
    """
    Refuse what the portal never priced: nothing follows from it for a next term.

    :raises TrialIsFixed: if it is a trial
    :raises NoTermHere: if it came with an import
    """
    if LockedPrice.objects.filter(subscription=subscription).exists():
        return
    raise TrialIsFixed if subscription.is_trial else NoTermHere(subscription.title)


def locked_price_before(subscription: Subscription) -> LockedPrice:
    """Return the price of the newest term that has one: it says segment and billing plan."""
    return (
        LockedPrice.objects.filter(subscription=subscription)
        .select_related("term")
        .order_by("-term__number", "leg")[0]
    )


def _kept(
    change: ScheduledChange | None,
    member: Subscription,
    day: date,
    seen_at: datetime | None,
    act: Act,
    *,
    duration: str = "",
) -> ScheduledChange | None:
    """Return the change if it can be applied; else drop it."""
    if change is None:
        return None
    try:
        scheduling.require_applicable(change, member, on=day)
        if not _is_listed(member, change, day=day, seen_at=seen_at, duration=duration):
            raise NotListedThen((change.offer or member).title)
    except (SubscriptionRefused, SellingRefused) as refused:
        scheduling.drop(change, why=refused, act=act)
        return None
    return change


def _plan_of(member: Subscription, change: ScheduledChange | None, *, duration: str = "") -> str:
    """Return the billing plan of its next term; a term of a month is billed monthly."""
    before = locked_price_before(member)
    asked = (change.duration if change else "") or duration or before.term.duration
    plan = (change.plan if change else "") or before.plan
    return Plan.MONTHLY.value if duration and asked == Term.Duration.MONTH else plan


def _is_listed(
    member: Subscription,
    change: ScheduledChange | None,
    *,
    day: date,
    seen_at: datetime | None,
    duration: str = "",
) -> bool:
    """
    Tell whether the list in force on `day` has what it would be, and it is still sold.

    :raises NoPriceList: if there is no list at all
    """
    offer = (change.offer if change else None) or member.offer
    assert offer is not None  # whatever has a term of ours has one
    billed = billed_by_vendor(member)
    market, currency = billed.country, billed.currency
    lists = PriceList.objects.for_market(market=market, currency=currency).in_force_on(day)
    if not lists.exists():
        raise NoPriceList(f"{market} {currency} on {day}")
    if offer.state == Offer.OfferState.WITHDRAWN:
        return False
    before = locked_price_before(member)
    try:
        price_on(
            offer=offer,
            segment=before.segment,
            duration=duration or (change.duration if change else "") or before.term.duration,
            plan=_plan_of(member, change, duration=duration),
            market=market,
            currency=currency,
            on=day,
            seen_at=seen_at,
        )
    except NoPrice:
        return False
    return True
