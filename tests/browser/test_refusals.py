"""Invitations that cannot be accepted: the right page, what to do now, and nothing changed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, Response, expect

from relationships.models import Invitation, Relationship
from relationships.services import invitations
from tenants.models import Activity, Partner
from tests import make
from tests.world import TODAY, World, build_world

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
A_MONTH_AGO = date(2026, 10, 23)
# What an answer would write to. Somebody's looking at an open invitation is noted on the
# invitation and in the activity log; `nothing_changed` counts those by itself.
TABLES = {
    "relationships_relationship": "*",
    "relationships_invitation": "id, token_hash, answer, answered_at, answered_by_id, tenant_id, "
    "decline_reason, withdrawn_at, expires_on",
    "tenants_tenant": "*",
    "tenants_membership": "*",
    "subscriptions_subscription": "*",
    "subscriptions_seatchange": "*",
    "billing_charge": "*",
}


def _hashes() -> dict[str, str]:
    hashes = {}
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(
                f"SELECT string_agg(t::text, '|' ORDER BY id) "  # noqa: S608 -- ours
                f"FROM (SELECT {columns} FROM {table}) t"
            )
            hashes[table] = hashlib.sha256(str(cursor.fetchone()[0]).encode()).hexdigest()
    return hashes


@dataclass
class Before:
    """The database as it was, to be compared once somebody has been refused."""

    rows: dict[str, str] = field(default_factory=_hashes)
    activities: int = field(default_factory=Activity.objects.count)

    def nothing_changed(self, *, looked: bool = False) -> None:
        """With `looked`, both organisations' logs say that the invitation was opened."""
        assert _hashes() == self.rows
        added = Activity.objects.order_by("id")[self.activities :]
        assert [activity.action for activity in added] == ["invitation.opened"] * 2 * looked


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def invited_by(world: World, partner: Partner, on: date = TODAY) -> tuple[Invitation, str]:
    """Return the partner's invitation and the path of its link."""
    by = {world.fabrikam: world.ada, world.tailspin: world.nora}[partner]
    invitation, token = invitations.invite(
        partner=partner, has_delegated_admin=True, act=world.act(by, on=on)
    )
    return invitation, reverse("relationships:open-invitation", args=[token])


