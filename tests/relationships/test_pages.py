"""The partner's pages about invitations and customers, and the customer's about its partner."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from relationships.models import Invitation, Relationship
from relationships.queries.invitations import invitation_with_token
from relationships.services import invitations
from tenants.models import User
from tests.conftest import Browser
from tests.world import TODAY, World

SignIn = Callable[[User], Browser]

CUSTOMER = {
    "name": "Litware Labs",
    "domain": "litware.example",
    "street": "Marktplatz 3",
    "postal_code": "07743",
    "city": "Jena",
    "country": "DE",
    "currency": "EUR",
    "admin_name": "Lena Vogel",
    "admin_email": "lena@litware.example",
    "language": "en",
    "attested_on": "2026-11-20",
    "is_attested": "on",
}


def invite(world: World, on: date = TODAY, **fields: object) -> Invitation:
    return invitations.invite(
        partner=world.fabrikam,
        has_delegated_admin=True,
        act=world.act(on=on),
        **fields,  # type: ignore[arg-type]
    )[0]


def token_on(page_text: str) -> str:
    return page_text.partition("/i/")[2].partition("/")[0]


def test_making_an_invitation_shows_its_link_and_letter(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.sam).post(
        reverse("relationships:invite"),
        {"has_delegated_admin": "no", "customer_name": "Contoso", "language": "en", "note": "Hi"},
    )

    assert page.status_code == 200
    invitation = Invitation.objects.get()
    assert invitation_with_token(token_on(page.text)) == invitation
    assert "Fabrikam Cloud (fabrikam.example, partner ID 4711001)" in page.text
    assert not invitation.has_delegated_admin
    assert mail.outbox == []


def test_the_portal_sends_the_letter_if_asked(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.sam).post(
        reverse("relationships:invite"),
        {
            "has_delegated_admin": "yes",
            "email": "tom@contoso.example",
            "language": "en",
            "is_mailed": "on",
        },
    )

    (letter,) = mail.outbox
    assert token_on(letter.body) == token_on(page.text)  # the same link, which still works


def test_an_address_is_needed_to_send_to(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.sam).post(
        reverse("relationships:invite"),
        {"has_delegated_admin": "yes", "language": "en", "is_mailed": "on", "note": "kept"},
    )

    assert "Write the address the portal should send it to." in page.text
    assert "kept" in page.text
    assert not Invitation.objects.exists()


def test_the_link_is_shown_once(world: World, sign_in: SignIn) -> None:
    invitation = invite(world, email="tom@contoso.example")
    browser = sign_in(world.sam)

    page = browser.get(reverse("relationships:invitation", args=[invitation.public_id]))
    assert "/i/" not in page.text

    renewed = browser.post(
        reverse("relationships:invitation-renew-link", args=[invitation.public_id])
    )
    assert invitation_with_token(token_on(renewed.text)) == invitation


def test_sending_again_mails_a_new_link(world: World, sign_in: SignIn) -> None:
    invitation = invite(world, email="tom@contoso.example")

    answer = sign_in(world.sam).post(
        reverse("relationships:invitation-send", args=[invitation.public_id]), follow=True
    )

    assert "Sent to tom@contoso.example with a new link." in answer.text
    assert invitation_with_token(token_on(mail.outbox[0].body)) == invitation


def test_withdrawing_says_so_and_is_done_once(world: World, sign_in: SignIn) -> None:
    invitation = invite(world)
    browser = sign_in(world.sam)
    url = reverse("relationships:invitation-withdraw", args=[invitation.public_id])

    assert "Invitation withdrawn." in browser.post(url, follow=True).text
    assert "Nothing changed: the invitation is withdrawn." in browser.post(url, follow=True).text


def test_the_list_filters_by_state_and_text(world: World, sign_in: SignIn) -> None:
    invite(world, customer_name="Contoso")
    invite(world, customer_name="Litware", on=TODAY - timedelta(days=31))
    browser = sign_in(world.sam)
    url = reverse("relationships:invitations")

    assert {"Contoso", "Litware"} == names_on(browser.get(url).text)
    assert {"Litware"} == names_on(browser.get(url, {"state": "expired"}).text)
    assert {"Contoso"} == names_on(browser.get(url, {"q": "conto"}).text)
    assert "No invitations match these filters" in browser.get(url, {"q": "nobody"}).text
    assert browser.get(url, {"state": "x", "page": "x", "per_page": "x"}).status_code == 200


def names_on(text: str) -> set[str]:
    return {name for name in ("Contoso", "Litware") if name in text}


def test_the_list_asks_the_database_the_same_for_one_row_and_three(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.sam)
    url = reverse("relationships:invitations")
    invite(world, customer_name="One")
    browser.get(url)
    with CaptureQueriesContext(connection) as with_one:
        browser.get(url)
    answered = invite(world, customer_name="Two")
    invitations.accept(invitation=answered, tenant=world.northwind, act=world.act(world.carl))
    invite(world, customer_name="Three")
    with CaptureQueriesContext(connection) as with_three:
        browser.get(url)

    assert len(with_three) == len(with_one)


@pytest.mark.parametrize("name", ["invitation", "invitation-withdraw", "invitation-send"])
def test_another_partners_invitation_is_not_there(world: World, sign_in: SignIn, name: str) -> None:
    invitation = invite(world, email="tom@contoso.example")
    url = reverse(f"relationships:{name}", args=[invitation.public_id])
    browser = sign_in(world.nora)

    answer = browser.get(url) if name == "invitation" else browser.post(url)

    assert answer.status_code == 404
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None


def test_helpdesk_and_customers_cannot_invite(world: World, sign_in: SignIn) -> None:
    for person in (world.helen, world.gita, world.carl):
        assert sign_in(person).get(reverse("relationships:invite")).status_code == 403


def test_a_new_customer_is_made_and_shown(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.sam).post(reverse("relationships:new-customer"), CUSTOMER, follow=True)

    relationship = Relationship.objects.get()
    assert page.redirect_chain == [
        (f"/customers/{relationship.customer.public_id}/relationship/", 302)
    ]
    assert "Litware Labs created." in page.text
    assert "attested by the partner" in page.text
    assert relationship.attested_by == world.sam


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "GmbH", "This is a legal form."),
        ("name", "X", "A single letter or digit is no name."),
        ("domain", "https://litware.example", "Write a domain such as contoso.com"),
        ("domain", "gmail.com", "Everybody has a mailbox there."),
        ("domain", "northwind.example", "This domain belongs to a tenant. Invite it instead."),
        ("attested_on", "2026-11-23", "This day is in the future."),
        ("is_attested", "", "This field is required."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    world: World, sign_in: SignIn, field: str, value: str, words: str
) -> None:
    page = sign_in(world.sam).post(
        reverse("relationships:new-customer"), {**CUSTOMER, field: value}
    )

    assert page.status_code == 200
    assert words in page.text
    assert "Marktplatz 3" in page.text
    assert not Relationship.objects.exists()


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("litware.example", "litware.example is free."),
        ("Northwind.example", "northwind.example belongs to a tenant."),
        ("nonsense", "Write a domain such as contoso.com"),
    ],
)
def test_a_domain_is_checked_while_it_is_typed(
    world: World, sign_in: SignIn, domain: str, words: str
) -> None:
    page = sign_in(world.sam).get(reverse("relationships:domain-check"), {"domain": domain})

    assert words in page.text


def test_the_relationship_page_shows_consent_and_explains_delegated_admin(
    world: World, sign_in: SignIn
) -> None:
    invitation = invite(world)
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    url = reverse("relationships:customer-relationship", args=[world.northwind.public_id])
    page = sign_in(world.helen).get(url)

    assert page.status_code == 200
    assert "Carl Novak" in page.text
    assert "cannot remove delegated admin while the relationship lasts" in page.text  # R12
    assert sign_in(world.nora).get(url).status_code == 404


def test_the_customer_reads_what_its_partner_may_do(world: World, sign_in: SignIn) -> None:
    invitation = invite(world)
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    for person in (world.carl, world.bea):
        page = sign_in(person).get(reverse("relationships:my-partner"))
        assert "Why you cannot remove delegated admin" in page.text
        assert "helen@fabrikam.example" in page.text  # support
        assert "4711001" in page.text


def test_a_customer_without_a_partner_reads_how_to_get_one(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.tom).get(reverse("relationships:my-partner"))

    assert "You have no CSP partner" in page.text
