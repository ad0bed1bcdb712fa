from datetime import date

from django.db import transaction

from csp_portal.shared.dates import add_months
from relationships.models import Relationship
from relationships.services.standing import require_may_sell
from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..domain.channels import Channel
from ..domain.lifecycle import DURATION_MONTHS, FactKind, State
from ..models import Offer, SeatChange, Subscription, Term
from ..queries.selling import is_first_order
from .add_ons import base_term_of
from .errors import (
    AskYourPartner,
    NoActiveRelationship,
    NotForSale,
    SeatsOutOfRange,
    TenantIsSyndicated,
)
from .facts import append, lock_tenant, record, require_not_frozen
from .offer_rules import require_by_matrix


@transaction.atomic
def provision(
    *,
    partner: Partner,
    tenant: Tenant,
    offer: Offer,
    seats: int,
    duration: str,
    base: Subscription | None = None,
    act: Act,
) -> SeatChange:
    """
    Start a new CSP subscription on `act.on`; whatever else the tenant holds stays as it is.

    The term starts that day. An add-on is coterminous with `base` (R15): it ends with the
    base's term, its billing periods are the base's, and it has the base's duration.

    :raises AskYourPartner: if the customer itself asks (R10)
    :raises TenantIsSyndicated: R8
    :raises NoActiveRelationship: if `partner` may not sell to `tenant`
    :raises SellingRefused: if the partner may sell nothing new, see `require_may_sell`
    :raises QuantitiesFrozen: while a transfer of the customer is to be decided
    :raises NotForSale: if the offer is a draft, withdrawn or a trial (R11)
    :raises SeatsOutOfRange: by the offer's limits
    :raises NotInMatrix, NotSoldInCountry, MissingPrerequisite, CustomerLimitReached: by the
        offer matrix
    :raises AddOnNeedsBase: if an add-on has no fitting active base, or a base is no use
    """
    locked = lock_tenant(tenant.pk)
    if act.organisation is not None and act.organisation.pk == locked.pk:
        raise AskYourPartner(partner.tenant.name)
    relationship = (
        Relationship.objects.active()
        .filter(partner=partner, customer=locked)
        .select_related("reseller")
        .first()
    )
    if relationship is None:
        if Subscription.objects.live().filter(tenant=locked, channel=Channel.SYNDICATION).exists():
            raise TenantIsSyndicated
        raise NoActiveRelationship
    require_may_sell(
        partner=partner,
        customer=locked,
        on=act.on,
        is_first_order=is_first_order(partner=partner, tenant=locked),
    )
    require_not_frozen(locked, partner, act=act)
    if not Offer.objects.for_sale().filter(pk=offer.pk).exists():
        raise NotForSale(offer.title)
    require_seats_in_range(offer, seats)
    require_by_matrix(offer=offer, tenant=locked, channel=Channel.CSP)
    base_term = base_term_of(
        offer=offer, base=base, tenant=locked, partner=partner, duration=duration, act=act
    )
    ends_on = base_term.ends_on if base_term else term_end(act.on, duration)
    subscription = Subscription.objects.create(
        tenant=locked,
        channel=Channel.CSP,
        offer=offer,
        title=offer.title,
        partner=partner,
        reseller=relationship.reseller,
        base=base,
        state=State.ACTIVE,
        seats=seats,
        starts_on=act.on,
        ends_on=ends_on,
        created_at=act.at,
    )
    anchor_on = base_term.anchor_on if base_term else act.on
    return begin(subscription=subscription, duration=duration, anchor_on=anchor_on, act=act)


def term_end(starts_on: date, duration: str) -> date:
    return add_months(starts_on, DURATION_MONTHS[duration])


def begin(*, subscription: Subscription, duration: str, anchor_on: date, act: Act) -> SeatChange:
    """Start the first term of a subscription that was just made: its seats are a fact."""
    assert subscription.ends_on is not None  # its maker gave it the term's end
    term = Term.objects.create(
        subscription=subscription,
        number=1,
        duration=duration,
        anchor_on=anchor_on,
        starts_on=subscription.starts_on,
        ends_on=subscription.ends_on,
        opening_seats=0,
        billable_seats=0,
    )
    seats = subscription.seats
    change = append(
        term=term,
        kind=FactKind.ORDERED,
        effective_on=act.on,
        seats_before=0,
        billable_delta=seats,
        act=act,
    )
    record(
        subscription=subscription,
        act=act,
        action="ordered",
        summary=f"{subscription.title}: {seats} seats ordered, until {term.period.last_day}",
        before={},
        after={"seats": seats, "starts_on": term.starts_on, "ends_on": term.ends_on},
    )
    return change


def require_seats_in_range(offer: Offer, seats: int) -> None:
    """
    Refuse a number of seats that the offer does not come with.

    :raises SeatsOutOfRange: with the offer's limits
    """
    if not offer.seat_minimum <= seats <= offer.seat_maximum:
        raise SeatsOutOfRange(offer.seat_minimum, offer.seat_maximum)
