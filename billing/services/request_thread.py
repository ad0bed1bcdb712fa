"""The thread of an order request: each step is kept, logged on both sides and mailed."""

from django.db import transaction

from tenants.acts import Act
from tenants.models import Membership, Tenant
from tenants.roles import Action
from tenants.services import activity

from .. import request_letters
from ..models import OrderRequest, OrderRequestMessage

Event = OrderRequestMessage.Event


def step(
    request: OrderRequest, state: str, event: Event, act: Act, *, text: str = "", what: str = ""
) -> None:
    request.state = state
    request.save(update_fields=["state", "seats", "order"])
    say(request, event, act, text=text, what=what)


def say(request: OrderRequest, event: Event, act: Act, *, text: str = "", what: str = "") -> None:
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
    for tenant in activity.in_order((request.provider.tenant, request.reseller.tenant)):
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
