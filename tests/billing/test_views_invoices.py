"""Invoices on pages: who sees which, what they say, and what can be downloaded."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Invoice
from billing.services import closing
from relationships.services import ending
from subscriptions.models import Subscription
from tenants.acts import Act
from tenants.models import Tenant
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World

from .selling import change, list_prices, sell

SignIn = Callable[..., Browser]
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _second_factor_is_tested_elsewhere(settings: Any) -> None:
    settings.MFA_REQUIRED = False


@pytest.fixture
def billed(world: World) -> World:
    """60 seats from 14 Mar, 66 from 22 Nov; everything up to October is invoiced."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    premium = sell(world)
    change(world, "seats", premium, on=TODAY, seats=66)
    close(world, date(2026, 10, 1))
    return world


def close(world: World, month: date) -> None:
    act = world.act(on=date(2026, 12, 1))
    closing.close_month(month=month, act=Act.of_the_portal(at=act.at, on=act.on))


def october(buyer: Tenant) -> Invoice:
    return Invoice.objects.get(buyer=buyer, month=date(2026, 10, 1))


def page_of(name: str, invoice: Invoice) -> str:
    return reverse(f"billing:{name}", args=[invoice.public_id])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_partner_sees_both_of_its_sides_apart(billed: World, sign_in: SignIn) -> None:
    browser = sign_in(billed.ada)
    page = reverse("billing:invoices")

    def listed(**query: str) -> set[tuple[str, str]]:
        rows = browser.get(page, query).context["page"].object_list
        return {(invoice.seller.name, invoice.buyer.name) for invoice, _ in rows}

    assert listed() == listed(side="sold") == {("Fabrikam Cloud", "Northwind Traders")}
    assert listed(side="bought") == {("Cirrus", "Fabrikam Cloud")}


def test_a_customer_sees_its_own_bills_and_never_what_its_partner_pays(
    billed: World, sign_in: SignIn
) -> None:
    browser = sign_in(billed.bea)
    purchase = october(billed.fabrikam.tenant)

    rows = browser.get(reverse("billing:invoices"), {"side": "sold"}).context["page"]

    assert {invoice.buyer.name for invoice, _ in rows.object_list} == {"Northwind Traders"}
    names = ("invoice", "invoice-pdf", "invoice-csv")
    assert [browser.get(page_of(name, purchase)).status_code for name in names] == [404] * 3
    bill = browser.get(page_of("invoice", october(billed.northwind)))
    # 60 x 20.60 = 1236.00 billed; its cost is 60 x 16.48 = 988.80
    assert "€1,236.00" in text(bill)
    assert "988.80" not in text(bill)
    assert "Cirrus" not in text(bill)


