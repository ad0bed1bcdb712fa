"""The customer's way: link, cookie, page for each reason, accept, decline."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from csp_portal.shared import clock
from relationships.models import Invitation, Relationship
from relationships.services import invitations
from tenants.held_links import LINK_COOKIE
from tenants.models import Membership, User
from tenants.roles import Role
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World

ANSWER = "/invitation/"
ACCEPT = "/invitation/accept/"
DECLINE = "/invitation/decline/"
SignIn = Callable[[User], Browser]


@pytest.fixture
def link(world: World) -> str:
    return link_of(world)


def link_of(world: World, *, by: User | None = None) -> str:
    by = by or world.ada
    partner = {world.ada.pk: world.fabrikam, world.nora.pk: world.tailspin}[by.pk]
    _, token = invitations.invite(partner=partner, has_delegated_admin=True, act=world.act(by))
    return reverse("relationships:open-invitation", args=[token])


def test_a_link_leads_to_a_page_without_the_token(world: World, link: str) -> None:
    browser = Client()

    opened = browser.get(link)

    assert opened.status_code == 302
    assert opened["Location"] == ANSWER
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    cookie = opened.cookies[LINK_COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 86400
    assert link.split("/")[2] not in cookie.value


def test_a_visitor_reads_who_invites_and_can_sign_in_or_up(world: World, link: str) -> None:
    browser = Client()

    page = browser.get(link, follow=True)

    assert page.status_code == 200
    assert "Fabrikam Cloud invites you" in page.text
    assert reverse("account_login") in page.text
    assert reverse("account_signup") in page.text
    assert page["Referrer-Policy"] == "same-origin"  # its address has no token


def test_mail_scanners_change_nothing(world: World, link: str) -> None:
    before = everything()

    for _ in range(3):
        scanner = Client()
        scanner.head(link)
        scanner.get(link, follow=True)
        assert scanner.post(link).status_code == 405

    assert everything() == before


def everything() -> dict[str, list[tuple[object, ...]]]:
    tables = ("relationships_invitation", "relationships_relationship", "tenants_activity")
    content = {}
    with connection.cursor() as cursor:
        for table in (*tables, "django_session"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 -- names from above
            content[table] = cursor.fetchall()
    return content


def test_signing_in_does_not_lose_the_invitation(world: World, link: str) -> None:
    browser = Client()
    browser.get(link)

    signed_in = browser.post(
        reverse("account_login"), {"login": world.carl.email, "password": make.PASSWORD}
    )

    assert signed_in["Location"] == ANSWER
    page = browser.get(ANSWER)
    assert page.status_code == 200
    assert "Accept for Northwind Traders" in page.text
    assert "4711001" in page.text
    assert "Nothing moves into CSP" in page.text


def test_signing_out_and_in_as_somebody_else_does_not_either(
    world: World, link: str, sign_in: SignIn
) -> None:
    browser = sign_in(world.mia)
    assert browser.get(link, follow=True).status_code == 403
    browser.logout()  # the test client empties its cookies, a browser does not
    browser.get(link)

    browser.post(reverse("account_login"), {"login": world.carl.email, "password": make.PASSWORD})

    assert browser.get(ANSWER).status_code == 200


def test_seeing_it_signed_in_is_remembered(world: World, link: str, sign_in: SignIn) -> None:
    sign_in(world.carl).get(link, follow=True)

    invitation = Invitation.objects.get()
    assert invitation.opened_at == clock.now()
    assert invitation.opened_by_tenant == world.northwind
    assert invitation.answer == ""


def test_accepting_makes_the_partner_visible(world: World, link: str, sign_in: SignIn) -> None:
    browser = sign_in(world.carl)
    browser.get(link, follow=True)

    accepted = browser.post(ACCEPT, follow=True)

    assert accepted.redirect_chain == [("/partner/", 302)]
    assert "Fabrikam Cloud is now your CSP partner." in accepted.text
    relationship = Relationship.objects.get()
    assert relationship.partner == world.fabrikam
    assert relationship.customer == world.northwind


def test_a_reload_after_accepting_says_who_accepted_and_when(
    world: World, link: str, sign_in: SignIn
) -> None:
    browser = sign_in(world.carl)
    browser.get(link, follow=True)
    browser.post(ACCEPT)

    for page in (browser.get(ANSWER), browser.get(link), browser.post(ACCEPT)):
        assert page.status_code == 410
        assert "was accepted on 22 November 2026, 12:00 by Carl Novak" in page.text
    assert Relationship.objects.count() == 1


def test_somebody_elses_tenant_is_not_told_who_accepted(
    world: World, link: str, sign_in: SignIn
) -> None:
    carl = sign_in(world.carl)
    carl.get(link, follow=True)
    carl.post(ACCEPT)

    for browser in (sign_in(world.tom), Client()):
        page = browser.get(link, follow=True)
        assert page.status_code == 410
        assert "This invitation was used already" in page.text
        assert "Carl" not in page.text
        assert "Northwind" not in page.text


def test_declining_tells_the_partner_why(world: World, link: str, sign_in: SignIn) -> None:
    browser = sign_in(world.carl)
    browser.get(link, follow=True)

    browser.post(DECLINE, {"reason": "We buy directly."})

    invitation = Invitation.objects.get()
    assert invitation.answer == "declined"
    assert invitation.decline_reason == "We buy directly."
    page = browser.get(ANSWER)
    assert page.status_code == 410
    assert "was declined on 22 November 2026, 12:00 by Carl Novak" in page.text


def test_accepting_needs_a_fresh_sign_in(world: World, link: str, sign_in: SignIn) -> None:
    browser = sign_in(world.carl)
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": clock.real_now().timestamp() - 301, "email": world.carl.email}
    ]
    session.save()
    browser.get(link, follow=True)

    asked = browser.post(ACCEPT)

    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not Relationship.objects.exists()
    # the password is given, and what was asked for happens
    browser.workspace = ""
    done = browser.post(asked["Location"], {"password": make.PASSWORD})
    assert done["Location"] == "/partner/"
    assert Relationship.objects.count() == 1


@pytest.mark.parametrize(("answer", "words"), [(ACCEPT, 403), (DECLINE, 403)])
def test_only_a_tenant_admin_answers(
    world: World, link: str, sign_in: SignIn, answer: str, words: int
) -> None:
    for person in (world.bea, world.mia):
        browser = sign_in(person)
        page = browser.get(link, follow=True)
        assert page.status_code == 403
        assert "Only a Tenant admin can answer this" in page.text
        assert browser.post(answer).status_code == words
    assert Invitation.objects.get().answer == ""


def test_who_administers_another_tenant_is_offered_to_answer_for_it(
    world: World, link: str, sign_in: SignIn
) -> None:
    Membership.objects.create(user=world.mia, tenant=world.contoso, roles=[Role.TENANT_ADMIN])
    northwind = Membership.objects.get(user=world.mia, tenant=world.northwind)
    browser = sign_in(world.mia)
    session = browser.session
    session["workspace"] = str(northwind.public_id)
    session.save()

    page = browser.get(link, follow=True)

    assert page.status_code == 403
    assert "Answer it for Contoso" in page.text


def test_a_person_without_an_organisation_is_told_so(
    world: World, link: str, sign_in: SignIn
) -> None:
    page = sign_in(User.objects.create_user("new@new.example", "x")).get(link, follow=True)

    assert page.status_code == 403
    assert "belongs to no organisation" in page.text


def test_the_partner_itself_cannot_answer(world: World, link: str, sign_in: SignIn) -> None:
    browser = sign_in(world.ada)

    page = browser.get(link, follow=True)

    assert page.status_code == 403
    assert "This is your own invitation" in page.text
    assert browser.post(ACCEPT).status_code == 403
    assert Invitation.objects.get().opened_at is None


def test_an_expired_invitation_says_until_when(world: World, link: str, sign_in: SignIn) -> None:
    held = sign_in(world.carl)
    held.get(link)
    with clock.pinned_to(date(2026, 12, 22)):
        for page in (Client().get(link), held.get(ANSWER), held.post(ACCEPT)):
            assert page.status_code == 410
            assert "It could be accepted until 21 December 2026" in page.text


def test_a_withdrawn_invitation_says_so(world: World, link: str, sign_in: SignIn) -> None:
    invitations.withdraw(invitation=Invitation.objects.get(), act=world.act())

    page = sign_in(world.carl).get(link, follow=True)

    assert page.status_code == 410
    assert "Fabrikam Cloud took it back on 22 November 2026" in page.text


def test_an_unknown_link_and_no_link_are_the_same_page(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.carl)

    pages = [browser.get("/i/never-existed/"), browser.get(ANSWER)]

    assert [page.status_code for page in pages] == [404, 404]
    assert "We don't know this invitation" in pages[0].content.decode().replace("&#x27;", "'")
    assert browser.post(ACCEPT).status_code == 404


def test_a_new_link_kills_the_invitation_a_browser_holds(
    world: World, link: str, sign_in: SignIn
) -> None:
    browser = sign_in(world.carl)
    browser.get(link)
    invitations.renew_link(invitation=Invitation.objects.get(), act=world.act())

    assert browser.get(ANSWER).status_code == 404
    assert browser.get(link).status_code == 404


def test_a_forged_cookie_is_no_invitation(world: World, link: str, sign_in: SignIn) -> None:
    invitation = Invitation.objects.get()
    browser = sign_in(world.carl)
    browser.cookies[LINK_COOKIE] = f"invitation.{invitation.public_id}.0000:forged"

    assert browser.get(ANSWER).status_code == 404
    assert Client().get(reverse("account_signup")).status_code == 200


def test_a_second_partner_is_refused_and_named_only_to_the_tenant(
    world: World, link: str, sign_in: SignIn
) -> None:
    make.relationship(world.tailspin, world.northwind)
    browser = sign_in(world.carl)

    for page in (browser.get(link, follow=True), browser.post(ACCEPT)):
        assert page.status_code == 409
        assert "Tailspin Partners has been the CSP partner of Northwind Traders" in page.text
    assert "Tailspin" not in Client().get(link, follow=True).text
    assert "Tailspin" not in sign_in(world.tom).get(link, follow=True).text
    assert Relationship.objects.count() == 1


def test_accepting_the_partner_one_has_is_no_error_to_worry_about(
    world: World, link: str, sign_in: SignIn
) -> None:
    make.relationship(world.fabrikam, world.northwind)

    page = sign_in(world.carl).get(link, follow=True)

    assert page.status_code == 409
    assert "Fabrikam Cloud is your CSP partner already" in page.text


def test_a_syndication_tenant_is_refused_and_the_invitation_stays_open(
    world: World, link: str, sign_in: SignIn
) -> None:
    make.other_channel(world.woodgrove, "syndication", "Hosted Mail")
    browser = sign_in(world.wanda)

    for page in (browser.get(link, follow=True), browser.post(ACCEPT)):
        assert page.status_code == 409
        assert "CSP and Syndication exclude each other" in page.text
    assert Invitation.objects.get().state_on(TODAY) == "open"


def test_signing_in_with_a_dead_invitation_shows_it_once(
    world: World, link: str, sign_in: SignIn
) -> None:
    browser = sign_in(world.carl)
    browser.get(link)
    invitations.withdraw(invitation=Invitation.objects.get(), act=world.act())

    assert browser.get(ANSWER).status_code == 410
    assert browser.cookies[LINK_COOKIE].value == ""  # the next sign-in leads home
    assert browser.get(ANSWER).status_code == 410  # a reload still says why
