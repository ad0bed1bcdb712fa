"""A provider and its reseller in a real browser: from the link between them to an order."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from relationships.models import Relationship, ResellerLink
from subscriptions.models import Subscription
from tests import make
from tests.two_tier import two_tier
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., Page]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def says(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.locator("main")).to_contain_text(text)


def test_a_provider_and_a_reseller_sell_to_a_customer_together(world: World, visit: Visit) -> None:
    tier = two_tier(world)
    make.price_list(date(2026, 3, 1), {world.premium: ("16.48", "20.60")})

    def someone(email: str) -> Page:
        return visit(email, password=make.PASSWORD)

    # the provider invites a direct partner to resell for it, and that one accepts
    gwen = someone("gwen@wingtip.example")
    gwen.goto("/resellers/new/")
    gwen.fill("input[name=discount_percent]", "12.5")
    gwen.locator("main form button[type=submit]").last.click()
    link = gwen.locator("#invitation-link")
    expect(link).to_be_visible()
    gita = someone("gita@fabrikam.example")
    gita.goto(link.input_value().strip())
    says(gita, "Wingtip Distribution")
    gita.get_by_role("button", name="Accept").first.click()
    expect(gita.locator("body")).to_contain_text("You now resell for Wingtip Distribution")
    assert ResellerLink.objects.filter(ended_on=None).count() == 2

    # the reseller invites a customer for both; the customer reads who bills and who orders
    lena = someone("lena@litware-consulting.example")
    lena.goto("/invitations/new/")
    lena.locator("main form button[type=submit]").last.click()
    link = lena.locator("#invitation-link")
    expect(link).to_be_visible()
    tom = someone("tom@contoso.example")
    tom.goto(link.input_value().strip())
    says(tom, "Litware Consulting", "Wingtip Distribution")
    tom.get_by_role("button", name="Accept for Contoso").click()
    relationship = Relationship.objects.get(customer=world.contoso)
    assert (relationship.partner, relationship.reseller) == (tier.wingtip, tier.litware)

    # the reseller asks for an order; it sees what it pays, not what its provider does
    lena.goto(f"/customers/{tier.relecloud.public_id}/request/")
    lena.get_by_role("link", name="Choose Business Premium, 1 year, Monthly").click()
    says(lena, "18.54", "20.60")  # ERP less 10 %, and ERP
    expect(lena.locator("main")).not_to_contain_text("16.48")
    lena.fill("input[name=seats]", "7")
    lena.locator("main form[method=post] button[type=submit]").last.click()
    says(lena, "Relecloud")

    # the provider answers with the order
    wes = someone("wes@wingtip.example")
    wes.goto("/order-requests/")
    wes.get_by_role("link", name="Business Premium").first.click()
    wes.get_by_role("button", name="Approve: show the price").click()
    says(wes, "115.36", "129.78")  # 16.48 x 7 to the vendor, 18.54 x 7 from the reseller
    wes.locator("form[action*='/confirm/'] button[type=submit]").first.click()
    wes.wait_for_url(lambda url: "/confirm/" not in url and "/quotes/" not in url)
    sold = Subscription.objects.get(channel="csp")
    assert (sold.seats, sold.partner, sold.reseller) == (7, tier.wingtip, tier.litware)

    # both see the customer; only the provider can change it
    panel = f"/customers/{tier.relecloud.public_id}/subscriptions/?panel={sold.public_id}"
    for page in (lena, wes):
        page.goto(panel)
        says(page, "Business Premium")
        expect(page.locator("body")).to_contain_text("Litware Consulting")
    expect(lena.locator("body")).not_to_contain_text("16.48")
    refused = lena.goto(f"/subscriptions/{sold.public_id}/suspend/")
    assert refused is not None
    assert refused.status in {403, 404}
