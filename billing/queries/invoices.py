"""Invoices, their lines, and what the next one will say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from csp_portal.shared.dates import add_months
from tenants.models import Tenant

from ..models import Charge, Invoice, LockedPrice, MonthClose
from .due_periods import FOR_ONE_BUYER, CloseWindow, due_periods_sql
from .explain import explain
from .lines import RELATED, Line, chronological, line_of


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line with the sentence that explains it."""

    line: Line
    words: str


@dataclass(frozen=True, slots=True)
class NextInvoice:
    """
    What the invoice of a month will say in one currency, if nothing changes until then.

    `total` is `net_total` plus the balance brought forward, as on an invoice.
    """

    seller: Tenant
    buyer: Tenant
    currency: str
    month: date
    lines: list[ExplainedLine]
    net_total: Decimal
    brought_forward: Decimal

    @property
    def total(self) -> Decimal:
        return self.net_total + self.brought_forward

    @property
    def issued_on(self) -> date:
        return add_months(self.month, 1)


def lines_of(invoice: Invoice) -> list[ExplainedLine]:
    """Return the invoice's lines, explained, in the order of days."""
    charges = chronological(Charge.objects.filter(invoice=invoice))
    return [_explained(line_of(charge)) for charge in charges]


def next_invoice(*, seller: Tenant, buyer: Tenant, month: date) -> list[NextInvoice]:
    """
    Return what `seller` will invoice `buyer` for `month`, one entry per currency.

    The period charges come from the very SELECT whose rows the close inserts. While an
    earlier month is not closed, its charges will be on its own invoice and are left out.
    """
    month = month.replace(day=1)
    window = CloseWindow(seller.pk, month, since=open_since(seller=seller, month=month))
    charges = [*_period_charges(window, buyer), *_open_charges(window, buyer)]
    charges.sort(key=lambda c: (c.charged_from, c.locked_price.subscription_id, c.pk or 0))
    by_currency: dict[str, list[Charge]] = {}
    for charge in charges:
        by_currency.setdefault(charge.locked_price.currency, []).append(charge)
    return [
        NextInvoice(
            seller,
            buyer,
            currency,
            month,
            lines=[_explained(line_of(charge)) for charge in found],
            net_total=sum((charge.amount for charge in found), Decimal("0.00")),
            brought_forward=balance_carried(
                seller=seller, buyer=buyer, currency=currency, month=month
            ),
        )
        for currency, found in sorted(by_currency.items())
    ]


def balance_carried(*, seller: Tenant, buyer: Tenant, currency: str, month: date) -> Decimal:
    """Return the balance below zero of the newest invoice before `month`, or 0."""
    earlier = Invoice.objects.filter(
        seller=seller, buyer=buyer, currency=currency, month__lt=month, finalised_at__isnull=False
    )
    newest = earlier.order_by("-month").values_list("total", flat=True).first()
    return min(newest or Decimal("0.00"), Decimal("0.00"))


def sum_of(invoice: Invoice) -> Decimal:
    """Return the sum of the lines as they are now; it equals the stored net total."""
    lines = Charge.objects.filter(invoice=invoice)
    return lines.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")


def open_since(*, seller: Tenant, month: date) -> date | None:
    """Return the first day whose charges `month`'s invoice will have; None: whatever is left."""
    closed = MonthClose.objects.filter(
        seller=seller, month=add_months(month, -1), state=MonthClose.CloseState.DONE
    )
    return None if closed.exists() else month


def _period_charges(window: CloseWindow, buyer: Tenant) -> list[Charge]:
    """Return the charges that the close would insert, unsaved."""
    with connection.cursor() as cursor:
        cursor.execute(due_periods_sql(FOR_ONE_BUYER), window.parameters(buyer=buyer.pk))
        names = [column.name for column in cursor.description or ()]
        rows: list[dict[str, Any]] = [
            dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        ]
    locked_prices = LockedPrice.objects.select_related(
        "term", "subscription__tenant", "subscription__reseller__tenant"
    ).in_bulk({row["locked_price_id"] for row in rows})
    return [
        Charge(
            locked_price=locked_prices[row["locked_price_id"]],
            charge_type=row["charge_type"],
            period_from=row["period_from"],
            period_until=row["period_until"],
            charged_from=row["period_from"],
            seats=row["seats"],
            amount=row["amount"],
        )
        for row in rows
    ]


def _open_charges(window: CloseWindow, buyer: Tenant) -> list[Charge]:
    charges = Charge.objects.filter(
        invoice__isnull=True,
        locked_price__seller=window.seller_id,
        locked_price__buyer=buyer,
        charged_from__lt=window.until,
    )
    if window.since is not None:
        charges = charges.filter(charged_from__gte=window.since)
    return list(charges.select_related(*RELATED))


def _explained(line: Line) -> ExplainedLine:
    return ExplainedLine(line, explain(line))
