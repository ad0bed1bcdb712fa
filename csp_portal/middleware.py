"""The portal's own steps around every request, in the order of settings.MIDDLEWARE."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string

from csp_portal.shared import clock
from tenants.http import PortalRequest
from tenants.models import Membership
from tenants.roles import PARTNER_ROLES, Role

GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
PERMISSIONS_POLICY = "geolocation=(), microphone=(), camera=(), payment=(), usb=()"

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}

# Views of others that the access middleware lets through: they have their own checks, and
# the permission matrix covers their URLs.
GUARDED_ELSEWHERE = ("allauth.", "django.contrib.admin.", "django.contrib.staticfiles.")


class _Middleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response


class StrictHeadersMiddleware(_Middleware):
    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            headers.setdefault("Cache-Control", "no-store")
        return response


class BadInputMiddleware(_Middleware):
    """Stop NUL in a path, query or form: PostgreSQL refuses it, which would be a 500."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or _has_nul(request.GET.lists()):
            return self._refuse()
        if (
            request.method == "POST"
            and request.content_type in FORM_TYPES
            and _has_nul(request.POST.lists())
        ):
            return self._refuse()
        return self.get_response(request)

    @staticmethod
    def _refuse() -> HttpResponse:
        return HttpResponseBadRequest(render_to_string("400.html"))


def _has_nul(lists: Any) -> bool:
    return any("\x00" in key or any("\x00" in value for value in values) for key, values in lists)


class ClockMiddleware(_Middleware):
    """Pin the clock to the day a demo session chose, for this request only."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get("demo_today") if settings.DEMO else None
        pin = clock.pinned_to(date.fromisoformat(chosen)) if chosen else nullcontext()
        with pin:
            return self.get_response(request)


class WorkspaceMiddleware(_Middleware):
    """
    Attach the memberships of the person, read anew for every request, and the chosen one.

    The session only remembers the choice; a membership that was removed is gone at once.
    Somebody whose every membership is disabled is signed out, and told why.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        portal_request = cast("PortalRequest", request)
        portal_request.memberships = []
        portal_request.membership = None
        if request.user.is_authenticated:
            memberships = list(Membership.objects.of_user(portal_request.user))
            if not memberships and self._is_disabled(portal_request):
                logout(request)
                return redirect("account_inactive")
            chosen = request.session.get("workspace")
            portal_request.memberships = memberships
            portal_request.membership = next(
                (m for m in memberships if str(m.public_id) == chosen),
                memberships[0] if memberships else None,
            )
        return self.get_response(request)

    @staticmethod
    def _is_disabled(request: PortalRequest) -> bool:
        return (
            not request.user.is_staff
            and Membership.objects.filter(user=request.user, disabled_at__isnull=False).exists()
        )


class AccessMiddleware(_Middleware):
    """Deny by default: a view that declares no access answers 403."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, _request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> None:
        if hasattr(view, "access") or view.__module__.startswith(GUARDED_ELSEWHERE):
            return
        raise PermissionDenied


class RequireMfaMiddleware(_Middleware):
    """Send people with a say over others to set up a second factor before anything else."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MFA_REQUIRED and self._must_enrol(request):
            return redirect("mfa_index")
        return self.get_response(request)

    @staticmethod
    def _must_enrol(request: HttpRequest) -> bool:
        if not request.user.is_authenticated or request.path.startswith(
            ("/accounts/", "/static/", "/healthz", "/readyz")
        ):
            return False
        roles: set[Role] = set()
        for membership in cast("PortalRequest", request).memberships:
            roles |= membership.role_set
        needs = request.user.is_staff or bool(roles & (PARTNER_ROLES | {Role.TENANT_ADMIN}))
        return needs and not is_mfa_enabled(request.user)


class SessionAgeMiddleware(_Middleware):
    """End a session after 30 idle minutes, or 8 hours in any case."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(clock.real_now().timestamp())
            started = request.session.setdefault("signed_in_at", now)
            seen = request.session.get("seen_at", now)
            if (
                now - seen > settings.SESSION_IDLE_SECONDS
                or now - started > settings.SESSION_ABSOLUTE_SECONDS
            ):
                logout(request)
                return redirect(f"{settings.LOGIN_URL}?next={request.path}")
            if now - seen > 60 or "seen_at" not in request.session:  # noqa: PLR2004 -- one write a minute
                request.session["seen_at"] = now
        return self.get_response(request)
