"""Changes that wait for the next term: scheduled, taken back, applied by the renewal."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format

from relationships.services.standing import require_may_sell
from tenants.acts import Act

from ..domain.channels import Channel
from ..domain.lifecycle import State
from ..models import Offer, ScheduledChange, Subscription
from .errors import (
    AddOnFollowsBase,
    AlreadyClosed,
    NotForSale,
    NothingChanges,
    SeatsBelowAssigned,
    TrialIsFixed,
    WillNotRenew,
)
from .facts import lock_family, record, require_not_frozen, require_state, running_term
from .offer_rules import require_by_matrix, require_prerequisite
from .provisioning import require_seats_in_range

Outcome = ScheduledChange.Outcome


@transaction.atomic
def schedule_change(
    *,
    subscription: Subscription,
    seats: int | None = None,
    offer: Offer | None = None,
    duration: str = "",
    plan: str = "",
    act: Act,
) -> ScheduledChange:
    """
    Keep what shall be different from the next term on; it costs nothing now.

    Of a CSP subscription its partner may, of a Direct or Advisor one its customer (R3, R10).

    A change that waits already is replaced by this one. What equals the present is left out
    (the plan excepted, which billing compares).

    :raises AskYourPartner, OtherChannel, NoActiveRelationship: see `owners.require_owner`
    :raises QuantitiesFrozen: while a transfer of the customer is to be decided
    :raises TrialIsFixed: if it is a trial
    :raises WillNotRenew: if automatic renewal is off
    :raises NothingChanges: if it would change nothing
    :raises AddOnFollowsBase: for another offer or term of an add-on
    :raises NotForSale: if the new offer cannot be ordered, or is an add-on
    :raises SeatsOutOfRange, SeatsBelowAssigned: as for a change of seats now
    :raises SellingRefused: for more seats or another offer, if the partner may sell nothing new
    :raises NotInThatState, NoRunningTerm: see `facts`
    """
    family = lock_family(subscription, act=act)
    locked = family.subscription
    require_state(locked, State.ACTIVE)
    require_not_frozen(locked.tenant, locked.partner, act=act)
    term = running_term(locked, act.on)
    if locked.is_trial:
        raise TrialIsFixed
    if not locked.auto_renew:
        raise WillNotRenew(locked.title)
    asked = ScheduledChange(
        subscription=locked,
        takes_effect_on=term.ends_on,
        seats=None if seats == locked.seats else seats,
        offer=None if offer is None or offer.pk == locked.offer_id else offer,
        duration="" if duration == term.duration else duration,
        plan=plan,
        created_at=act.at,
        created_by=act.by,
        acting_for=act.organisation,
    )
    if not any((asked.seats, asked.offer, asked.duration, asked.plan)):
        raise NothingChanges
    if family.base is not None and (asked.offer or asked.duration):
        raise AddOnFollowsBase(family.base.title)
    if asked.seats is not None and asked.seats < locked.assigned_seats:
        raise SeatsBelowAssigned(locked.assigned_seats)
    require_applicable(asked, locked, on=act.on)
    close_open(locked, Outcome.REPLACED, act=act)
    asked.save()
    record(
        subscription=locked,
        act=act,
        action="change-scheduled",
        summary=f"{locked.title}: from {_day(asked)} {in_words(asked)}",
        before={"seats": locked.seats, "offer": locked.title, "duration": term.duration},
        after=_values(asked),
    )
    return asked


@transaction.atomic
def take_back(*, change: ScheduledChange, act: Act) -> None:
    """
    Undo a change that is not yet in effect; the row stays, with who took it back.

    :raises AlreadyClosed: if it was applied, replaced or taken back
    """
    locked = lock_family(change.subscription, act=act).subscription
    waiting = ScheduledChange.objects.open().filter(pk=change.pk).first()
    if waiting is None:
        raise AlreadyClosed
    close(waiting, Outcome.UNDONE, act=act)
    record(
        subscription=locked,
        act=act,
        action="change-undone",
        summary=f"{locked.title}: the change scheduled for {_day(waiting)} was taken back",
        before=_values(waiting),
        after={},
    )


def open_changes(members: Iterable[Subscription]) -> dict[int, ScheduledChange]:
    """Return the waiting change of each, by the subscription's key."""
    found: QuerySet[ScheduledChange] = (
        ScheduledChange.objects.open()
        .filter(subscription__in=[member.pk for member in members])
        .select_related("offer", "created_by")
    )
    return {change.subscription_id: change for change in found}


