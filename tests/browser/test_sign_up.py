"""Somebody without an account comes through an invitation, and does not lose it on the way."""

import re
import time
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.urls import reverse
from playwright.sync_api import Page, expect

from relationships.models import Relationship
from relationships.services import invitations
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tests import make
from tests.world import World, build_world

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
LENA = {
    "organisation": "Litware Labs GmbH",
    "name": "Lena Vogel",
    "email": "lena@litware.example",
    "password1": "a long way to Jena",
    "password2": "a long way to Jena",
}


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def link_of(world: World) -> str:
    _, token = invitations.invite(partner=world.fabrikam, has_delegated_admin=True, act=world.act())
    return reverse("relationships:open-invitation", args=[token])


def fill_in(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.fill(f"main input[name={name}]", value)
    page.get_by_role("button", name="Create account").click()


def letter_to(address: str) -> EmailMessage:
    """Return the mail, which the server's thread sends when it answers."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for letter in mail.outbox:
            if letter.to == [address]:
                return letter
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address}")


def code_in(letter: EmailMessage) -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(letter.body), re.MULTILINE)
    assert found, letter.body
    return found[1]


def test_from_the_link_over_the_mailed_code_to_a_partner(world: World, visit: Visit) -> None:
    page = visit()
    page.goto(link_of(world))
    page.get_by_role("link", name="Create an account").click()
    fill_in(page, **LENA)

    # a wrong code founds nothing
    page.fill("main input[name=code]", "AAAA-AAAA")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Incorrect code")
    assert not Tenant.objects.filter(domain="litware.example").exists()

    page.fill("main input[name=code]", code_in(letter_to(LENA["email"])))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/invitation/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "Fabrikam Cloud asks to be your CSP partner"
    )
    litware = Tenant.objects.get(domain="litware.example")
    assert litware.name == "Litware Labs GmbH"
    assert Membership.objects.get(tenant=litware).role_set == {Role.TENANT_ADMIN}

    # nobody asks again for the password she has just chosen
    page.get_by_role("button", name="Accept for Litware Labs GmbH").click()
    expect(page.locator("body")).to_contain_text("Fabrikam Cloud is now your CSP partner")
    assert Relationship.objects.get().customer == litware


def test_without_an_invitation_there_is_no_form(world: World, visit: Visit) -> None:
    page = visit()
    page.goto(reverse("account_signup"))

    expect(page.get_by_role("heading", level=1)).to_have_text("An account needs an invitation")
    expect(page.locator("main")).to_contain_text("Open the link in the e-mail you received")
    expect(page.locator("main input")).to_have_count(0)
    assert not User.objects.filter(email=LENA["email"]).exists()


def test_where_the_domain_is_taken_the_admins_can_be_notified(world: World, visit: Visit) -> None:
    page = visit()
    page.goto(link_of(world))
    page.get_by_role("link", name="Create an account").click()
    fill_in(page, **{**LENA, "name": "Nina New", "email": "nina@northwind.example"})

    expect(page.locator("main")).to_contain_text("Your organisation is here already")
    expect(page.locator("main")).to_contain_text(
        "northwind.example belongs to an organisation that is here already."
    )
    expect(page.locator("input[name=organisation]")).to_have_value("Litware Labs GmbH")
    page.get_by_role("button", name="Notify the admins").click()
    expect(page.locator("main")).to_contain_text("The admins of northwind.example have been told.")

    assert "Nina New" in str(letter_to(world.carl.email).body)
    assert not User.objects.filter(email="nina@northwind.example").exists()

    # an admin who sits down at the same browser finds the invitation still there
    page.fill("main input[name=login]", world.carl.email)
    page.fill("main input[name=password]", make.PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_role("button", name="Accept for Northwind Traders")).to_be_visible()
