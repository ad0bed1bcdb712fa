"""
The reconciliation file of an invoice: the 46 columns partners' accounting already reads.

`Subtotal` is our line amount: the column adds up to the invoice's net total exactly, and
the last row says so. What does not apply stays empty.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import csv_lines
from subscriptions.domain.lifecycle import FactKind
from tenants.models import Tenant

from ..models import Charge, Invoice, Order
from ..queries.lines import Line, chronological, line_of

COLUMNS = (
    *("PartnerId", "CustomerId", "CustomerName", "CustomerDomainName", "CustomerCountry"),
    *("InvoiceNumber", "MPNID", "ResellerMPNID", "OrderId", "OrderDate", "ProductId", "SkuId"),
    *("AvailabilityId", "SkuName", "ProductName", "ChargeType", "UnitPrice", "Quantity"),
    *("Subtotal", "TaxTotal", "Total", "Currency", "PriceAdjustmentDescription"),
    *("PublisherName", "PublisherId", "SubscriptionDescription", "SubscriptionId"),
    *("ChargeStartDate", "ChargeEndDate", "TermAndBillingCycle", "EffectiveUnitPrice"),
    *("UnitType", "AlternateId", "BillableQuantity", "BillingFrequency", "PricingCurrency"),
    *("PCToBCExchangeRate", "PCToBCExchangeRateDate", "MeterDescription"),
    *("ReservationOrderId", "CreditReasonCode", "SubscriptionStartDate"),
    *("SubscriptionEndDate", "ReferenceID", "ProductQualifiers", "PromotionID"),
)
COMMITMENTS = {"P1Y": "One-Year", "P1M": "One-Month"}
FREQUENCIES = {"annual": "Annual", "monthly": "Monthly"}
EIGHT_DECIMALS = Decimal("0.00000001")
ZERO = Decimal("0.00")
LINES_AT_A_TIME = 2_000


def reconciliation_csv(invoice: Invoice) -> Iterator[bytes]:
    """Yield the file line by line, oldest charge first, whatever the invoice's size."""
    return csv_lines(header=COLUMNS, rows=_rows(invoice))


def effective_unit_price(line: Line) -> Decimal:
    """Return the price of one seat for the days charged, to 8 decimals."""
    with localcontext(prec=40):
        exact = line.unit_price * line.days / line.divisor
        return exact.quantize(EIGHT_DECIMALS, ROUND_HALF_UP)


def _rows(invoice: Invoice) -> Iterator[list[object]]:
    publisher = Tenant.objects.vendor().name
    total = ZERO
    for charge in _charges(invoice).iterator(chunk_size=LINES_AT_A_TIME):
        total += charge.amount
        cells = _cells(charge, invoice=invoice, publisher=publisher)
        yield [cells.get(column) for column in COLUMNS]
    proof = _("%(count)d lines; the Subtotal column adds up to %(total)s %(currency)s") % {
        "count": invoice.line_count,
        "total": total,
        "currency": invoice.currency,
    }
    verdict = (
        _("the net total of invoice %(number)s")
        if total == invoice.net_total
        else _("which is NOT the net total of invoice %(number)s")
    )
    says = f"{proof}, {verdict % {'number': invoice.number}}."
    last: dict[str, object] = {"PartnerId": says, "Subtotal": ZERO, "TaxTotal": ZERO, "Total": ZERO}
    yield [last.get(column) for column in COLUMNS]


def _charges(invoice: Invoice) -> QuerySet[Charge]:
    first_order = Order.objects.filter(
        subscription=OuterRef("locked_price__subscription"),
        lines__seat_change__kind=FactKind.ORDERED,
    ).order_by("id")
    charges = Charge.objects.filter(invoice=invoice)
    return (
        chronological(charges)
        .select_related(
            "locked_price__subscription__partner", "locked_price__subscription__reseller"
        )
        .annotate(
            first_order_id=Subquery(first_order.values("public_id")[:1]),
            first_ordered_at=Subquery(first_order.values("placed_at")[:1]),
        )
    )


def _cells(charge: Charge, *, invoice: Invoice, publisher: str) -> dict[str, object]:
    line = line_of(charge)
    subscription = charge.locked_price.subscription
    partner, reseller = subscription.partner, subscription.reseller
    product, _colon, sku = line.offer_sku.partition(":")
    first_ordered_at = charge.first_ordered_at  # type: ignore[attr-defined]  # annotated
    first_order_id = charge.first_order_id  # type: ignore[attr-defined]  # annotated
    is_yearly = line.plan == "annual"
    return {
        "PartnerId": partner.mpn_id if partner else None,
        "CustomerId": str(line.customer_id),
        "CustomerName": line.customer_name,
        "CustomerDomainName": line.customer_domain,
        "CustomerCountry": line.customer_country,
        "InvoiceNumber": invoice.number,
        "MPNID": partner.mpn_id if partner else None,
        "ResellerMPNID": reseller.mpn_id if reseller else None,
        "OrderId": str(line.order_id or first_order_id or ""),
        "OrderDate": line.ordered_on or (first_ordered_at.date() if first_ordered_at else None),
        "ProductId": product,
        "SkuId": sku,
        "SkuName": line.offer_title,
        "ProductName": line.offer_title,
        "ChargeType": line.charge_type,
        "UnitPrice": line.unit_price,
        "Quantity": line.seats,
        "Subtotal": line.amount,
        "TaxTotal": ZERO,
        "Total": line.amount,
        "Currency": line.currency,
        "PublisherName": publisher,
        "SubscriptionDescription": line.offer_title,
        "SubscriptionId": str(line.subscription_id),
        "ChargeStartDate": line.charged_from,
        "ChargeEndDate": line.last_day,
        "TermAndBillingCycle": f"{COMMITMENTS[line.duration]} commitment for "
        f"{'yearly' if is_yearly else 'monthly'} billing",
        "EffectiveUnitPrice": effective_unit_price(line),
        "UnitType": "Licenses",
        "BillableQuantity": line.seats,
        "BillingFrequency": FREQUENCIES[line.plan],
        "PricingCurrency": line.currency,
        "PCToBCExchangeRate": 1,
        "SubscriptionStartDate": line.term_starts_on,
        "SubscriptionEndDate": date.fromordinal(line.term_ends_on.toordinal() - 1),
        # what one click did, to a base and its add-ons, has one reference
        "ReferenceID": str(line.order_id or line.fact_id or ""),
    }
