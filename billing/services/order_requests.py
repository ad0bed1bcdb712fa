"""A reseller's order requests to its provider: ask, discuss, change, decline, order."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from relationships.models import Relationship
from subscriptions.models import Subscription
from subscriptions.services.errors import NothingChanges, SeatsBelowAssigned
from subscriptions.services.provisioning import require_seats_in_range
from tenants.acts import Act
from tenants.models import Membership, Tenant
from tenants.roles import Action
from tenants.services import activity

from .. import request_letters
from ..models import Order, OrderRequest, OrderRequestMessage, Price, Quote
from .quotes import quote

Event = OrderRequestMessage.Event
State = OrderRequest.State


class RequestRefused(Exception):
    """Nothing was changed; `str()` says why."""


class RequestNotOpen(RequestRefused):
    def __init__(self, request: OrderRequest) -> None:
        words = {
            State.CHANGED: _("The provider changed this request; its reseller has to agree first."),
            State.ORDERED: _("This request was ordered already."),
            State.DECLINED: _("This request was declined. Send a new one."),
            State.WITHDRAWN: _("This request was withdrawn."),
        }
        text = words.get(State(request.state), _("This request is waiting for the provider."))
        super().__init__(text)


class NotAReseller(RequestRefused):
    def __init__(self) -> None:
        super().__init__(_("You are not the reseller of record of this customer any more."))


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
    :raises SeatsOutOfRange: by the offer's limits
    """
    require_seats_in_range(price.offer, seats)
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

    :raises NotAReseller: if the acting organisation does not resell to this customer
    :raises SeatsOutOfRange: by the offer's limits
    :raises SeatsBelowAssigned: if users have more
    :raises NothingChanges: if it has so many
    """
    if subscription.offer:
        require_seats_in_range(subscription.offer, seats)
    if seats < subscription.assigned_seats:
        raise SeatsBelowAssigned(subscription.assigned_seats)
    if seats == subscription.seats:
        raise NothingChanges
    request = OrderRequest(kind=OrderRequest.Kind.SEATS, subscription=subscription, seats=seats)
    return _ask(request, relationship, note, act)


@transaction.atomic
def approve(*, request: OrderRequest, act: Act) -> Quote:
    """
    Price what is asked for, for the provider. Confirming the quote orders it, bound to this.

    :raises RequestNotOpen: if it is not the provider's turn
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
    """
    kept = lock_open_request(request)
    if seats == kept.seats:
        raise NothingChanges
    offer = kept.offer or (kept.subscription.offer if kept.subscription else None)
    if offer:
        require_seats_in_range(offer, seats)
    what = f"{kept.seats:,} → {seats:,} seats"
    kept.seats = seats
    _step(kept, State.CHANGED, Event.CHANGED, act, text=note, what=what)


@transaction.atomic
def agree(*, request: OrderRequest, act: Act) -> None:
    """
    Agree to the provider's change, for the reseller: it is open again.

    :raises RequestNotOpen: if there is no change to agree to
    """
    kept = _locked(request)
    if kept.state != State.CHANGED:
        raise RequestNotOpen(kept)
    _step(kept, State.OPEN, Event.AGREED, act)


@transaction.atomic
def decline(*, request: OrderRequest, reason: str, act: Act) -> None:
    """
    Answer no, for the provider, with a reason.

    :raises RequestNotOpen: if it is closed
    """
    _step(_unclosed(request), State.DECLINED, Event.DECLINED, act, text=reason)


@transaction.atomic
def withdraw(*, request: OrderRequest, note: str, act: Act) -> None:
    """
    Take it back, for the reseller.

    :raises RequestNotOpen: if it is closed
    """
    _step(_unclosed(request), State.WITHDRAWN, Event.WITHDREW, act, text=note)


@transaction.atomic
def write(*, request: OrderRequest, text: str, act: Act) -> None:
    """Add a remark to the thread, for either side, whatever state it is in."""
    kept = _locked(request)
    _say(kept, Event.WROTE, act, text=text)


def lock_open_request(request: OrderRequest) -> OrderRequest:
    """
    Return the request, locked, if it is the provider's turn.

    :raises RequestNotOpen: with what it is instead
    """
    kept = _locked(request)
    if kept.state != State.OPEN:
        raise RequestNotOpen(kept)
    return kept


def mark_ordered(*, request: OrderRequest, order: Order, act: Act) -> None:
    """Bind the order to the request it answers, in the order's transaction."""
    request.order = order
    _step(request, State.ORDERED, Event.ORDERED, act)


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
    request.save(force_insert=True)
    _say(request, Event.ASKED, act, text=note, what=f"{request.seats:,} seats")
    return request


def _locked(request: OrderRequest) -> OrderRequest:
    return (
        OrderRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related(
            *("provider__tenant", "reseller__tenant", "tenant", "created_by"),
            *("offer", "base", "subscription__offer", "subscription__tenant"),
        )
        .get(pk=request.pk)
    )


def _unclosed(request: OrderRequest) -> OrderRequest:
    kept = _locked(request)
    if kept.is_closed:
        raise RequestNotOpen(kept)
    return kept


def _step(
    request: OrderRequest, state: str, event: Event, act: Act, *, text: str = "", what: str = ""
) -> None:
    request.state = state
    request.save(update_fields=["state", "seats", "order"])
    _say(request, event, act, text=text, what=what)


def _say(request: OrderRequest, event: Event, act: Act, *, text: str = "", what: str = "") -> None:
    """Append to the thread and to both logs, and mail the other side after the commit."""
    message = OrderRequestMessage.objects.create(
        request=request,
        event=event,
        what=what,
        text=text[:1000],
        at=act.at,
        by=act.by,
        acting_for=act.organisation,
    )
    for tenant in (request.provider.tenant, request.reseller.tenant):
        activity.record(
            tenant=tenant,
            act=act,
            action=f"request.{event.value}",
            about=request.public_id,
            summary=_summary(request, event, what),
            after={"seats": request.seats, "state": request.state, "text": text},
        )
    transaction.on_commit(lambda: request_letters.send(message, to=_readers(message)), robust=True)


def _summary(request: OrderRequest, event: Event, what: str) -> str:
    words = {
        Event.ASKED: "asked for",
        Event.WROTE: "wrote about the request for",
        Event.CHANGED: "changed the request for",
        Event.AGREED: "agreed to the change of the request for",
        Event.ORDERED: "ordered as requested:",
        Event.DECLINED: "declined the request for",
        Event.WITHDREW: "withdrew the request for",
    }
    text = f"{words[event]} {request.title}, {request.tenant}"
    return f"{text}: {what}" if what else text


def _readers(message: OrderRequestMessage) -> list[str]:
    """Return who is told: the person who asked, or whoever orders at the provider."""
    request = message.request
    if message.acting_for_id != request.reseller.tenant_id:
        return [request.created_by.email]
    return _people_who_order(request.provider.tenant)


def _people_who_order(provider: Tenant) -> list[str]:
    members = Membership.objects.active().filter(tenant=provider, user__is_active=True)
    return sorted(
        member.user.email
        for member in members.select_related("user", "tenant__partner")
        if member.may(Action.ORDER)
    )
