"""The navigation follows from what a person may do, in the workspace they are in."""

from typing import Any

import pytest
from django.urls import reverse

from csp_portal.home.navigation import CUSTOMER, PARTNER
from tenants.models import Membership, User
from tenants.roles import Kind, Role
from tests import make
from tests.world import World

from .reading import SignIn, main_words, text

SWITCH = reverse("tenants:switch-workspace")


def entries(page: Any) -> list[str]:
    return [item.url for group in page.context["nav"] for item in group.items]


@pytest.mark.parametrize(
    ("who", "names"),
    [
        (
            "ada",
            (
                "home:home home:customers home:subscriptions home:renewals "
                "relationships:invitations relationships:transfers home:transitions home:orders "
                "billing:recommendations billing:price-lists billing:invoices mfa_index"
            ),
        ),
        (
            "sam",
            (
                "home:home home:customers home:subscriptions home:renewals "
                "relationships:invitations relationships:transfers home:transitions home:orders "
                "billing:recommendations billing:price-lists mfa_index"
            ),
        ),
        (
            "helen",
            "home:home home:customers home:subscriptions home:renewals home:transitions mfa_index",
        ),
        (
            "gita",
            "home:home tenants:people relationships:agreement tenants:activity mfa_index",
        ),
        (
            "carl",
            (
                "home:home home:my-subscriptions billing:shop home:my-orders "
                "subscriptions:own-users subscriptions:my-licences billing:invoices "
                "relationships:my-partner tenants:activity mfa_index"
            ),
        ),
        (
            "bea",
            (
                "home:home home:my-subscriptions home:my-orders subscriptions:my-licences "
                "billing:invoices relationships:my-partner mfa_index"
            ),
        ),
        ("mia", "home:home subscriptions:my-licences mfa_index"),
    ],
)
def test_everybody_sees_the_pages_they_may_open(
    world: World, sign_in: SignIn, who: str, names: str
) -> None:
    browser = sign_in(getattr(world, who))

    shown = entries(browser.get("/"))

    assert shown == [reverse(name) for name in names.split()]
    assert {browser.get(url, follow=True).status_code for url in shown} == {200}


def test_an_advisor_recommends_and_has_no_customers_in_csp(world: World, sign_in: SignIn) -> None:
    advisor = make.partner("Advice", domain="advice.example", mpn_id="9", kind=Kind.ADVISOR)
    anne = make.member("anne", advisor.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN)
    browser = sign_in(anne)

    start = browser.get("/")
    shown = entries(start)

    names = "home:home billing:recommendations billing:price-lists billing:invoices mfa_index"
    assert shown == [reverse(name) for name in names.split()]
    assert {browser.get(url, follow=True).status_code for url in shown} == {200}
    assert "Recommend a purchase" in main_words(start)
    assert "reseller relationship" not in text(start)
    assert "CSP revenue" not in text(start)
    for name in ("relationships:invite", "home:customers", "home:orders"):
        assert browser.get(reverse(name)).status_code == 403


@pytest.mark.parametrize(
    ("name", "current"),
    [("home:home", "/"), ("home:customers", "/customers/"), ("home:search", "")],
)
def test_the_page_one_is_on_is_marked(
    world: World, sign_in: SignIn, name: str, current: str
) -> None:
    page = sign_in(world.ada).get(reverse(name))

    marked = [item.url for group in page.context["nav"] for item in group.items if item.current]
    assert marked == ([current] if current else [])


def test_a_page_below_an_entry_marks_the_entry(sold: World, sign_in: SignIn) -> None:
    page = sign_in(sold.ada).get(reverse("home:customer", args=[sold.northwind.public_id]))

    marked = [item.url for group in page.context["nav"] for item in group.items if item.current]
    assert marked == [reverse("home:customers")]


@pytest.fixture
def both(sold: World) -> User:
    """Ada, who is also the Tenant admin of Contoso."""
    Membership.objects.create(user=sold.ada, tenant=sold.contoso, roles=[Role.TENANT_ADMIN.value])
    return sold.ada


def test_who_works_for_one_organisation_has_nothing_to_switch(
    world: World, sign_in: SignIn
) -> None:
    assert SWITCH not in text(sign_in(world.ada).get("/"))


def test_another_workspace_is_another_portal(both: User, sold: World, sign_in: SignIn) -> None:
    browser = sign_in(both)  # Contoso comes first in the alphabet
    at_contoso = browser.get("/")
    fabrikam = both.memberships.get(tenant=sold.fabrikam.tenant)

    answer = browser.post(SWITCH, {"workspace": str(fabrikam.public_id)}, follow=True)

    assert "Contoso" in main_words(at_contoso)
    assert "Northwind" not in text(at_contoso)
    assert answer.redirect_chain == [("/", 302)]
    assert "Northwind Traders" in main_words(answer)
    assert browser.get(reverse("home:my-subscriptions")).status_code == 403


def test_the_workspace_one_is_in_is_marked_in_the_menu(
    both: User, sold: World, sign_in: SignIn
) -> None:
    page = sign_in(both).get("/")

    spaces = [(s.organisation_name, s.is_current) for s in page.context["workspaces"]]
    assert spaces == [("Contoso", True), ("Fabrikam Cloud", False)]


def test_a_workspace_of_somebody_else_cannot_be_entered(
    both: User, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(both)
    theirs = sold.nora.memberships.get()

    answer = browser.post(SWITCH, {"workspace": str(theirs.public_id)})

    assert answer.status_code == 404
    assert "Contoso" in main_words(browser.get("/"))


def test_the_way_after_switching_stays_in_the_portal(
    both: User, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(both)
    fabrikam = str(both.memberships.get(tenant=sold.fabrikam.tenant).public_id)

    ways = [
        browser.post(SWITCH, {"workspace": fabrikam, "next": to})["Location"]
        for to in ("/customers/", "https://evil.example/", "//evil.example/", "javascript:1")
    ]

    assert ways == ["/customers/", "/", "/", "/"]


def test_nobody_switches_by_following_a_link(both: User, sign_in: SignIn) -> None:
    assert sign_in(both).get(SWITCH).status_code == 405


def test_a_person_without_a_workspace_has_no_navigation(world: World, sign_in: SignIn) -> None:
    alone = User.objects.create_user("sole@nowhere.example", make.PASSWORD)

    page = sign_in(alone).get("/")

    assert "nav" not in page.context
    assert "workspace" not in page.context


@pytest.mark.parametrize("groups", [PARTNER, CUSTOMER], ids=["partner", "customer"])
def test_every_page_has_a_key_of_its_own(groups: Any) -> None:
    keys = [entry.key for _title, entries in groups for entry in entries]

    assert len(keys) == len(set(keys))