def require_applicable(change: ScheduledChange, subscription: Subscription, *, on: date) -> None:
    """
    Refuse what cannot be from the next term on, whatever it costs.

    Asked when it is scheduled, and once more by the renewal.

    :raises NotForSale: if the new offer cannot be ordered, or is an add-on
    :raises SeatsOutOfRange: by the limits of the offer it will have
    :raises NotInMatrix, NotSoldInCountry, MissingPrerequisite, CustomerLimitReached: if the
        offer matrix does not let the customer have the new offer, or more of the present one
    :raises SellingRefused: for more seats or another offer, if the partner may sell nothing
        new on `on`
    """
    offer = change.offer or subscription.offer
    assert offer is not None, "subscriptions_csp_has_its_partner_and_offer"
    if change.offer is not None and (
        change.offer.is_add_on or not Offer.objects.for_sale().filter(pk=change.offer.pk).exists()
    ):
        raise NotForSale(change.offer.title)
    if change.offer is not None:
        channel = Channel(subscription.channel)
        require_by_matrix(offer=change.offer, tenant=subscription.tenant, channel=channel)
    elif (change.seats or 0) > subscription.seats:
        require_prerequisite(offer=offer, tenant=subscription.tenant)
    asked = change.seats or subscription.seats
    if change.seats is not None or change.offer is not None:
        # fewer than are assigned by then become that many, see `terms`
        require_seats_in_range(offer, max(asked, subscription.assigned_seats))
    is_more = asked > subscription.seats or change.offer is not None
    if is_more and subscription.partner is not None:
        require_may_sell(partner=subscription.partner, customer=subscription.tenant, on=on)


def drop(change: ScheduledChange, *, why: Exception | str, act: Act) -> None:
    """Give up a waiting change that the renewal cannot apply; the caller holds the lock."""
    close(change, Outcome.LAPSED, remark=str(why), act=act)
    subscription = change.subscription
    record(
        subscription=subscription,
        act=act,
        action="change-dropped",
        summary=f"{subscription.title}: the scheduled change could not be applied: {why}",
        before=_values(change),
        after={},
    )


def close_open(
    subscription: Subscription, outcome: ScheduledChange.Outcome, *, remark: str = "", act: Act
) -> None:
    """Close the waiting change of a locked subscription, if it has one."""
    for change in ScheduledChange.objects.open().filter(subscription=subscription):
        close(change, outcome, remark=remark, act=act)


def close(
    change: ScheduledChange, outcome: ScheduledChange.Outcome, *, remark: str = "", act: Act
) -> None:
    change.outcome = outcome
    change.closed_at = act.at
    change.closed_by = act.by
    change.closed_for = act.organisation
    change.remark = remark[:300]
    change.save(update_fields=["outcome", "closed_at", "closed_by", "closed_for", "remark"])


def in_words(change: ScheduledChange) -> str:
    """Return "70 seats, Business Standard, annual" and the like, for the activity log."""
    return ", ".join(
        filter(
            None,
            (
                f"{change.seats} seats" if change.seats is not None else "",
                change.offer.title if change.offer else "",
                change.get_duration_display() if change.duration else "",
                f"billed {change.plan}" if change.plan else "",
            ),
        )
    )


def _values(change: ScheduledChange) -> dict[str, object]:
    values = {
        "seats": change.seats,
        "offer": change.offer.title if change.offer else None,
        "duration": change.duration,
        "plan": change.plan,
    }
    return {name: value for name, value in values.items() if value}


def _day(change: ScheduledChange) -> str:
    return date_format(change.takes_effect_on, "j M Y")
