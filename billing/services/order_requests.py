"""A reseller's order requests to its provider: ask, discuss, change, decline, order."""

from typing import Any

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

from ..models import Order, OrderRequest, OrderRequestMessage, Price, Quote
from .quotes import quote
from .request_refusals import (
    NotAReseller,
    NotRunning,
    RequestNotOpen,
    RequestRefused,
    ResellerChanged,
)
from .request_thread import say, step

__all__ = [
    "NotAReseller",
    "NotRunning",
    "RequestNotOpen",
    "RequestRefused",
    "ResellerChanged",
    "agree",
    "approve",
    "ask_for_offer",
    "ask_for_seats",
    "change",
    "decline",
    "lock_open_request",
    "mark_ordered",
    "withdraw",
    "write",
]

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
    _require_possible(subscription, seats)
    if seats == subscription.seats:
        raise NothingChanges
    if seats > subscription.seats:
        _require_may_order(relationship, act)
    request = OrderRequest(kind=OrderRequest.Kind.SEATS, subscription=subscription, seats=seats)
    return _ask(request, relationship, note, act)


@transaction.atomic
def approve(*, request: OrderRequest, act: Act) -> Quote:
    """
    Price what is asked for, for the provider. Confirming the quote orders it, bound to this.

    :raises RequestNotOpen: if it is not the provider's turn
    :raises ResellerChanged: if somebody else resells to the customer now
    :raises SubscriptionRefused: if the order would be refused, with the reason
    :raises NoPrice: if the list in force does not have the offer on these conditions
    """
    kept = lock_open_request(request)
    conditions: dict[str, Any] = {}
    if kept.offer:
        conditions = {
            "offer": kept.offer,
            "base": kept.base,
            "segment": kept.segment,
            "duration": kept.duration,
            "plan": kept.plan,
        }
    return quote(
        kind=kept.kind,
        partner=kept.provider,
        tenant=kept.tenant,
        subscription=kept.subscription,
        seats=kept.seats,
        request=kept,
        reason=f"Requested by {kept.reseller}",
        act=act,
        **conditions,
    )


@transaction.atomic
def change(*, request: OrderRequest, seats: int, note: str, act: Act) -> None:
    """
    Propose other seats, for the provider. The reseller has to agree before it is ordered.

    :raises RequestNotOpen: if it is not the provider's turn
    :raises NothingChanges: if it asks for so many
    :raises SeatsOutOfRange, SeatsBelowAssigned: by the offer, and by what users have
    """
    kept = _locked_open(request)
    if seats == kept.seats:
        raise NothingChanges
    if kept.subscription:
        _require_possible(kept.subscription, seats)
    elif kept.offer:
        require_seats_in_range(kept.offer, seats)
    what = f"{kept.seats:,} → {seats:,} seats"
    kept.seats = seats
    step(kept, State.CHANGED, Event.CHANGED, act, text=note, what=what)


@transaction.atomic
def agree(*, request: OrderRequest, act: Act) -> None:
    """
    Agree to the provider's change, for the reseller: it is open again.

    :raises RequestNotOpen: if there is no change to agree to
    """
    kept = _locked(request)
    if kept.state != State.CHANGED:
        raise RequestNotOpen(kept)
    step(kept, State.OPEN, Event.AGREED, act)


@transaction.atomic
def decline(*, request: OrderRequest, reason: str, act: Act) -> None:
    """
    Answer no, for the provider, with a reason.

    :raises RequestNotOpen: if it is closed
    """
    step(_unclosed(request), State.DECLINED, Event.DECLINED, act, text=reason)


@transaction.atomic
def withdraw(*, request: OrderRequest, note: str, act: Act) -> None:
    """
    Take it back, for the reseller.

    :raises RequestNotOpen: if it is closed
    """
    step(_unclosed(request), State.WITHDRAWN, Event.WITHDREW, act, text=note)


@transaction.atomic
def write(*, request: OrderRequest, text: str, act: Act) -> None:
    """Add a remark to the thread, for either side, whatever state it is in."""
    kept = _locked(request)
    say(kept, Event.WROTE, act, text=text)


def lock_open_request(request: OrderRequest) -> OrderRequest:
    """
    Return the request, locked, if the provider can order it now.

    :raises RequestNotOpen: if it is not the provider's turn, with what it is instead
    :raises ResellerChanged: if the order would be another reseller's
    """
    kept = _locked_open(request)
    still = Relationship.objects.active().filter(
        partner=kept.provider, reseller=kept.reseller, customer=kept.tenant
    )
    if not still.exists():
        raise ResellerChanged(kept)
    return kept


def mark_ordered(*, request: OrderRequest, order: Order, act: Act) -> None:
    """Bind the order to the request it answers, in the order's transaction."""
    request.order = order
    step(request, State.ORDERED, Event.ORDERED, act)


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


def _locked(request: OrderRequest) -> OrderRequest:
    return (
        OrderRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related(
            *("provider__tenant", "reseller__tenant", "tenant", "created_by"),
            *("offer", "base", "subscription__offer", "subscription__tenant"),
        )
        .get(pk=request.pk)
    )


def _locked_open(request: OrderRequest) -> OrderRequest:
    kept = _locked(request)
    if kept.state != State.OPEN:
        raise RequestNotOpen(kept)
    return kept


def _unclosed(request: OrderRequest) -> OrderRequest:
    kept = _locked(request)
    if kept.is_closed:
        raise RequestNotOpen(kept)
    return kept


def _require_possible(subscription: Subscription, seats: int) -> None:
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
