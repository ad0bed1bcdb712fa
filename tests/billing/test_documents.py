"""The PDF and the reconciliation file of an invoice: made from what is stored, and they add up."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from billing.models import Invoice
from billing.services import closing, documents
from billing.services.reconciliation import COLUMNS
from tenants.models import Tenant
from tests import make
from tests.world import World

from .selling import change, list_prices, sell

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def billed(world: World) -> World:
    """November: 60 seats, 6 more on the 22nd, and an add-on bought and suspended with it."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    base = sell(world, seats=60)
    sell(world, seats=6, offer=world.phone, base=base, on=date(2026, 11, 14))
    change(world, "seats", base, on=date(2026, 11, 22), seats=66)
    change(world, "suspend", base, on=date(2026, 11, 30))
    closing.close_due(act=world.act(on=date(2026, 12, 1)))
    return world


def bill(world: World) -> Invoice:
    return Invoice.objects.get(buyer=world.northwind, month=NOVEMBER)


def rows(invoice: Invoice) -> list[dict[str, str]]:
    text = b"".join(documents.reconciliation_csv(invoice)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_46_columns_are_those_that_partners_know() -> None:
    # the order of the programme's own file
    assert ",".join(COLUMNS) == (
        "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,"
        "MPNID,ResellerMPNID,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,"
        "ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,"
        "PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,"
        "SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,"
        "UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,"
        "PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,"
        "CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,"
        "ProductQualifiers,PromotionID"
    )
    assert len(COLUMNS) == 46


def test_the_subtotals_add_up_to_the_net_total_and_the_file_says_so(billed: World) -> None:
    for invoice in Invoice.objects.all():
        *lines, last = rows(invoice)

        assert len(lines) == invoice.line_count
        assert sum(Decimal(row["Subtotal"]) for row in lines) == invoice.net_total
        assert last["PartnerId"] == (
            f"{invoice.line_count} lines; the Subtotal column adds up to {invoice.net_total} EUR, "
            f"the net total of invoice {invoice.number}."
        )
        assert Decimal(last["Subtotal"]) == 0


def test_a_line_says_everything_accounting_asks_for(billed: World) -> None:
    added = next(row for row in rows(bill(billed)) if row["ChargeType"] == "addQuantity")

    order = bill(billed).charges.get(charge_type="addQuantity").seat_change.order_line.order
    filled = {name: value for name, value in added.items() if value}
    assert filled == {
        "PartnerId": "4711001",
        "MPNID": "4711001",
        "CustomerId": str(billed.northwind.public_id),
        "CustomerName": "Northwind Traders",
        "CustomerDomainName": "northwind.example",
        "CustomerCountry": "DE",
        "InvoiceNumber": "2026-000009",
        "OrderId": str(order.public_id),
        "OrderDate": "2026-11-22",
        "ProductId": "CFQ7TTC0LCHC",
        "SkuId": "0002",
        "SkuName": "Business Premium",
        "ProductName": "Business Premium",
        "ChargeType": "addQuantity",
        "UnitPrice": "20.6000",
        "Quantity": "6",
        "Subtotal": "90.64",
        "TaxTotal": "0.00",
        "Total": "90.64",
        "Currency": "EUR",
        "PublisherName": "Cirrus",
        "SubscriptionDescription": "Business Premium",
        "SubscriptionId": str(order.subscription.public_id),
        "ChargeStartDate": "2026-11-22",
        "ChargeEndDate": "2026-12-13",
        "TermAndBillingCycle": "One-Year commitment for monthly billing",
        "EffectiveUnitPrice": "15.10666667",  # 20.60 x 22/30
        "UnitType": "Licenses",
        "BillableQuantity": "6",
        "BillingFrequency": "Monthly",
        "PricingCurrency": "EUR",
        "PCToBCExchangeRate": "1",
        "SubscriptionStartDate": "2026-03-14",
        "SubscriptionEndDate": "2027-03-13",
        "ReferenceID": str(order.public_id),
    }


def test_lines_are_chronological_and_one_change_has_one_reference(billed: World) -> None:
    *lines, _last = rows(bill(billed))

    days = [row["ChargeStartDate"] for row in lines]
    assert days == sorted(days)
    suspended = [row for row in lines if row["ChargeType"] == "suspend"]
    assert len(suspended) == 2  # the base and its add-on
    assert len({row["ReferenceID"] for row in suspended}) == 1


def test_a_name_cannot_be_a_formula(billed: World) -> None:
    Tenant.objects.filter(pk=billed.northwind.pk).update(name="=HYPERLINK(1)")

    assert rows(bill(billed))[0]["CustomerName"] == "'=HYPERLINK(1)"


def test_the_pdf_says_what_the_invoice_says(billed: World) -> None:
    invoice = bill(billed)

    text = text_of(documents.invoice_pdf(invoice))

    for said in (
        "2026-000009",
        "Fabrikam Cloud",
        "Northwind Traders",
        "1 Dec 2026",
        "€90.64",
        "6 seats × €20.60 × 22 of 30 days (22 Nov – 13 Dec 2026)",
        "seats 60 → 66 by Ada Keller on 22 Nov",
        "4 lines add up to the net total." if invoice.line_count == 4 else "add up",
    ):
        assert said in " ".join(text.split()), said


def test_the_pdf_is_tagged_has_a_title_and_its_own_fonts(billed: World) -> None:
    reader = PdfReader(io.BytesIO(documents.invoice_pdf(bill(billed))))

    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice 2026-000009"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("Inter" in fonts[name]["/BaseFont"] for name in fonts)


def test_the_same_invoice_gives_the_same_bytes(billed: World) -> None:
    assert documents.invoice_pdf(bill(billed)) == documents.invoice_pdf(bill(billed))


def test_names_are_data_and_never_markup(billed: World) -> None:
    billed.contoso.name = '#read("/etc/passwd") *bold* $x$'
    billed.contoso.save(update_fields=["name"])
    make.relationship(billed.fabrikam, billed.contoso)
    sell(billed, tenant=billed.contoso, seats=1, on=date(2026, 12, 3))
    closing.close_due(act=billed.act(on=date(2027, 1, 1)))

    text = text_of(documents.invoice_pdf(Invoice.objects.get(buyer=billed.contoso)))

    assert '#read("/etc/passwd") *bold* $x$' in text


def test_a_long_invoice_has_a_row_for_each_customer(
    billed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_LINES", 2)

    text = text_of(documents.invoice_pdf(bill(billed)))

    assert "northwind.example" in text
    assert "Each of them is in the reconciliation file of this invoice." in " ".join(text.split())


@pytest.mark.parametrize("count", [1, 3])
def test_documents_take_as_many_queries_however_long(
    world: World, count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    for _each in range(count):
        sell(world, seats=5)
    closing.close_due(act=world.act(on=date(2026, 4, 1)))
    invoice = Invoice.objects.get(buyer=world.northwind)

    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        list(documents.reconciliation_csv(invoice))
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        documents.invoice_pdf(invoice)
