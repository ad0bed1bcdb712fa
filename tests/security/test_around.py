"""What surrounds every page: headers, bad input, second factors, sessions, the admin's door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from csp_portal.middleware import AccessMiddleware
from csp_portal.shared import clock
from tenants.models import User
from tests import make
from tests.conftest import Browser
from tests.world import World

SignIn = Callable[[User], Browser]
STRICT = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(), payment=(), usb=()",
}


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/admin/login/", "/customers/", "/nowhere/", "/i/AAAA/"]
)
def test_every_answer_has_the_strict_headers(world: World, client: Client, path: str) -> None:
    response = client.get(path)

    assert {name: response.headers.get(name) for name in STRICT} == STRICT


def test_a_signed_in_page_is_stored_nowhere(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.ada).get("/")

    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/?q=%00", "/customers/?q=a%00b", "/accounts/login/?next=%00"])
def test_a_nul_is_refused_before_it_reaches_the_database(
    world: World, sign_in: SignIn, path: str
) -> None:
    assert sign_in(world.ada).get(path).status_code == 400


def test_a_nul_in_a_form_is_refused(world: World, sign_in: SignIn) -> None:
    assert sign_in(world.ada).post("/invitations/new/", {"note": "\x00"}).status_code == 400


def test_a_view_that_declares_no_access_is_refused() -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    middleware = AccessMiddleware(forgotten)

    with pytest.raises(PermissionDenied):
        middleware.process_view(RequestFactory().get("/"), forgotten, (), {})


@pytest.mark.parametrize("name", ["ada", "sam", "helen", "gita", "carl"])
def test_people_with_a_say_over_others_must_set_up_a_second_factor(
    world: World, sign_in: SignIn, settings: Any, name: str
) -> None:
    settings.MFA_REQUIRED = True

    response = sign_in(getattr(world, name)).get("/")

    assert (response.status_code, response["Location"]) == (302, reverse("mfa_index"))


@pytest.mark.parametrize("name", ["bea", "mia"])
def test_readers_and_members_need_no_second_factor(
    world: World, sign_in: SignIn, settings: Any, name: str
) -> None:
    settings.MFA_REQUIRED = True

    assert sign_in(getattr(world, name)).get("/").status_code == 200


@pytest.mark.parametrize(
    ("idle", "age", "stays"),
    [(29 * 60, 3600, True), (31 * 60, 3600, False), (60, 8 * 3600 + 1, False)],
)
def test_a_session_ends_after_30_idle_minutes_or_8_hours(
    world: World, sign_in: SignIn, settings: Any, idle: int, age: int, stays: bool
) -> None:
    settings.MFA_REQUIRED = False
    browser = sign_in(world.ada)
    now = clock.real_now()
    session = browser.session
    session["seen_at"] = int((now - timedelta(seconds=idle)).timestamp())
    session["signed_in_at"] = int((now - timedelta(seconds=age)).timestamp())
    session.save()

    assert (browser.get("/").status_code == 200) is stays


def test_a_removed_membership_is_gone_with_the_next_request(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.MFA_REQUIRED = False
    browser = sign_in(world.sam)
    assert browser.get("/customers/").status_code == 200

    world.sam.memberships.get().delete()

    assert browser.get("/customers/").status_code == 403


def test_a_form_of_another_workspace_changes_nothing(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.MFA_REQUIRED = False
    browser = sign_in(world.ada)
    browser.workspace = str(world.nora.memberships.get().public_id)

    response = browser.post("/invitations/new/", {"has_delegated_admin": "on"})

    assert response.status_code == 409
    assert world.fabrikam.invitations.count() == 0


def admin_lists() -> list[str]:
    """Return the address of every list of the admin."""
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001 -- Django documents _meta
        for model in admin.site._registry  # noqa: SLF001 -- the only list of what is registered
    ]


@pytest.mark.parametrize("name", ["ada", "gita", "carl", "mia"])
def test_the_admin_is_for_operators_only(
    world: World, sign_in: SignIn, settings: Any, name: str
) -> None:
    settings.MFA_REQUIRED = False
    browser = sign_in(getattr(world, name))

    for path in admin_lists():
        assert browser.get(path).status_code in {302, 403, 404}, path


def test_the_admin_has_no_sign_in_of_its_own(world: World, client: Client) -> None:
    response = client.post("/admin/login/", {"username": "x", "password": "y"})

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_an_operator_opens_every_list_of_the_admin(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.MFA_REQUIRED = False
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    browser = sign_in(olga)

    for path in admin_lists():
        assert browser.get(path).status_code == 200, path
