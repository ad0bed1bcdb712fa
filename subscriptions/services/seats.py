from django.db import transaction
from django.utils.translation import gettext as _

from relationships.services.standing import require_may_sell
from tenants.acts import Act

from ..domain.lifecycle import FactKind, State
from ..models import Offer, SeatChange, Subscription
from .errors import (
    NothingChanges,
    NotInThatState,
    OnlyAtRenewal,
    SeatsBelowAssigned,
    TrialIsFixed,
)
from .facts import append, lock_family, record, require_not_frozen, require_state, running_term
from .offer_rules import require_prerequisite
from .owners import store
from .provisioning import require_seats_in_range


@transaction.atomic
def change_seats(
    *, subscription: Subscription, seats: int, reason: str = "", act: Act
) -> SeatChange:
    """
    Set the purchased seats of an active subscription from `act.on`, until its term ends (R15).

    A suspended one is refused: its seats are not billable, so nobody could see what the
    change costs. Reactivate it first.

    :raises TrialIsFixed: if it is a trial
    :raises NothingChanges: if it has that many already
    :raises SellingRefused: if there would be more and the partner may sell nothing new
    :raises QuantitiesFrozen: while a transfer of the customer is to be decided
    :raises SeatsOutOfRange: by the offer's limits
    :raises MissingPrerequisite: if there would be more, by the offer matrix
    :raises SeatsBelowAssigned: if fewer than are assigned to users
    :raises OnlyAtRenewal: if the offer's seats are not reduced before
    :raises NotInThatState, NoRunningTerm, DayIsBefore: see `facts`
    """
    locked = lock_family(subscription, act=act).subscription
    if locked.state == State.SUSPENDED:
        raise NotInThatState(
            _("%(title)s is suspended: reactivate it first, then change its seats.")
            % {"title": locked.title}
        )
    require_state(locked, State.ACTIVE)
    require_not_frozen(locked.tenant, locked.partner, act=act)
    term = running_term(locked, act.on)
    if locked.is_trial:
        raise TrialIsFixed
    before = locked.seats
    if seats == before:
        raise NothingChanges
    if seats > before and locked.partner is not None:
        require_may_sell(partner=locked.partner, customer=locked.tenant, on=act.on)
    offer = _offer(locked)
    require_seats_in_range(offer, seats)
    if seats > before:
        require_prerequisite(offer=offer, tenant=locked.tenant)
    if seats < locked.assigned_seats:
        raise SeatsBelowAssigned(locked.assigned_seats)
    if seats < before and offer.seat_reduction == Offer.SeatReduction.AT_RENEWAL:
        raise OnlyAtRenewal(term.ends_on)
    locked.seats = seats
    store(locked, "seats")
    change = append(
        term=term,
        kind=FactKind.SEATS,
        effective_on=act.on,
        seats_before=before,
        billable_delta=seats - before,
        reason=reason,
        act=act,
    )
    record(
        subscription=locked,
        act=act,
        action="seats",
        summary=f"{locked.title}: seats {before} → {seats}",
        before={"seats": before},
        after={"seats": seats},
    )
    return change


def _offer(subscription: Subscription) -> Offer:
    assert subscription.offer is not None, "subscriptions_csp_has_its_partner_and_offer"
    return subscription.offer
