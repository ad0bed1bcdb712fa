"""What happens to a subscription when its term is over."""

from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.dates import add_months
from tenants.acts import Act

from ..domain.lifecycle import DURATION_MONTHS, FactKind, State
from ..models import Offer, ScheduledChange, SeatChange, Subscription, Term
from . import cancellation_requests
from .errors import DayIsBefore, NotInThatState
from .facts import append, latest_term, lock_family, record, require_state
from .owners import store
from .scheduling import Outcome, close, close_open, open_changes
from .states import cancel_one


@transaction.atomic
def renew(*, subscription: Subscription, act: Act) -> list[Term]:
    """
    Start the next term of an active subscription whose term is over on `act.on`.

    The new term starts on the day the old one ended, however late this runs, and lasts as
    long, counted from that day. Returns the new terms, base first, or nothing if no term is
    over: whoever comes second finds it done. After a long standstill call it until it
    returns nothing.

    Add-ons share their base's fate: active ones end with the base's new term and count
    their periods from it, those not to be renewed expire, suspended ones are cancelled.
    Whoever finds that an add-on cannot go on (its offer is no longer listed) expires it first.
    Changes that wait for this day are applied with it: never fewer seats than are assigned;
    an add-on has its base's term, and ends if it cannot be added to the base's new offer.

    :raises NotInThatState: if it is not active, does not renew automatically, or is an
        add-on, which is renewed with its base
    """
    family = lock_family(subscription, act=act)
    old = latest_term(family.subscription)
    if act.on < old.ends_on:
        return []
    require_state(family.subscription, State.ACTIVE)
    if not family.subscription.auto_renew:
        raise NotInThatState(
            _("Automatic renewal of %(title)s is off.") % {"title": family.subscription.title}
        )
    if family.base is not None:
        raise NotInThatState(
            _("It is renewed with %(base)s, to which it is an add-on.")
            % {"base": family.base.title}
        )
    changes = open_changes([family.subscription, *family.add_ons])
    new = _renew_one(old, base_term=None, change=changes.get(old.subscription_id), act=act)
    going_on = [
        a
        for a in family.add_ons
        if a.state == State.ACTIVE and a.auto_renew and _fits(a, new.subscription.offer)
    ]
    _end([a for a in family.add_ons if a.is_live and a not in going_on], act=act)
    return [
        new,
        *(
            _renew_one(latest_term(a), base_term=new, change=changes.get(a.pk), act=act)
            for a in going_on
        ),
    ]


@transaction.atomic
def expire(*, subscription: Subscription, act: Act) -> list[SeatChange]:
    """
    Let an active subscription end with its term; a base's live add-ons end with it.

    The fact belongs to the term's last day and changes no billable seat: the term's end
    already bounds what is charged, so `billable_seats` stays what it was on that day.

    :raises NotInThatState: if it is not active
    :raises DayIsBefore: if the term is not over on `act.on`
    """
    family = lock_family(subscription, act=act)
    require_state(family.subscription, State.ACTIVE)
    return _end([family.subscription, *(a for a in family.add_ons if a.is_live)], act=act)


def _end(members: list[Subscription], *, act: Act) -> list[SeatChange]:
    """Expire the active ones and cancel the suspended, as their terms are over."""
    return [
        cancel_one(member, reason="", act=act)
        if member.state == State.SUSPENDED
        else _expire_one(member, act=act)
        for member in members
    ]


def _fits(add_on: Subscription, base_offer: Offer | None) -> bool:
    """Tell whether an add-on may be added to what its base will be; no base named means any."""
    assert add_on.offer is not None, "subscriptions_csp_has_its_partner_and_offer"
    allowed = set(add_on.offer.add_on_to.values_list("pk", flat=True))
    return base_offer is not None and (not allowed or base_offer.pk in allowed)


def _renew_one(
    old: Term, *, base_term: Term | None, change: ScheduledChange | None, act: Act
) -> Term:
    member = old.subscription
    starts_on = old.ends_on
    seats_before = member.seats
    duration = (change.duration if change else "") or old.duration
    duration = base_term.duration if base_term else duration
    ends_on = base_term.ends_on if base_term else add_months(starts_on, DURATION_MONTHS[duration])
    before = {"starts_on": member.starts_on, "ends_on": member.ends_on, "seats": member.seats}
    if change:
        _apply(change, member, act=act)
    term = Term.objects.create(
        subscription=member,
        number=old.number + 1,
        duration=duration,
        anchor_on=base_term.anchor_on if base_term else starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
        opening_seats=member.seats,
        billable_seats=member.seats,
    )
    member.starts_on, member.ends_on = starts_on, ends_on
    store(member, "starts_on", "ends_on", "seats", "offer", "title")
    append(
        term=term,
        kind=FactKind.RENEWED,
        effective_on=starts_on,
        seats_before=seats_before,
        billable_delta=0,
        act=act,
    )
    record(
        subscription=member,
        act=act,
        action="renewed",
        summary=f"{member.title}: renewed with {member.seats} seats until {term.period.last_day}",
        before=before,
        after={"starts_on": starts_on, "ends_on": ends_on, "seats": member.seats},
    )
    return term


def _apply(change: ScheduledChange, member: Subscription, *, act: Act) -> None:
    """Take over seats and offer; whoever lost no licence keeps it, so assigned seats stay."""
    asked = change.seats if change.seats is not None else member.seats
    member.seats = max(asked, member.assigned_seats)
    if change.offer is not None:
        member.offer, member.title = change.offer, change.offer.title
    remark = (
        _("Renewed with %(seats)d seats instead of %(asked)d: that many are assigned.")
        % {"seats": member.seats, "asked": asked}
        if member.seats > asked
        else ""
    )
    close(change, Outcome.APPLIED, remark=remark, act=act)


def _expire_one(member: Subscription, *, act: Act) -> SeatChange:
    term = latest_term(member)
    if act.on < term.ends_on:
        raise DayIsBefore(term.ends_on)
    member.state = State.EXPIRED
    store(member, "state")
    close_open(member, Outcome.LAPSED, remark=_("The subscription expired."), act=act)
    cancellation_requests.lapse(member, act=act)
    change = append(
        term=term,
        kind=FactKind.EXPIRED,
        effective_on=term.period.last_day,
        seats_before=member.seats,
        billable_delta=0,
        act=act,
    )
    record(
        subscription=member,
        act=act,
        action="expired",
        summary=f"{member.title}: expired with its term on {term.period.last_day}",
        before={"state": State.ACTIVE.value},
        after={"state": State.EXPIRED.value},
    )
    return change
