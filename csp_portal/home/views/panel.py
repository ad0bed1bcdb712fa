"""The side panel of a subscription: what it is, and for who sells it what can be done."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms.changes import SeatsForm
from billing.models import Quote
from billing.permissions import get_quote
from billing.queries.quote_summary import summary_of
from billing.queries.quote_words import button_of, seats_changed
from csp_portal import charts
from relationships.models import Relationship, Transfer
from relationships.queries.transfers import transfer_notice
from relationships.services.standing import SellingRefused
from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import State
from subscriptions.models import ScheduledChange, Subscription
from subscriptions.queries import history_of
from subscriptions.services.cancellation_requests import open_request
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, acting_tenant
from tenants.roles import Action

from ..queries.facts import fact_in_words
from ..queries.own_moves import own_moves, own_words
from ..queries.subscription_page import Row
from .common import may

# What can be done in a state: URL name, label, icon, kind of button.
MOVES = {
    State.ACTIVE: (
        ("billing:suspend", gettext_lazy("Suspend"), "pause", "outline"),
        ("billing:cancel", gettext_lazy("Cancel the subscription"), "dismiss", "quiet"),
    ),
    State.SUSPENDED: (
        ("billing:reactivate", gettext_lazy("Reactivate"), "play", "primary"),
        ("billing:cancel", gettext_lazy("Cancel the subscription"), "dismiss", "quiet"),
    ),
}


def moves_of(row: Row) -> list[tuple[str, Any, str, str]]:
    """Return where its state can be changed: address, label, icon and kind of button."""
    return [
        (reverse(name, args=[row.subscription.public_id]), label, icon, kind)
        for name, label, icon, kind in MOVES.get(State(row.subscription.state), ())
    ]


def panel_of(
    request: PortalRequest, rows: list[Row], *, refusal: SellingRefused | None = None
) -> dict[str, Any]:
    """
    Return what the open side panel shows, `?panel=` naming one of the rows.

    `refusal` is what stops the acting partner from selling to the customer.
    """
    asked = request.GET.get("panel")
    row = next((r for r in rows if str(r.subscription.public_id) == asked), None)
    if row is None:
        return {"panel": None}
    subscription = row.subscription
    context: dict[str, Any] = {"panel": row}
    if subscription.tenant_id == acting_tenant(request).pk:
        context |= _own(request, row)
    elif subscription.is_trial and subscription.is_live and may(request, Action.ORDER):
        context |= _converting(request, subscription)
    context["panel_add_ons"] = [r for r in rows if r.subscription.base_id == subscription.pk]
    if not subscription.is_csp:
        return context
    if row.sees_all:
        facts = history_of(subscription)[:5]
        context["history"] = [(change, fact_in_words(change)) for change in facts]
        waiting = ScheduledChange.objects.open().filter(subscription=subscription)
        context["waiting"] = waiting.select_related("offer", "created_by").first()
    if row.is_locked or row.is_resold:
        return context
    context |= {"moves": moves_of(row), "is_suspended": subscription.state == State.SUSPENDED}
    if not may(request, Action.ORDER):
        return context
    notice = _transfer_notice(request, row)
    frozen, context = notice.get("frozen"), context | notice
    if frozen is not None:
        context["moves"] = [move for move in context["moves"] if move[0] != _cancelling(row)]
    quote = _quote_of_panel(request, row) if frozen is None else None
    context["can_change_seats"] = subscription.state == State.ACTIVE and frozen is None
    context["seats_refusal"] = refusal
    context["seats_form"] = SeatsForm(
        initial={"seats": quote.seats if quote and quote.seats else subscription.seats},
        subscription=subscription,
    )
    return context | (_quote_context(request, quote) if quote else {})


def _converting(request: PortalRequest, trial: Subscription) -> dict[str, Any]:
    """Return the partner's open proposal for a trial, or where it makes one (R11)."""
    partner = acting_partner(request)
    open_ones = trial.conversions.filter(partner=partner, answer="")
    if (proposed := open_ones.select_related("offer", "created_by").first()) is not None:
        return {"proposed": proposed}
    transacted = Relationship.objects.active().filter(partner=partner, customer=trial.tenant)
    if not transacted.exists():  # its provider sells there
        return {}
    args = [trial.tenant.public_id, trial.public_id]
    return {"convert_url": reverse("billing:convert-trial", args=args)}


def _transfer_notice(request: PortalRequest, row: Row) -> dict[str, Transfer | None]:
    """Return the transfer that stops orders, cancelling and other seats, or is about to move it."""
    if row.is_ended:
        return {}
    return transfer_notice(partner=acting_partner(request), customer=row.subscription.tenant)


def _cancelling(row: Row) -> str:
    return reverse("billing:cancel", args=[row.subscription.public_id])


def _own(request: PortalRequest, row: Row) -> dict[str, Any]:
    """Return what the customer itself may do with it: the words for all, buttons for admins."""
    has_term = row.subscription.terms.exists()
    facts = history_of(row.subscription)[:5]
    context: dict[str, Any] = {
        "own_words": own_words(row, has_term=has_term, may_buy=may(request, Action.BUY)),
        "history": [(change, fact_in_words(change)) for change in facts],
    }
    if row.subscription.channel == Channel.ADVISOR and not row.is_ended:
        context["asked_support"] = open_request(row.subscription)
    if may(request, Action.BUY):
        context["own_moves"] = own_moves(row, has_term=has_term)
        context["can_turn_renewal"] = (
            row.is_customers_own and not row.is_ended and has_term and not row.subscription.is_trial
        )
        if context["can_turn_renewal"]:
            waiting = ScheduledChange.objects.open().filter(subscription=row.subscription)
            context["waiting"] = waiting.select_related("offer").first()
        context["proposals"] = row.subscription.conversions.filter(
            answer="",
            partner__relationships__customer=row.subscription.tenant,
            partner__relationships__ended_on=None,
        ).select_related("partner__tenant", "offer")
    return context


def _quote_of_panel(request: PortalRequest, row: Row) -> Quote | None:
    """Return the open quote for seats that the address names; any other is ignored."""
    try:
        quote = get_quote(request, UUID(request.GET.get("quote", "")))
    except (ValueError, Http404, PermissionDenied):
        return None
    is_open = not hasattr(quote, "order") and quote.expires_at > act_of(request).at
    is_asked_here = (
        quote.kind == Quote.QuoteKind.SEATS and quote.subscription_id == row.subscription.pk
    )
    return quote if is_asked_here and is_open else None


def _quote_context(request: PortalRequest, quote: Quote) -> dict[str, Any]:
    summary = summary_of(quote, organisation=acting_tenant(request))
    line, change = summary.first_line, seats_changed(quote, summary)
    context: dict[str, Any] = {
        "quote": quote,
        "summary": summary,
        "quote_button": button_of(quote, summary),
        "seats_change": abs(change),
        "seats_grow": change > 0,
        "was_repriced": "was" in request.GET,
    }
    if line is None:
        return context
    title = _("%(days)s of %(of)s days remain") % {"days": line.days, "of": line.divisor}
    return context | {
        "quote_line": line,
        "quote_chart": charts.span(line.days, line.divisor, title=title),
    }
