"""A reseller's order requests to its provider: discuss, change, decline, order."""

from typing import Any

from django.db import transaction

from relationships.models import Relationship
from subscriptions.services.errors import NothingChanges
from subscriptions.services.provisioning import require_seats_in_range
from tenants.acts import Act

from ..models import Order, OrderRequest, OrderRequestMessage, Quote
from .quotes import quote
from .request_asking import ask_for_offer, ask_for_seats, require_possible
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
        require_possible(kept.subscription, seats)
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
