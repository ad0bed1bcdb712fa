"""2-tier: three legs, each on its own invoice, each seen by its two sides only."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Invoice, LockedPrice
from billing.services import closing, orders, quotes
from relationships.services import links
from subscriptions.models import Subscription
from tenants.models import User
from tests import make
from tests.billing.closed_november import ACT, NOVEMBER
from tests.conftest import Browser
from tests.two_tier import TwoTier, two_tier
from tests.world import World

SignIn = Callable[[User], Browser]
FOUNDED = date(2026, 3, 14)


@pytest.fixture
def tier(world: World) -> TwoTier:
    cast = two_tier(world)
    make.price_list(date(2026, 3, 1), {world.premium: ("16.48", "20.60")})
    return cast


def place(tier: TwoTier, kind: str, *, on: date, **asked: object) -> Subscription:
    act = tier.world.act(tier.wes, on)
    quote = quotes.quote(kind=kind, partner=tier.wingtip, tenant=tier.relecloud, act=act, **asked)
    return orders.confirm(quote=quote, act=act).subscription


def sell(tier: TwoTier, seats: int = 60) -> Subscription:
    return place(tier, "new", on=FOUNDED, offer=tier.world.premium, seats=seats)


def legs(subscription: Subscription) -> list[tuple[int, str, str, str, str]]:
    found = LockedPrice.objects.filter(subscription=subscription).order_by("leg")
    return [(p.leg, p.seller.name, p.buyer.name, str(p.unit_price), p.price_source) for p in found]


def test_an_order_locks_a_price_on_each_of_three_legs(tier: TwoTier) -> None:
    sold = sell(tier)

    assert sold.reseller == tier.litware
    assert legs(sold) == [
        (1, "Cirrus", "Wingtip Distribution", "16.4800", "price list 1 Mar 2026"),
        # 20.60 less 10 %
        (
            2,
            "Wingtip Distribution",
            "Litware Consulting",
            "18.5400",
            "price list 1 Mar 2026, ERP less 10 %",
        ),
        (3, "Litware Consulting", "Relecloud", "20.6000", "price list 1 Mar 2026"),
    ]


def test_a_change_is_prorated_on_each_leg(tier: TwoTier) -> None:
    sold = sell(tier)

    place(tier, "seats", on=date(2026, 11, 22), subscription=sold, seats=66)

    change = sold.terms.get().changes.order_by("-id")[0]
    # 6 seats for 22 of the 30 days from 14 Nov to 14 Dec
    assert [str(c.amount) for c in change.charges.order_by("locked_price__leg")] == [
        "72.51",  # 16.48 x 6 x 22/30 = 72.512
        "81.58",  # 18.54 x 6 x 22/30 = 81.576
        "90.64",  # 20.60 x 6 x 22/30
    ]


def test_the_close_makes_an_invoice_on_each_leg(tier: TwoTier) -> None:
    sell(tier)

    for month in range(3, 11):
        closing.close_month(month=date(2026, month, 1), act=ACT)
    closing.close_month(month=NOVEMBER, act=ACT)

    found = Invoice.objects.filter(month=NOVEMBER).order_by("total")
    assert [(i.seller.name, i.buyer.name, str(i.total)) for i in found] == [
        ("Cirrus", "Wingtip Distribution", "988.80"),  # 16.48 x 60
        ("Wingtip Distribution", "Litware Consulting", "1112.40"),  # 18.54 x 60
        ("Litware Consulting", "Relecloud", "1236.00"),  # 20.60 x 60
    ]


def test_a_quote_shows_the_provider_its_two_legs(tier: TwoTier, sign_in: SignIn) -> None:
    act = tier.world.act(tier.wes)
    quote = quotes.quote(
        kind="new",
        partner=tier.wingtip,
        tenant=tier.relecloud,
        offer=tier.world.premium,
        seats=10,
        act=act,
    )

    page = sign_in(tier.wes).get(reverse("billing:quote", args=[quote.public_id]))

    text = page.content.decode()
    assert [leg.buyer for leg in page.context["summary"].legs] == [
        "Litware Consulting",
        "Wingtip Distribution",
    ]
    assert "You bill Litware Consulting" in text
    assert "€206.00" not in text  # leg 3: 20.60 x 10
    assert "€185.40" in text  # leg 2: 18.54 x 10


def test_the_end_of_the_link_leaves_customers_and_their_price(tier: TwoTier) -> None:
    sold = sell(tier)
    links.end_link(link=tier.link, reason="Over", act=tier.world.act(tier.gwen))

    place(tier, "seats", on=date(2026, 11, 23), subscription=sold, seats=70)
    act = tier.world.act(tier.wes, date(2026, 11, 23))
    anew = quotes.quote(
        kind="new",
        partner=tier.wingtip,
        tenant=tier.relecloud,
        offer=tier.world.premium,
        seats=1,
        act=act,
    )

    assert [line["unit_price"] for line in anew.lines] == ["16.4800", "18.5400", "20.6000"]


def test_everybody_sees_the_price_of_their_own_leg(tier: TwoTier, sign_in: SignIn) -> None:
    sold = sell(tier)
    page = reverse("home:customer-subscriptions", args=[tier.relecloud.public_id])
    shown = {}
    for who in (tier.wes, tier.lena):
        answer = sign_in(who).get(f"{page}?panel={sold.public_id}")
        shown[who.first_name] = str(answer.context["panel"].price.unit_price)
    mine = sign_in(tier.rita).get(f"{reverse('home:my-subscriptions')}?panel={sold.public_id}")

    assert shown == {"Wes": "18.5400", "Lena": "20.6000"}
    assert mine.context["panel"].price.unit_price == Decimal("20.6000")
    assert mine.context["panel"].billed_by == "Litware Consulting"
    assert mine.context["panel"].supported_by == "Litware Consulting"
    assert mine.context["panel"].managed_by == "Wingtip Distribution"


def test_a_reseller_cannot_order_or_change(tier: TwoTier, sign_in: SignIn) -> None:
    sold = sell(tier)
    browser = sign_in(tier.lena)

    codes = {
        name: browser.get(reverse(f"billing:{name}", args=[argument])).status_code
        for name, argument in (
            ("order", tier.relecloud.public_id),
            ("change-seats", sold.public_id),
            ("suspend", sold.public_id),
            ("cancel", sold.public_id),
            ("scheduled-change", sold.public_id),
        )
    }
    page = reverse("home:customer-subscriptions", args=[tier.relecloud.public_id])
    text = browser.get(f"{page}?panel={sold.public_id}").content.decode()

    assert set(codes.values()) == {403}
    assert "Your provider changes it" in text
    assert reverse("billing:change-seats", args=[sold.public_id]) not in text
    assert reverse("billing:cancel", args=[sold.public_id]) not in text


def test_a_direct_partner_that_resells_cannot_change_it_either(
    tier: TwoTier, sign_in: SignIn
) -> None:
    from tests.two_tier import link  # noqa: PLC0415 -- of this test only

    world = tier.world
    link(world, tier.wingtip, world.fabrikam, by=tier.gwen, accepted_by=world.gita)
    make.relationship(tier.wingtip, world.northwind, reseller=world.fabrikam)
    make.customer_agreement(tier.wingtip, world.northwind)
    act = world.act(tier.wes, FOUNDED)
    asked = {"partner": tier.wingtip, "tenant": world.northwind, "act": act}
    sold = orders.confirm(
        quote=quotes.quote(kind="new", offer=world.premium, seats=5, **asked), act=act
    ).subscription
    browser = sign_in(world.ada)

    order = browser.get(reverse("billing:order", args=[world.northwind.public_id]))
    seats = browser.get(reverse("billing:change-seats", args=[sold.public_id]))
    page = browser.get(
        reverse("home:customer-subscriptions", args=[world.northwind.public_id])
    ).content.decode()

    assert (order.status_code, seats.status_code) == (403, 403)
    assert "Resold by you, through Wingtip Distribution" in page
    assert reverse("billing:change-seats", args=[sold.public_id]) not in page
    assert reverse("billing:order", args=[world.northwind.public_id]) not in page


def test_invoices_name_the_reseller_of_record(tier: TwoTier, sign_in: SignIn) -> None:
    sell(tier)
    closing.close_month(month=date(2026, 3, 1), act=ACT)
    bought = Invoice.objects.get(buyer=tier.wingtip.tenant)
    sold = Invoice.objects.get(buyer=tier.relecloud)
    provider, reseller = sign_in(tier.wes), sign_in(tier.lena)

    purchase = provider.get(reverse("billing:invoice", args=[bought.public_id])).content.decode()
    sale = reseller.get(reverse("billing:invoice", args=[sold.public_id])).content.decode()
    csv = b"".join(
        provider.get(reverse("billing:invoice-csv", args=[bought.public_id])).streaming_content
    ).decode()
    listed = provider.get(reverse("billing:invoices") + "?side=sold&format=csv")
    body = b"".join(listed) if listed.streaming else listed.content

    assert "reseller Litware Consulting" in purchase
    assert "Reseller of record" in sale
    assert "4711004" in csv
    assert body.decode().splitlines()[1].endswith("Litware Consulting")
    assert reseller.get(reverse("billing:invoice", args=[bought.public_id])).status_code == 404
    pdf = reseller.get(reverse("billing:invoice-pdf", args=[sold.public_id]))
    assert pdf.content.startswith(b"%PDF")


def test_the_previews_are_of_the_own_legs(tier: TwoTier, sign_in: SignIn) -> None:
    sell(tier)
    url = reverse("billing:next-invoice")

    bought = sign_in(tier.lena).get(url)
    sold = sign_in(tier.wes).get(f"{url}?buyer={tier.litware.tenant.public_id}")
    other = sign_in(tier.wes).get(f"{url}?buyer={tier.world.contoso.public_id}")

    assert bought.context["seller"] == tier.wingtip.tenant
    assert sold.context["is_sale"]
    assert other.status_code == 404
