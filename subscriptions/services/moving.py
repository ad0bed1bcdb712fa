"""
Moving subscriptions to another chain of sellers: another partner, or another reseller.

A row keeps its partner and reseller for ever. To move is to end it on a day and to start
another one for the new chain with the same offer, seats, licences, state and end of term.
It is done in two halves, because between them the relationship changes hands: nothing is
live without the relationship it belongs to, at no instant.

Both halves leave the activity log to `log_moves`: the ends of several logs are locked in
one order, whoever moves where.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.services import activity

from ..domain.lifecycle import LIVE, FactKind, State
from ..models import ScheduledChange, SeatChange, Subscription, Term
from .facts import append, lock_family, require_state, running_term
from .licences import move_licences
from .scheduling import Outcome, close


@dataclass(frozen=True, slots=True)
class Left:
    """A subscription that has left its chain, with what it was until then."""

    change: SeatChange
    state: str
    billable_seats: int
    scheduled: ScheduledChange | None

    @property
    def old(self) -> Subscription:
        return self.change.term.subscription


@dataclass(frozen=True, slots=True)
class Moved:
    left: Left
    change: SeatChange

    @property
    def new(self) -> Subscription:
        return self.change.term.subscription


def move_out(*, base: Subscription, act: Act) -> list[Left]:
    """
    End a live subscription and its live add-ons on `act.on`; the base comes first.

    In the caller's transaction, which moves them in again.

    :raises NotInThatState: if it is not live
    :raises NoRunningTerm: if its term is over: renew it first
    :raises DayIsBefore: if it has a fact of a later day
    """
    family = lock_family(base)
    require_state(family.subscription, *LIVE)
    with_it = [add_on for add_on in family.add_ons if add_on.is_live]
    return [_leave(member, act=act) for member in (family.subscription, *with_it)]


def move_in(
    *, left: Iterable[Left], partner: Partner, reseller: Partner | None, act: Act
) -> list[Moved]:
    """
    Start on `act.on` what `move_out` ended, for the new chain, in the same order.

    Seats, assigned seats, state, automatic renewal, what is scheduled for the renewal, the
    end of the term and the days its billing periods count from are those of the old row, and
    so is when it was bought: a move makes it no newer than others.
    """
    moved: list[Moved] = []
    new_of: dict[int, Subscription] = {}
    for one in left:
        base = new_of[one.old.base_id] if one.old.base_id else None
        moved.append(_arrive(one, base=base, partner=partner, reseller=reseller, act=act))
        new_of[one.old.pk] = moved[-1].new
    return moved


def first_day_of(term: Term) -> date:
    """Return the day the term began, counted from before the moves it went through."""
    subscription = term.subscription
    while term.number == 1 and subscription.moved_from is not None:
        subscription = subscription.moved_from
        term = subscription.terms.order_by("-number")[0]
    return term.starts_on


def log_moves(moved: Iterable[Moved], *, act: Act) -> None:
    """Write it to the log of every organisation concerned: sellers by id, the customer last."""
    entries: list[tuple[bool, int, Tenant, Subscription, str]] = []
    for one in moved:
        words = f"{one.new.title}: {one.new.seats} seats moved "
        went = f"{words}to {_chain(one.new)}"
        came = f"{words}from {_chain(one.left.old)}"
        customer = one.new.tenant
        entries += [(False, t.pk, t, one.left.old, went) for t in _sellers(one.left.old)]
        entries += [(False, t.pk, t, one.new, came) for t in _sellers(one.new)]
        entries.append((True, customer.pk, customer, one.new, f"{came} to {_chain(one.new)}"))
    for _is_customer, _pk, tenant, subscription, summary in sorted(entries, key=lambda e: e[:2]):
        activity.record(
            tenant=tenant,
            act=act,
            action="subscription.moved",
            about=subscription.public_id,
            summary=summary[:300],
            after={"seats": subscription.seats, "ends_on": subscription.ends_on},
        )


def _leave(member: Subscription, *, act: Act) -> Left:
    term = running_term(member, act.on)
    state, billable = member.state, term.billable_seats
    scheduled = ScheduledChange.objects.open().filter(subscription=member).first()
    if scheduled is not None:
        close(scheduled, Outcome.REPLACED, remark="Moved with the subscription.", act=act)
    member.state = State.TRANSFERRED
    member.save(update_fields=["state"])
    change = append(
        term=term,
        kind=FactKind.TRANSFERRED_OUT,
        effective_on=act.on,
        seats_before=member.seats,
        billable_delta=-billable,
        act=act,
    )
    return Left(change, state, billable, scheduled)


def _arrive(
    left: Left,
    *,
    base: Subscription | None,
    partner: Partner,
    reseller: Partner | None,
    act: Act,
) -> Moved:
    old, old_term = left.old, left.change.term
    new = Subscription.objects.create(
        tenant=old.tenant,
        channel=old.channel,
        offer=old.offer,
        title=old.title,
        partner=partner,
        reseller=reseller,
        base=base,
        moved_from=old,
        state=left.state,
        seats=old.seats,
        assigned_seats=old.assigned_seats,
        starts_on=act.on,
        ends_on=old_term.ends_on,
        auto_renew=old.auto_renew,
        suspended_on=old.suspended_on,
        created_at=old.created_at,
    )
    move_licences(old=old, new=new)
    term = Term.objects.create(
        subscription=new,
        number=1,
        duration=old_term.duration,
        anchor_on=old_term.anchor_on,
        starts_on=act.on,
        ends_on=old_term.ends_on,
        opening_seats=0,
        billable_seats=0,
    )
    change = append(
        term=term,
        kind=FactKind.TRANSFERRED_IN,
        effective_on=act.on,
        seats_before=0,
        billable_delta=left.billable_seats,
        act=act,
    )
    if left.scheduled is not None:
        _schedule_again(left.scheduled, new)
    return Moved(left, change)


def _schedule_again(change: ScheduledChange, subscription: Subscription) -> None:
    ScheduledChange.objects.create(
        subscription=subscription,
        takes_effect_on=change.takes_effect_on,
        seats=change.seats,
        offer=change.offer,
        duration=change.duration,
        plan=change.plan,
        created_at=change.created_at,
        created_by=change.created_by,
        acting_for=change.acting_for,
    )


def _sellers(subscription: Subscription) -> list[Tenant]:
    partners = (subscription.partner, subscription.reseller)
    return [partner.tenant for partner in partners if partner is not None]


def _chain(subscription: Subscription) -> str:
    """Return "Tailspin Partners" or "Wingtip Distribution with Fabrikam Cloud"."""
    return " with ".join(tenant.name for tenant in _sellers(subscription))
