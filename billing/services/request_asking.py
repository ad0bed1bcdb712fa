"""A reseller asks its provider: for an offer, or for other seats of what runs."""

from django.db import transaction

from relationships.models import Relationship
from relationships.services.standing import require_may_sell
from subscriptions.domain.lifecycle import State as SubscriptionState
from subscriptions.models import Subscription
from subscriptions.queries.selling import is_first_order
from subscriptions.services.errors import NothingChanges, SeatsBelowAssigned
from subscriptions.services.provisioning import require_seats_in_range
from tenants.acts import Act
from tenants.models import Tenant

from ..models import OrderRequest, OrderRequestMessage, Price
from .request_refusals import NotAReseller, NotRunning
from .request_thread import say

Event = OrderRequestMessage.Event
State = OrderRequest.State


@transaction.atomic
def ask_for_offer(
    *,
    relationship: Relationship,
    price: Price,
    seats: int,
    base: Subscription | None = None,
    note: str = "",
    act: Act,
) -> OrderRequest:
    """
    Ask the provider to order `seats` of the offer and conditions of `price`.

    :raises NotAReseller: if the acting organisation does not resell to this customer
    :raises SellingRefused: if an order would be refused to either of the two
    :raises SeatsOutOfRange: by the offer's limits
    """
    require_seats_in_range(price.offer, seats)
    _require_may_order(relationship, act)
    request = OrderRequest(
        kind=OrderRequest.Kind.NEW,
        offer=price.offer,
        base=base,
        segment=price.segment,
        duration=price.duration,
        plan=price.plan,
        seats=seats,
    )
    return _ask(request, relationship, note, act)


@transaction.atomic
def ask_for_seats(
    *, relationship: Relationship, subscription: Subscription, seats: int, note: str = "", act: Act
) -> OrderRequest:
    """
    Ask the provider to change the seats of what it sold the customer.

    :raises NotAReseller: if the acting organisation does not resell it to this customer
    :raises NotRunning: if it is not active
    :raises SellingRefused: if more seats would be refused to either of the two
    :raises SeatsOutOfRange: by the offer's limits
    :raises SeatsBelowAssigned: if users have more
    :raises NothingChanges: if it has so many
    """
    if (subscription.tenant, subscription.reseller) != (
        relationship.customer,
        relationship.reseller,
    ):
        raise NotAReseller
    if subscription.state != SubscriptionState.ACTIVE:
        raise NotRunning(subscription.title)
    require_possible(subscription, seats)
    if seats == subscription.seats:
        raise NothingChanges
    if seats > subscription.seats:
        _require_may_order(relationship, act)
    request = OrderRequest(kind=OrderRequest.Kind.SEATS, subscription=subscription, seats=seats)
    return _ask(request, relationship, note, act)


def _ask(request: OrderRequest, relationship: Relationship, note: str, act: Act) -> OrderRequest:
    reseller = relationship.reseller
    if reseller is None or act.organisation is None or reseller.tenant != act.organisation:
        raise NotAReseller
    assert act.by is not None, "a request is made by a person"
    request.provider = relationship.partner
    request.reseller = reseller
    request.tenant = relationship.customer
    request.created_at = act.at
    request.created_by = act.by
    if sent := _sent_already(request, note):
        return sent
    request.save(force_insert=True)
    say(request, Event.ASKED, act, text=note, what=f"{request.seats:,} seats")
    return request


def _sent_already(request: OrderRequest, note: str) -> OrderRequest | None:
    """
    Return the same request if the same person sent it and it is open: a button pressed twice.

    Two at once wait for each other on the customer's row.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=request.tenant_id)
    same = {
        field: getattr(request, field)
        for field in (
            *("provider", "reseller", "tenant", "kind", "subscription", "offer", "base"),
            *("segment", "duration", "plan", "seats", "created_by"),
        )
    }
    asked = OrderRequestMessage.objects.filter(event=Event.ASKED, text=note[:1000])
    found = OrderRequest.objects.filter(state=State.OPEN, messages__in=asked, **same)
    return found.order_by("-pk").first()


def require_possible(subscription: Subscription, seats: int) -> None:
    if subscription.offer:
        require_seats_in_range(subscription.offer, seats)
    if seats < subscription.assigned_seats:
        raise SeatsBelowAssigned(subscription.assigned_seats)


def _require_may_order(relationship: Relationship, act: Act) -> None:
    """Refuse what the provider could not order: neither of the two waits for nothing."""
    provider, customer = relationship.partner, relationship.customer
    require_may_sell(
        partner=provider,
        customer=customer,
        on=act.on,
        is_first_order=is_first_order(partner=provider, tenant=customer),
    )
