"""
The customer's way through a recommendation: open the link, sign in or up, see the price, buy.

As with invitations no GET buys anything: the link puts the recommendation into a signed
cookie and its token out of the address. The cookie survives signing in, up and out.
"""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from csp_portal.shared import clock
from tenants.held_links import HeldLink, LinkKind, drop_link, held_link, hold_link
from tenants.http import PortalRequest, act_of, tenant_of
from tenants.models import Membership
from tenants.permissions import acting_tenant, open_to_anyone, requires
from tenants.roles import Action

from ..models import Quote, Recommendation
from ..permissions import get_quote
from ..queries.basket import basket_of
from ..queries.paid_twice import held_beside
from ..queries.recommendations import (
    fingerprint_of,
    items_of,
    recommendation_with_fingerprint,
    recommendation_with_token,
)
from ..services import baskets, orders
from ..services import recommendations as service
from .refusals import REFUSALS, words_of

SEEN_KEY = "seen_recommendation"
STATUS = {"unknown": 404, "expired": 410, "withdrawn": 410, "bought": 410, "elsewhere": 410}
OVER = frozenset(STATUS.values())
ON_HOLD = 409
MOST_QUOTES = 10


@open_to_anyone
@never_cache
@require_safe
def open_recommendation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link leads. Changes nothing; a dead link is answered here."""
    found = recommendation_with_token(token)
    state = found.state_on(clock.today()) if found else "unknown"
    if found is None or state in STATUS:
        response = _reason(request, state, found)
    else:
        response = redirect("billing:answer-recommendation")
        public_id = str(found.public_id)
        hold_link(response, HeldLink(LinkKind.RECOMMENDATION, public_id, fingerprint_of(found)))
    response["Referrer-Policy"] = "no-referrer"
    return response


@open_to_anyone
@never_cache
@require_safe
def answer_recommendation(request: HttpRequest) -> HttpResponse:
    """Show what is recommended, to whoever may buy it; to others why they cannot."""
    found = _at_hand(request)
    if found is None:
        return _reason(request, "unknown", None)
    response = _answer(cast("PortalRequest", request), found)
    if request.user.is_authenticated and response.status_code in OVER:
        # it is over: the next sign-in leads home, and a reload still says why
        request.session[SEEN_KEY] = [str(found.public_id), fingerprint_of(found)]
        drop_link(response)
    return response


def _answer(request: PortalRequest, found: Recommendation) -> HttpResponse:
    if not request.user.is_authenticated:
        return _page(request, "anonymous", found)
    tenant = tenant_of(request)
    may_buy = request.membership is not None and request.membership.may(Action.BUY)
    if tenant is None or not may_buy:
        return _page(request, "not_admin", found, status=403)
    try:
        service.note_opened(recommendation=found, tenant=tenant, act=act_of(request))
    except service.RecommendationNotOpen as refusal:
        return _reason(request, refusal.state, found, text=str(refusal))
    return _page(request, "offer", found)


@requires(Action.BUY)
@require_POST
def quote_recommended(request: PortalRequest) -> HttpResponse:
    """Price the ticked items; the next page shows every number and asks once more."""
    found = _at_hand(request)
    if found is None:
        raise Http404
    ticked = set(request.POST.getlist("item"))
    items = [each for each in items_of(found) if str(each.position) in ticked]
    if not items:
        messages.error(request, _("Choose at least one offer to buy."))
        return redirect("billing:answer-recommendation")
    try:
        made = baskets.quote_items(items=items, tenant=acting_tenant(request), act=act_of(request))
    except REFUSALS as refusal:
        messages.error(request, _("Nothing was bought. %s") % words_of(refusal))
        return redirect("billing:answer-recommendation")
    return redirect(_basket_url(made))


@requires(Action.BUY)
@require_safe
def recommended_basket(request: PortalRequest) -> HttpResponse:
    quotes = _quotes(request, request.GET.getlist("q"))
    basket = basket_of(quotes, organisation=acting_tenant(request), at=act_of(request).at)
    context = {"basket": basket, "does_already": [] if basket.is_ordered else held_beside(quotes)}
    return render(request, "billing/recommendations/basket.html", context)


@requires(Action.BUY)
@require_POST
def confirm_recommended(request: PortalRequest) -> HttpResponse:
    """Buy all of the basket or nothing, at the prices shown."""
    quotes = _quotes(request, request.POST.getlist("q"))
    if not quotes:
        raise Http404
    try:
        placed = baskets.confirm_all(quotes=quotes, act=act_of(request))
    except (orders.QuoteExpired, orders.QuoteStale):
        messages.warning(
            request, _("Nothing was bought: the price was no longer valid. Ask for it again.")
        )
        return redirect("billing:answer-recommendation")
    except REFUSALS as refusal:
        messages.error(request, _("Nothing was bought. %s") % words_of(refusal))
        return redirect("billing:answer-recommendation")
    text = _("Bought from the vendor: %(titles)s.")
    titles = ", ".join(order.subscription.title for order in placed)
    messages.success(request, text % {"titles": titles})
    response = redirect("home:my-subscriptions")
    drop_link(response)
    return response


def _quotes(request: PortalRequest, ids: list[str]) -> list[Quote]:
    try:
        return [get_quote(request, UUID(each)) for each in ids[:MOST_QUOTES]]
    except ValueError as error:
        raise Http404 from error


def _at_hand(request: HttpRequest) -> Recommendation | None:
    """Return the recommendation this browser holds, or the one this session saw end."""
    held = held_link(request, LinkKind.RECOMMENDATION)
    if held is not None:
        return recommendation_with_fingerprint(held.public_id, held.fingerprint)
    seen = request.session.get(SEEN_KEY)
    return recommendation_with_fingerprint(*seen) if seen else None


def _basket_url(quotes: list[Quote]) -> str:
    query = urlencode([("q", str(quote.public_id)) for quote in quotes])
    return f"{reverse('billing:recommended-basket')}?{query}"


def _page(
    request: HttpRequest, name: str, found: Recommendation, *, status: int = 200
) -> HttpResponse:
    context = {
        "recommendation": found,
        "partner": found.partner,
        "items": items_of(found),
        "elsewhere": _where_they_may_buy(request),
    }
    return render(request, f"billing/recommendations/{name}.html", context, status=status)


def _where_they_may_buy(request: HttpRequest) -> list[Membership]:
    """Return the person's other workspaces in which they could buy it."""
    portal_request = cast("PortalRequest", request)
    return [
        membership
        for membership in portal_request.memberships
        if membership != portal_request.membership and membership.may(Action.BUY)
    ]


def _reason(
    request: HttpRequest, state: str, found: Recommendation | None, *, text: str = ""
) -> HttpResponse:
    words = text or (
        str(service.RecommendationNotOpen(state))
        if found
        else _("The link may be incomplete. Open it from the partner's letter again.")
    )
    status = ON_HOLD if state == "on_hold" else STATUS.get(state, 403)
    context = {"words": words, "recommendation": found}
    return render(request, "billing/recommendations/reason.html", context, status=status)
