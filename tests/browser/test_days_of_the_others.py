"""The days of a Sales agent, a Billing admin, a Billing reader, a Member and an operator."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import Invoice, Order
from billing.services import closing
from relationships.models import Invitation, PartnerSuspension
from subscriptions.models import Subscription
from subscriptions.services import licences
from tenants.acts import Act
from tenants.models import Membership, User
from tenants.roles import Role
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import TODAY, World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., Page]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    sell(world, seats=10, on=date(2026, 10, 14))
    portal = Act.of_the_portal(at=world.act(on=date(2026, 11, 1)).at, on=date(2026, 11, 1))
    closing.close_month(month=date(2026, 10, 1), act=portal)
    return world


def says(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.locator("body")).to_contain_text(text)


def is_closed_to(page: Page, path: str) -> None:
    response = page.goto(path)
    assert response is not None
    assert response.status == 403, path


def test_sam_sells_and_suspends_nothing(world: World, visit: Visit) -> None:
    page = visit("sam@fabrikam.example", password=make.PASSWORD)

    # an invitation that the portal mails
    page.get_by_role("link", name="Request a reseller relationship").first.click()
    page.fill("input[name=customer_name]", "Contoso")
    page.fill("input[name=email]", "tom@contoso.example")
    page.check("input[name=is_mailed]")
    page.get_by_role("button", name="Make the invitation").click()
    says(page, "tom@contoso.example")
    assert Invitation.objects.get().created_by == world.sam
    assert mail.outbox[-1].to == ["tom@contoso.example"]

    # an order, with its price before the click
    page.goto(f"/customers/{world.northwind.public_id}/order/?plan=monthly")
    page.get_by_role("link", name="Choose Business Premium, 1 year, Monthly").click()
    page.fill("input[name=seats]", "3")
    page.locator("main form[method=post] button[type=submit]").last.click()
    says(page, "61.80")  # 20.60 x 3, the first month
    page.locator("form[action*='/confirm/'] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/subscriptions/" in url)
    assert Order.objects.order_by("-id")[0].placed_by == world.sam

    # what is not his
    sold = Subscription.objects.order_by("id")[0]
    for path in (
        reverse("billing:suspend", args=[sold.public_id]),
        reverse("billing:cancel", args=[sold.public_id]),
        reverse("subscriptions:users", args=[world.northwind.public_id]),
        reverse("tenants:people"),
    ):
        is_closed_to(page, path)


def test_a_billing_admin_reads_what_is_bought_and_sold(world: World, visit: Visit) -> None:
    make.member("bill", world.fabrikam.tenant, Role.BILLING_ADMIN, last="Ortiz")
    page = visit("bill@fabrikam.example", password=make.PASSWORD)

    page.get_by_role("link", name="Invoices").first.click()
    sold = Invoice.objects.get(buyer=world.northwind)
    page.goto("/invoices/?side=sold")
    page.get_by_role("link", name=str(sold.number)).first.click()
    says(page, "€206.00", "Northwind Traders")  # 20.60 x 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Reconciliation CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.goto("/invoices/?side=bought")
    says(page, "€164.80")  # 16.48 x 10
    page.get_by_role("link", name="Price lists").first.click()
    says(page, "In force")

    expect(page.get_by_role("link", name="Customers")).to_have_count(0)
    for path in (
        reverse("home:customers"),
        reverse("billing:order", args=[world.northwind.public_id]),
        reverse("relationships:invite"),
    ):
        is_closed_to(page, path)


def test_bea_reads_bills_and_changes_nothing(world: World, visit: Visit) -> None:
    page = visit("bea@northwind.example", password=make.PASSWORD)

    page.get_by_role("link", name="Bills").first.click()
    page.get_by_role("link", name=str(Invoice.objects.get(buyer=world.northwind).number)).click()
    says(page, "€206.00", "Fabrikam Cloud")
    page.get_by_role("link", name="Subscriptions").first.click()
    says(page, "Business Premium")

    for path in (
        reverse("billing:shop"),
        reverse("subscriptions:redeem-key"),
        reverse("tenants:activity"),
        reverse("home:customers"),
    ):
        is_closed_to(page, path)


def test_mia_sees_her_licences_and_nothing_else(world: World, visit: Visit) -> None:
    licences.assign(
        subscription=Subscription.objects.get(),
        membership=Membership.objects.get(user=world.mia),
        act=world.act(world.carl),
    )
    page = visit("mia@northwind.example", password=make.PASSWORD)

    says(page, "Business Premium")
    page.goto(reverse("subscriptions:my-licences"))
    says(page, "Business Premium")
    expect(page.locator("body")).not_to_contain_text("€")

    for path in (
        reverse("home:my-subscriptions"),
        reverse("billing:invoices"),
        reverse("relationships:my-partner"),
        reverse("billing:shop"),
    ):
        is_closed_to(page, path)


def test_olga_suspends_a_partner_and_its_pages_say_so(world: World, visit: Visit) -> None:
    User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    make_verified(User.objects.get(email="olga@vendor.example"))
    page = visit("olga@vendor.example", password=make.PASSWORD)

    page.goto(reverse("admin:relationships_partnersuspension_add"))
    page.locator(".field-partner .select2-selection").click()
    page.locator(".select2-search__field").fill("Fabrikam")
    page.locator(".select2-results__option", has_text="Fabrikam Cloud").click()
    page.select_option("select[name=reason]", value="overdue")
    page.fill("[name=starts_on]", TODAY.isoformat())
    page.locator("input[name=_save]").click()
    assert PartnerSuspension.objects.get().partner == world.fabrikam

    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    says(ada, "Fabrikam Cloud is suspended")
    ada.goto(f"/customers/{world.northwind.public_id}/order/")
    says(ada, "Pay the overdue invoices; the vendor then lifts it.")


def make_verified(user: User) -> None:
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
