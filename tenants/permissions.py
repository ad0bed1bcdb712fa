"""
Who may do what. Every view starts here; nothing below the views asks.

A caller who may not see an object gets 404, so that ids cannot be probed; a caller who
may see it but not act on it gets 403. A view without one of these decorators answers
403 to everybody (`csp_portal.middleware.AccessMiddleware`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from csp_portal.shared import clock

from .http import PortalRequest, partner_of
from .models import Partner, Tenant
from .roles import Action

P = ParamSpec("P")
PortalView = Callable[Concatenate[PortalRequest, P], HttpResponse]
DjangoView = Callable[Concatenate[HttpRequest, P], HttpResponse]

ANYONE = "anyone"
SIGNED_IN = "signed in"


def requires(*actions: Action) -> Callable[[PortalView[P]], DjangoView[P]]:
    """
    Let the view run only for a member who may perform one of `actions`.

    A POST must name the workspace its page was rendered in, so that a form of one
    organisation sent after switching to another changes nothing: it gets a 409.
    """

    def decorator(view: PortalView[P]) -> DjangoView[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            portal_request = cast("PortalRequest", request)
            membership = portal_request.membership
            if membership is None or not any(membership.may(action) for action in actions):
                raise PermissionDenied
            if request.method == "POST" and request.POST.get("workspace") != str(
                membership.public_id
            ):
                return render(request, "409.html", status=409)
            return view(portal_request, *args, **kwargs)

        guarded = never_cache(login_required(checked))
        guarded.access = actions  # type: ignore[attr-defined]  # read by AccessMiddleware
        return guarded

    return decorator


def open_to_anyone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that needs no sign-in."""
    opened = login_not_required(view)
    opened.access = ANYONE  # type: ignore[attr-defined]  # read by AccessMiddleware
    return opened


def for_anyone_signed_in(view: PortalView[P]) -> DjangoView[P]:
    """Mark a view that needs a sign-in and no membership."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(cast("PortalRequest", request), *args, **kwargs)

    guarded = never_cache(login_required(checked))
    guarded.access = SIGNED_IN  # type: ignore[attr-defined]  # read by AccessMiddleware
    return guarded


def with_fresh_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    Ask for the password or second factor again before a POST, unless given minutes ago.

    Goes outside `requires`. What was typed is kept and sent again afterwards. Signing in
    counts like giving the password again; allauth alone would count only the latter.
    """
    fresh = reauthentication_required(view)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_fresh = request.method != "POST" or _gave_a_secret_minutes_ago(request)
        return (view if is_fresh else fresh)(request, *args, **kwargs)

    return checked


def _gave_a_secret_minutes_ago(request: HttpRequest) -> bool:
    if not request.user.is_authenticated:
        return False
    oldest = clock.real_now().timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["at"] > oldest for record in records)


def acting_partner(request: PortalRequest) -> Partner:
    """Return the partner the person works for; 404 in a customer's workspace."""
    partner = partner_of(request)
    if partner is None:
        raise Http404
    return partner


def acting_tenant(request: PortalRequest) -> Tenant:
    if request.membership is None:
        raise Http404
    return request.membership.tenant
