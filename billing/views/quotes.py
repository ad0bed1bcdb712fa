"""The quote page, and confirming what it says."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from csp_portal import charts
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..models import Order, Quote
from ..permissions import get_quote
from ..queries import quote_words
from ..queries.consequences import add_ons_that_follow, consequences_of
from ..queries.locked_prices import price_source_of
from ..queries.paid_twice import paid_beside
from ..queries.quote_summary import Difference, QuoteSummary, differences, summary_of
from ..services import orders, quotes
from .destinations import comes_from_panel, own_subscriptions, to_panel
from .refusals import REFUSALS, words_of

# Security: re-authentication within 5 minutes for suspending and cancelling.
NEEDS_FRESH_SIGN_IN = {Quote.QuoteKind.SUSPEND, Quote.QuoteKind.CANCEL}


@requires(Action.ORDER, Action.CHANGE_SERVICE, Action.BUY)
@require_http_methods(["GET", "POST"])
def quote(request: PortalRequest, quote_id: UUID) -> HttpResponse:
    """Show every number before the click. A POST asks for the same at today's price."""
    shown = get_quote(request, quote_id)
    if request.method == "POST":
        return _priced_anew(request, shown)
    act, tenant = act_of(request), acting_tenant(request)
    summary = summary_of(shown, organisation=tenant)
    order = Order.objects.filter(quote=shown).select_related("placed_by", "subscription").first()
    context = {
        "quote": shown,
        "customer": shown.tenant,
        "own": shown.partner is None,
        "summary": summary,
        "order": order,
        "is_expired": order is None and act.at >= shown.expires_at,
        "title": quote_words.title_of(shown, summary),
        "button": quote_words.button_of(shown, summary),
        "done": quote_words.done_in_words(shown, summary),
        "chart": _period_chart(summary),
        "changed": _what_changed(request, shown),
        "back": _asked_on(shown),
        "renews": _renews(shown, summary),
        "price_source": price_source_of(shown),
        "is_danger": shown.kind in NEEDS_FRESH_SIGN_IN,
        **_consequences(shown),
        **paid_beside(shown),
    }
    return render(request, "billing/quote.html", context)


@requires(Action.ORDER, Action.CHANGE_SERVICE, Action.BUY)
@require_POST
def confirm_quote(request: PortalRequest, quote_id: UUID) -> HttpResponse:
    """Order what the quote says, once, however often it is sent."""
    asked = get_quote(request, quote_id)
    if asked.kind in NEEDS_FRESH_SIGN_IN:
        return with_fresh_sign_in(_confirm)(request, asked)
    return _confirm(request, asked)


def _confirm(request: PortalRequest, asked: Quote) -> HttpResponse:
    try:
        order = orders.confirm(quote=asked, act=act_of(request))
    except (orders.QuoteExpired, orders.QuoteStale):
        return _priced_anew(request, asked)
    except REFUSALS as refusal:
        messages.error(request, _("Nothing was changed. %s") % words_of(refusal))
        return redirect("billing:quote", asked.public_id)
    summary = summary_of(asked, organisation=acting_tenant(request))
    messages.success(request, quote_words.done_in_words(asked, summary))
    if asked.partner is None:
        return redirect(own_subscriptions(panel=order.subscription.public_id))
    return to_panel(asked.tenant, panel=order.subscription.public_id)


def _priced_anew(request: PortalRequest, old: Quote) -> HttpResponse:
    """Make the same quote again, for today; its page says what is different."""
    try:
        new = quotes.quote(
            kind=old.kind,
            partner=old.partner,
            tenant=old.tenant,
            subscription=old.subscription,
            act=act_of(request),
            **_choices(old),
        )
    except REFUSALS as refusal:
        messages.error(request, _("Nothing was changed. %s") % words_of(refusal))
        return redirect(_asked_on(old))
    if comes_from_panel(request) and old.subscription:
        return to_panel(
            old.tenant,
            panel=old.subscription.public_id,
            quote=new.public_id,
            was=old.public_id,
        )
    url = reverse("billing:quote", args=[new.public_id])
    return redirect(f"{url}?was={old.public_id}")


def _choices(old: Quote) -> dict[str, Any]:
    """Return what was typed for `old`, as `services.quotes.quote` takes it."""
    choices: dict[str, Any] = {
        "seats": old.request.seats if old.request else old.seats,
        "reason": old.reason,
        "request": old.request,
    }
    if old.offer:
        choices |= {
            "offer": old.offer,
            "base": old.base,
            "segment": old.segment,
            "duration": old.duration,
            "plan": old.plan,
        }
    return choices


def _what_changed(request: PortalRequest, shown: Quote) -> list[Difference] | None:
    """Compare with the quote that this one replaces, named in the address; None without one."""
    if "was" not in request.GET:
        return None
    try:
        old = get_quote(request, UUID(request.GET["was"]))
    except (ValueError, Http404, PermissionDenied):
        return None
    if (old.kind, old.tenant_id, old.subscription_id, old.offer_id) != (
        shown.kind,
        shown.tenant_id,
        shown.subscription_id,
        shown.offer_id,
    ):
        return None
    return differences(old, shown, organisation=acting_tenant(request))


def _asked_on(shown: Quote) -> str:
    """Return the page that the quote was asked for on."""
    if shown.partner is None:
        return _asked_on_own(shown)
    if shown.subscription is None:
        return reverse("billing:order", args=[shown.tenant.public_id])
    page = "change-seats" if shown.kind == Quote.QuoteKind.SEATS else shown.kind
    return reverse(f"billing:{page}", args=[shown.subscription.public_id])


def _asked_on_own(shown: Quote) -> str:
    """Return the customer's own page that the quote was asked for on."""
    if shown.subscription is None:
        return reverse("billing:shop")
    page = "own-seats" if shown.kind == Quote.QuoteKind.SEATS else "own-cancel"
    return reverse(f"billing:{page}", args=[shown.subscription.public_id])


def _consequences(shown: Quote) -> dict[str, Any]:
    """Return what the change brings along; a customer's own page has said the rest before."""
    kind, subscription = shown.kind, shown.subscription
    if subscription is None or kind == Quote.QuoteKind.SEATS:
        return {}
    add_ons = add_ons_that_follow(kind=kind, subscription=subscription)
    if shown.partner is None:
        return {"add_ons": add_ons}
    words = consequences_of(kind=kind, subscription=subscription, on=shown.on)
    return {"consequences": words, "add_ons": add_ons}


def _renews(shown: Quote, summary: QuoteSummary) -> bool:
    """Tell whether the subscription will renew after its term, if the quote is confirmed."""
    if shown.kind in NEEDS_FRESH_SIGN_IN or summary.renews_on is None:
        return False
    return shown.subscription is None or shown.subscription.auto_renew


def _period_chart(summary: QuoteSummary) -> str:
    line = summary.first_line
    if line is None:
        return ""
    title = _("%(days)s of %(divisor)s days of the billing period") % {
        "days": line.days,
        "divisor": line.divisor,
    }
    return charts.span(line.days, line.divisor, title=title)