@pytest.mark.parametrize("who", ["sam", "nora", "tom"])
def test_a_foreign_invoice_is_as_missing_as_none(billed: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(getattr(billed, who))
    make.relationship(billed.tailspin, billed.contoso)
    foreign = {"sam": billed.fabrikam.tenant}.get(who, billed.northwind)

    answers = [
        browser.get(page_of("invoice", october(foreign))),
        browser.get(reverse("billing:invoice", args=["00000000-0000-4000-8000-000000000000"])),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_token(answers[0]) == without_token(answers[1])


@pytest.mark.parametrize("who", ["helen", "gita", "mia"])
def test_people_without_a_say_in_money_see_no_invoice(
    billed: World, sign_in: SignIn, who: str
) -> None:
    browser = sign_in(getattr(billed, who))

    answers = [
        browser.get(reverse("billing:invoices")),
        browser.get(reverse("billing:next-invoice")),
        browser.get(page_of("invoice", october(billed.northwind))),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_a_sales_agent_sees_what_customers_were_invoiced_on_their_tab(
    billed: World, sign_in: SignIn
) -> None:
    browser = sign_in(billed.sam)
    tab = reverse("billing:customer-invoices", args=[billed.northwind.public_id])

    rows = browser.get(tab).context["page"].object_list

    # March to October
    assert [f"{invoice.month:%m}" for invoice, _ in rows] == [
        *("10", "09", "08", "07", "06", "05", "04", "03"),
    ]
    assert browser.get(page_of("invoice", october(billed.northwind))).status_code == 200
    assert browser.get(reverse("billing:invoices")).status_code == 403
    assert browser.get(reverse("billing:next-invoice")).status_code == 403
    preview = {"buyer": str(billed.northwind.public_id)}
    assert browser.get(reverse("billing:next-invoice"), preview).status_code == 200


def test_a_customer_that_left_takes_its_invoices_out_of_the_agents_sight(
    billed: World, sign_in: SignIn
) -> None:
    change(billed, "cancel", Subscription.objects.get(), on=TODAY)
    ending.end_relationship(
        relationship=billed.fabrikam.relationships.get(), reason="", act=billed.act()
    )
    bill = page_of("invoice", october(billed.northwind))

    assert sign_in(billed.sam).get(bill).status_code == 404
    # Ada reads the organisation's invoices as Billing admin
    assert sign_in(billed.ada).get(bill).status_code == 200


def test_a_purchase_is_grouped_by_customer_and_every_line_explains_itself(
    billed: World, sign_in: SignIn
) -> None:
    close(billed, NOVEMBER)
    invoice = Invoice.objects.get(buyer=billed.fabrikam.tenant, month=NOVEMBER)

    answer = sign_in(billed.ada).get(page_of("invoice", invoice))

    (group,) = answer.context["groups"]
    # 60 x 16.48 = 988.80 and 6 x 16.48 x 22/30 = 72.51
    assert (group.name, group.count, group.total) == (
        "Northwind Traders",
        2,
        Decimal("1061.31"),
    )
    assert "seats 60 → 66 by Ada Keller on 22 Nov" in text(answer)
    assert "2 lines add up to €1,061.31" in text(answer)


def test_overdue_and_paid_are_told_apart(billed: World, sign_in: SignIn) -> None:
    browser = sign_in(billed.ada)
    paid = Invoice.objects.get(buyer=billed.northwind, month=date(2026, 3, 1))
    Invoice.objects.filter(pk=paid.pk).update(paid_on=date(2026, 4, 20))

    def months(state: str) -> list[int]:
        rows = browser.get(reverse("billing:invoices"), {"state": state}).context["page"]
        return [invoice.month.month for invoice, _ in rows.object_list]

    # issued on the first of the next month, due 30 days later: on 22 Nov September's is late
    assert months("paid") == [3]
    assert months("finalised") == [10]
    assert months("overdue") == [9, 8, 7, 6, 5, 4]
    assert months("nonsense") == [10, 9, 8, 7, 6, 5, 4, 3]


def test_invoices_are_found_by_number_name_and_month(billed: World, sign_in: SignIn) -> None:
    browser = sign_in(billed.ada)
    invoice = october(billed.northwind)

    def found(**query: str) -> list[str]:
        rows = browser.get(reverse("billing:invoices"), query).context["page"].object_list
        return [each.number for each, _ in rows]

    assert found(q=str(invoice.number)) == [invoice.number]
    assert len(found(q="northwind")) == 8
    assert found(month="2026-10") == [invoice.number]
    assert len(found(month="soon")) == 8
    assert found(q="nothing like it") == []


def test_the_list_is_exported_as_it_is_filtered(billed: World, sign_in: SignIn) -> None:
    answer = sign_in(billed.ada).get(
        reverse("billing:invoices"), {"month": "2026-10", "format": "csv"}
    )

    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(content.splitlines())
    assert (row["Buyer"], row["Total"], row["State"]) == (
        "Northwind Traders",
        "1236.00",
        "finalised",
    )


def test_the_documents_are_downloaded_under_the_invoices_number(
    billed: World, sign_in: SignIn
) -> None:
    browser = sign_in(billed.carl)
    invoice = october(billed.northwind)

    pdf = browser.get(page_of("invoice-pdf", invoice))
    reconciliation = browser.get(page_of("invoice-csv", invoice))

    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == f'attachment; filename="invoice-{invoice.number}.pdf"'
    rows = csv.DictReader(
        b"".join(reconciliation.streaming_content).decode("utf-8-sig").splitlines()
    )
    assert [row["Subtotal"] for row in rows if row["InvoiceNumber"] == invoice.number] == [
        "1236.00"
    ]


@pytest.mark.parametrize(
    ("who", "other", "total"),
    [
        # 60 x 20.60 and 90.64
        ("carl", "Fabrikam Cloud", "€1,326.64"),
        # 60 x 16.48 = 988.80 and 72.51
        ("ada", "Cirrus", "€1,061.31"),
    ],
)
def test_the_next_invoice_is_shown_before_it_is_issued(
    billed: World, sign_in: SignIn, who: str, other: str, total: str
) -> None:
    answer = sign_in(getattr(billed, who)).get(reverse("billing:next-invoice"))

    assert answer.context["seller"].name == other
    assert total in text(answer)


def test_the_preview_of_a_customers_next_invoice_is_the_partners_to_see(
    billed: World, sign_in: SignIn
) -> None:
    query = {"buyer": str(billed.northwind.public_id)}
    page = reverse("billing:next-invoice")

    assert "€1,326.64" in text(sign_in(billed.ada).get(page, query))
    assert sign_in(billed.nora).get(page, query).status_code == 404
    assert sign_in(billed.carl).get(page, query).status_code == 404
    assert sign_in(billed.carl).get(page, {"seller": "x"}).status_code == 404
    vendor = {"seller": str(billed.cirrus.public_id)}
    assert sign_in(billed.carl).get(page, vendor).status_code == 404


def test_a_tenant_nobody_sells_to_has_no_next_bill(billed: World, sign_in: SignIn) -> None:
    assert sign_in(billed.tom).get(reverse("billing:next-invoice")).status_code == 404
    answer = sign_in(billed.tom).get(reverse("billing:invoices"))
    assert "No invoice yet" in text(answer)


def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(
    billed: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(billed.ada)
    page = reverse("billing:invoices")
    browser.get(page)  # the first page of a session also writes it

    def queries(**query: str) -> int:
        with django_assert_max_num_queries(20) as asked:
            browser.get(page, query)
        return len(asked)

    assert queries(month="2026-10") == queries()


def without_token(answer: Any) -> str:
    """Return the page without what differs at every rendering."""
    return "\n".join(line for line in text(answer).splitlines() if "csrf" not in line.lower())
