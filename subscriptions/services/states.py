"""Suspending, reactivating, cancelling: of one subscription, and of what depends on it."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.acts import Act

from ..domain.lifecycle import LIVE, FactKind, State
from ..models import SeatChange, Subscription, Term
from . import cancellation_requests
from .errors import NothingChanges, NotInThatState, TrialIsFixed
from .facts import (
    Family,
    append,
    latest_term,
    lock_family,
    record,
    require_not_frozen,
    require_state,
    running_term,
)
from .owners import store
from .scheduling import Outcome, close_open
from .support import require_no_support_needed


@transaction.atomic
def suspend(*, subscription: Subscription, reason: str = "", act: Act) -> list[SeatChange]:
    """
    Suspend an active subscription from `act.on` (R16), and the active add-ons of a base.

    Its seats stay purchased and stop being billable; its term's end does not move.

    :raises NotInThatState, NoRunningTerm, DayIsBefore: see `facts`
    """
    family = lock_family(subscription, act=act)
    require_state(family.subscription, State.ACTIVE)
    with_it = [add_on for add_on in family.add_ons if add_on.state == State.ACTIVE]
    return [
        _suspend_one(member, reason=reason, act=act) for member in (family.subscription, *with_it)
    ]


@transaction.atomic
def reactivate(*, subscription: Subscription, reason: str = "", act: Act) -> list[SeatChange]:
    """
    Make a suspended subscription's seats billable again, and the add-ons suspended with it.

    An add-on that had been suspended before its base stays suspended.

    :raises NotInThatState: also for an add-on while its base is suspended
    :raises NoRunningTerm, DayIsBefore: see `facts`
    """
    family = lock_family(subscription, act=act)
    require_state(family.subscription, State.SUSPENDED)
    if family.base is not None and family.base.state != State.ACTIVE:
        raise NotInThatState(
            _("It is an add-on to %(base)s, which is suspended: reactivate that first.")
            % {"base": family.base.title}
        )
    return [
        _reactivate_one(member, reason=reason, act=act)
        for member in (family.subscription, *_suspended_with_it(family))
    ]


@transaction.atomic
def cancel(*, subscription: Subscription, reason: str = "", act: Act) -> list[SeatChange]:
    """
    End a live subscription on `act.on`, and the live add-ons of a base. There is no way back.

    One that is suspended may be cancelled after its term has ended too, as it then must be:
    the fact then belongs to the term's last day and changes no billable seat.

    :raises NeedsSupport: R17, see `support`
    :raises NotInThatState, NoRunningTerm, NoTermHere, DayIsBefore: see `facts`
    :raises QuantitiesFrozen: while a transfer of the customer is to be decided
    """
    family = lock_family(subscription, act=act)
    require_state(family.subscription, *LIVE)
    require_no_support_needed(family.subscription, act)
    require_not_frozen(family.subscription.tenant, family.subscription.partner, act=act)
    with_it = [add_on for add_on in family.add_ons if add_on.is_live]
    return [
        cancel_one(member, reason=reason, act=act) for member in (family.subscription, *with_it)
    ]


@transaction.atomic
def set_auto_renew(*, subscription: Subscription, is_on: bool, act: Act) -> None:
    """
    Say whether the subscription goes on after its term. Costs nothing now: no fact.

    :raises NotInThatState: if it is not live
    :raises NothingChanges: if it is so already
    """
    locked = lock_family(subscription, act=act).subscription
    require_state(locked, *LIVE)
    if locked.auto_renew == is_on:
        raise NothingChanges
    if locked.is_trial:
        raise TrialIsFixed
    locked.auto_renew = is_on
    store(locked, "auto_renew")
    record(
        subscription=locked,
        act=act,
        action="auto-renew",
        summary=f"{locked.title}: automatic renewal turned {'on' if is_on else 'off'}",
        before={"auto_renew": not is_on},
        after={"auto_renew": is_on},
    )


def _suspend_one(member: Subscription, *, reason: str, act: Act) -> SeatChange:
    term = running_term(member, act.on)
    member.suspended_on = act.on
    return _become(
        State.SUSPENDED,
        FactKind.SUSPENDED,
        term=term,
        billable_delta=-term.billable_seats,
        reason=reason,
        act=act,
    )


def _reactivate_one(member: Subscription, *, reason: str, act: Act) -> SeatChange:
    term = running_term(member, act.on)
    member.suspended_on = None
    return _become(
        State.ACTIVE,
        FactKind.REACTIVATED,
        term=term,
        billable_delta=member.seats - term.billable_seats,
        reason=reason,
        act=act,
    )


def cancel_one(member: Subscription, *, reason: str, act: Act) -> SeatChange:
    """Cancel a subscription that its caller has locked, and nothing that depends on it."""
    is_over = member.state == State.SUSPENDED and latest_term(member).ends_on <= act.on
    term = latest_term(member) if is_over else running_term(member, act.on)
    close_open(member, Outcome.LAPSED, remark=_("The subscription was cancelled."), act=act)
    cancellation_requests.lapse(member, act=act)
    return _become(
        State.CANCELLED,
        FactKind.CANCELLED,
        term=term,
        billable_delta=-term.billable_seats,
        reason=reason,
        act=act,
    )


def _become(
    state: State, kind: FactKind, *, term: Term, billable_delta: int, reason: str, act: Act
) -> SeatChange:
    member = term.subscription
    before = member.state
    member.state = state
    store(member, "state", "suspended_on")
    change = append(
        term=term,
        kind=kind,
        effective_on=min(act.on, term.period.last_day),
        seats_before=member.seats,
        billable_delta=billable_delta,
        reason=reason,
        act=act,
    )
    record(
        subscription=member,
        act=act,
        action=kind.value,
        summary=f"{member.title}: {kind.value} with {member.seats} seats"
        + (f" ({reason})" if reason else ""),
        before={"state": before},
        after={"state": state.value},
    )
    return change


def _suspended_with_it(family: Family) -> list[Subscription]:
    """
    Return the add-ons whose suspension was part of the base's.

    Facts are numbered in the order they happen, and a suspended base has no active add-on:
    one suspended after the base was suspended together with it.
    """
    own = _latest_suspension(family.subscription)
    return [
        add_on
        for add_on in family.add_ons
        if add_on.state == State.SUSPENDED and _latest_suspension(add_on) > own
    ]


def _latest_suspension(subscription: Subscription) -> int:
    """Return the number of the fact, which may be of the row it was before it moved."""
    suspended: Subscription | None = subscription
    while suspended is not None:
        facts = SeatChange.objects.filter(term__subscription=suspended, kind=FactKind.SUSPENDED)
        latest = facts.order_by("-pk").values_list("pk", flat=True).first()
        if latest is not None:
            return latest
        suspended = suspended.moved_from
    raise ValueError(f"{subscription.public_id} was never suspended")
