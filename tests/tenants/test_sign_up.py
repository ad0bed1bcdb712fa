import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from relationships.models import Relationship
from relationships.services import customers, invitations
from tenants.held_links import LINK_COOKIE
from tenants.models import Activity, Membership, Tenant, User
from tenants.roles import Role
from tests import make
from tests.conftest import Browser
from tests.world import World

FORM = {
    "organisation": "Litware Labs GmbH",
    "country": "CH",
    "name": "Lena Vogel",
    "email": "lena@litware.example",
    "password1": "a long way to Jena",
    "password2": "a long way to Jena",
}
SIGN_UP = "/accounts/signup/"
SignIn = Callable[[User], Browser]


@pytest.fixture
def invited(world: World) -> Client:
    """Return a browser that has opened an invitation's link."""
    _, token = invitations.invite(partner=world.fabrikam, has_delegated_admin=True, act=world.act())
    browser = Client()
    browser.get(reverse("relationships:open-invitation", args=[token]))
    return browser


def mailed_code() -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def test_from_an_invitation_to_ones_own_tenant_and_a_partner(world: World, invited: Client) -> None:
    # she types who she is, and gets a code
    signed_up = invited.post(SIGN_UP, FORM)
    assert signed_up.status_code == 302
    assert not Tenant.objects.filter(domain="litware.example").exists()

    # the code proves the mailbox: the organisation is founded, the invitation is still there
    verified = invited.post(signed_up["Location"], {"code": mailed_code()})
    assert verified["Location"] == "/invitation/"
    tenant = Tenant.objects.get(domain="litware.example")
    assert (tenant.name, tenant.country, tenant.currency) == ("Litware Labs GmbH", "CH", "CHF")
    membership = Membership.objects.get(tenant=tenant)
    assert membership.user.get_full_name() == "Lena Vogel"
    assert membership.role_set == {Role.TENANT_ADMIN}
    assert [a.summary for a in Activity.objects.filter(tenant=tenant).order_by("seq")] == [
        "created Litware Labs GmbH (litware.example)",
        "added Lena Vogel as Tenant admin",
    ]

    # she accepts; nobody asks again for the password she has just chosen
    assert "Accept for Litware Labs GmbH" in invited.get("/invitation/").text
    invited.post("/invitation/accept/", {"workspace": str(membership.public_id)})
    assert Relationship.objects.get().customer == tenant


def test_who_must_set_up_a_second_factor_first_finds_the_way_back_to_the_invitation(
    world: World, invited: Client, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    signed_up = invited.post(SIGN_UP, FORM)
    invited.post(signed_up["Location"], {"code": mailed_code()})

    sent_away = invited.get("/invitation/")
    assert sent_away["Location"] == reverse("mfa_index")
    assert "You came with an invitation" in invited.get(sent_away["Location"]).text


def test_sign_up_is_closed_without_an_invitation(world: World, client: Client) -> None:
    client.post(SIGN_UP, FORM)
    client.cookies[LINK_COOKIE] = "forged"
    client.post(SIGN_UP, FORM)

    assert not User.objects.filter(email=FORM["email"]).exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("organisation", "GmbH", "This is a legal form."),
        ("organisation", "Lit\u200bware", "The name contains invisible characters."),
        ("organisation", "Litw\u0430re", "Letters of several alphabets are mixed."),
        ("email", "lena@gmail.com", "Everybody has a mailbox there."),
        ("email", "new@northwind.example", "northwind.example belongs to an organisation"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    world: World, invited: Client, field: str, value: str, words: str
) -> None:
    page = invited.post(SIGN_UP, {**FORM, field: value})

    assert words in page.text
    assert not User.objects.filter(email=FORM["email"]).exists()


def test_where_the_domain_is_taken_its_admins_can_be_told(world: World, invited: Client) -> None:
    typed = {"email": "new@northwind.example", "name": "Nina New"}
    page = invited.post(SIGN_UP, {**FORM, **typed})
    ask = reverse("tenants:ask-admins")
    assert ask in page.text

    answer = invited.post(ask, typed, follow=True)

    assert "The admins of northwind.example have been told." in answer.text
    (letter,) = mail.outbox
    assert letter.to == [world.carl.email]
    assert "Nina New" in letter.body
    assert "We have not checked that the address is theirs." in letter.body


def test_nobody_writes_to_admins_without_an_invitation(world: World, client: Client) -> None:
    client.post(reverse("tenants:ask-admins"), {"email": "new@northwind.example"})

    assert mail.outbox == []


def test_who_was_faster_owns_the_domain(world: World, invited: Client) -> None:
    signed_up = invited.post(SIGN_UP, FORM)
    make.tenant("Litware", domain="litware.example")

    page = invited.post(signed_up["Location"], {"code": mailed_code()}, follow=True)

    assert Tenant.objects.filter(domain="litware.example").count() == 1
    assert not Membership.objects.filter(user__email=FORM["email"]).exists()
    assert page.status_code == 403
    assert "belongs to no organisation" in page.text


def test_a_new_admin_sets_a_password_by_the_mailed_link(world: World) -> None:
    customers.create_customer(
        partner=world.fabrikam,
        name="Litware",
        domain="litware.example",
        country="DE",
        currency="EUR",
        admin_email="lena@litware.example",
        admin_name="Lena Vogel",
        attested_on=world.act().on,
        act=world.act(),
    )
    path = re.search(r"http://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert path
    browser = Client()

    form = browser.get(path[1], follow=True)
    new = {"password1": FORM["password1"], "password2": FORM["password1"]}
    browser.post(form.redirect_chain[-1][0], new)
    signed_in = browser.post(
        reverse("account_login"), {"login": "lena@litware.example", "password": FORM["password1"]}
    )

    assert signed_in["Location"] == "/"