def opened(page: Page, path: str, *, status: int) -> None:
    """Follow the link; whatever it says, there is nothing to accept with."""
    response = page.goto(path)
    assert isinstance(response, Response)
    assert response.status == status
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def says(page: Page, heading: str, *texts: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    for text in texts:
        expect(page.locator("main")).to_contain_text(text)


def test_a_second_partner_is_refused_and_not_told_who_the_first_is(
    world: World, visit: Visit
) -> None:
    make.relationship(world.fabrikam, world.northwind)
    invitation, path = invited_by(world, world.tailspin)
    before = Before()

    carl = visit("carl@northwind.example", password=make.PASSWORD)
    opened(carl, path, status=409)
    says(
        carl,
        "You have a CSP partner already",
        "Fabrikam Cloud has been the CSP partner of Northwind Traders since 1 January 2026.",
        "the invitation of Tailspin Partners cannot be accepted now",
        "a relationship ends once no CSP subscription of it is active or suspended",
    )
    before.nothing_changed(looked=True)
    carl.get_by_role("link", name="Your CSP partner").click()
    expect(carl.locator("main")).to_contain_text("Fabrikam Cloud")

    nora = visit("nora@tailspin.example", password=make.PASSWORD)
    nora.goto(reverse("relationships:invitation", args=[invitation.public_id]))
    expect(nora.locator("main")).to_contain_text("Open")
    expect(nora.locator("body")).not_to_contain_text("Fabrikam")


def test_who_presses_accept_after_another_partner_was_accepted_is_refused(
    world: World, visit: Visit
) -> None:
    _, path = invited_by(world, world.tailspin)
    first, _ = invited_by(world, world.fabrikam)
    carl = visit("carl@northwind.example", password=make.PASSWORD)
    carl.goto(path)
    accept = carl.get_by_role("button", name="Accept for Northwind Traders")
    expect(accept).to_be_visible()
    # in another window, meanwhile
    invitations.accept(invitation=first, tenant=world.northwind, act=world.act(world.carl))
    before = Before()

    with carl.expect_navigation() as navigation:
        accept.click()

    assert navigation.value is not None
    assert navigation.value.status == 409
    says(carl, "You have a CSP partner already", "Fabrikam Cloud has been the CSP partner")
    before.nothing_changed()
    assert Relationship.objects.get().partner == world.fabrikam


def test_a_syndication_tenant_is_told_what_has_to_end_first(world: World, visit: Visit) -> None:
    make.other_channel(world.woodgrove, "syndication", "Office Suite E3")
    _, path = invited_by(world, world.fabrikam)
    before = Before()

    wanda = visit("wanda@woodgrove.example", password=make.PASSWORD)
    opened(wanda, path, status=409)
    says(
        wanda,
        "CSP and Syndication exclude each other",
        "Woodgrove Bank has an active Syndication subscription.",
        "once your syndication partner has ended that subscription, open the link again",
    )
    before.nothing_changed(looked=True)
    wanda.get_by_role("link", name="Your subscriptions").click()
    expect(wanda.locator("main")).to_contain_text("Office Suite E3")


def test_a_member_is_told_to_forward_it_to_an_admin(world: World, visit: Visit) -> None:
    _, path = invited_by(world, world.fabrikam)
    before = Before()

    mia = visit("mia@northwind.example", password=make.PASSWORD)
    opened(mia, path, status=403)
    says(
        mia,
        "Only a Tenant admin can answer this",
        "You are signed in for Northwind Traders as Member.",
        "Forward the letter of Fabrikam Cloud to your administrator, or sign in as one",
    )
    before.nothing_changed(looked=True)


def test_a_partner_that_opens_its_own_link_is_told_whom_to_send_it_to(
    world: World, visit: Visit
) -> None:
    invitation, path = invited_by(world, world.fabrikam)
    before = Before()

    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    opened(ada, path, status=403)
    says(
        ada,
        "This is your own invitation",
        "A partner cannot become its own customer.",
        "Send the link to an administrator of the customer.",
    )
    before.nothing_changed()
    ada.get_by_role("link", name="Open it in your list").click()
    ada.wait_for_url(f"**{reverse('relationships:invitation', args=[invitation.public_id])}")


def test_a_withdrawn_invitation_says_who_took_it_back(world: World, visit: Visit) -> None:
    invitation, path = invited_by(world, world.fabrikam)
    invitations.withdraw(invitation=invitation, act=world.act())
    before = Before()

    for page in (visit(), visit("carl@northwind.example", password=make.PASSWORD)):
        opened(page, path, status=410)
        says(
            page,
            "This invitation was withdrawn",
            "Fabrikam Cloud took it back on 22 November 2026.",
            "ask Fabrikam Cloud for a new invitation",
        )
    before.nothing_changed()


def test_an_invitation_ends_after_30_days_and_says_whom_to_ask(world: World, visit: Visit) -> None:
    # open on 23 October and the 29 days after; today is 22 November
    _, path = invited_by(world, world.fabrikam, on=A_MONTH_AGO)
    before = Before()

    page = visit()
    opened(page, path, status=410)
    says(
        page,
        "This invitation has expired",
        "It could be accepted until 21 November 2026.",
        "Ask Fabrikam Cloud for a new link",
    )
    before.nothing_changed()


def test_a_used_invitation_does_not_say_by_whom(world: World, visit: Visit) -> None:
    invitation, path = invited_by(world, world.fabrikam)
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))
    before = Before()

    tom = visit("tom@contoso.example", password=make.PASSWORD)
    opened(tom, path, status=410)
    says(tom, "This invitation was used already", "ask the partner for a new one")
    expect(tom.locator("body")).not_to_contain_text("Northwind")
    before.nothing_changed()

    # who answered it reads more
    carl = visit("carl@northwind.example", password=make.PASSWORD)
    opened(carl, path, status=410)
    says(carl, "You accepted this invitation", "There is nothing more to do.")
    before.nothing_changed()


def test_unknown_and_replaced_links_are_the_same_page(world: World, visit: Visit) -> None:
    invitation, replaced = invited_by(world, world.fabrikam)
    invitations.renew_link(invitation=invitation, act=world.act())
    before = Before()

    page = visit()
    for path in (replaced, reverse("relationships:open-invitation", args=["A" * 43])):
        opened(page, path, status=404)
        says(
            page,
            "We don't know this invitation",
            "only the newest link of an invitation works",
            "ask the partner for a new one",
        )
    before.nothing_changed()
