"""An invoice as its page shows it: lines that say what they are, grouped by whom they are for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from csp_portal.shared.money import MINUS, format_unit_price

from ..models import Charge, Invoice
from .explain import days_in_words, explain
from .invoices import ExplainedLine
from .lines import Line, chronological, line_of

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ShownLine:
    line: Line
    words: str
    period: str
    seats: str
    unit_price: str


@dataclass(frozen=True, slots=True)
class CustomerLines:
    """The lines of one customer on this page, and the customer's sum on the whole invoice."""

    customer_id: UUID
    name: str
    domain: str
    reseller: str
    count: int
    total: Decimal
    lines: list[ShownLine]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the lines add up to, counted anew for the page, against what the invoice says."""

    lines: int
    sum: Decimal
    holds: bool


@dataclass(frozen=True, slots=True)
class Party:
    """A side of an invoice as it was when the invoice was issued."""

    name: str
    address: list[str]
    tax_id: str
    partner_id: str


def party_of(copied: dict[str, Any]) -> Party:
    place = " ".join(filter(None, [copied.get("postal_code"), copied.get("city")]))
    address = [copied.get("street"), place, copied.get("country")]
    return Party(
        name=copied.get("name") or "",
        address=[line for line in address if line],
        tax_id=copied.get("tax_id") or "",
        partner_id=copied.get("partner_id") or "",
    )


def charges_of(invoice: Invoice, *, by_customer: bool) -> QuerySet[Charge]:
    """Return the lines in the order of the page: on a purchase, one customer after another."""
    charges = chronological(invoice.charges.all())
    if not by_customer:
        return charges
    customer = "locked_price__subscription__tenant"
    return charges.order_by(
        f"{customer}__name",
        f"{customer}_id",
        "charged_from",
        "locked_price__subscription_id",
        "id",
    )


def shown_charges(charges: Iterable[Charge]) -> list[ShownLine]:
    return [_shown(line, explain(line)) for line in map(line_of, charges)]


def shown_lines(lines: Iterable[ExplainedLine]) -> list[ShownLine]:
    return [_shown(each.line, each.words) for each in lines]


def customers_on(invoice: Invoice, lines: Sequence[ShownLine]) -> list[CustomerLines]:
    """Group a page of `charges_of(by_customer=True)`; the sums are the whole invoice's."""
    return _grouped(lines, _sums(invoice, {each.line.customer_id for each in lines}))


def customers_of(
    lines: Sequence[ShownLine], *, all_lines: Iterable[ExplainedLine]
) -> list[CustomerLines]:
    """Group a page of a preview in the order of `sorted_by_customer`; sums are of all lines."""
    sums: dict[UUID, tuple[int, Decimal]] = {}
    for each in all_lines:
        count, total = sums.get(each.line.customer_id, (0, ZERO))
        sums[each.line.customer_id] = (count + 1, total + each.line.amount)
    return _grouped(lines, sums)


def resellers_on(lines: Iterable[ShownLine]) -> list[str]:
    """Return the resellers of record of a page's lines, by name."""
    return sorted({each.line.reseller for each in lines if each.line.reseller})


def sorted_by_customer(lines: Iterable[ExplainedLine]) -> list[ExplainedLine]:
    """Return the lines one customer after another, each customer's in their order."""
    return sorted(lines, key=lambda each: (each.line.customer_name, str(each.line.customer_id)))


def proof_of(invoice: Invoice) -> Proof:
    counted = invoice.charges.aggregate(lines=Count("pk"), sum=Sum("amount"))
    lines, total = counted["lines"], counted["sum"] or ZERO
    holds = (lines, total) == (invoice.line_count, invoice.net_total)
    return Proof(lines, total, holds and invoice.total == total + invoice.brought_forward)


def _shown(line: Line, words: str) -> ShownLine:
    return ShownLine(
        line,
        words,
        period=days_in_words(line.charged_from, line.last_day),
        seats=f"{MINUS if line.seats < 0 else ''}{abs(line.seats):,}",
        unit_price=format_unit_price(line.unit_price, line.currency),
    )


def _grouped(
    lines: Sequence[ShownLine], sums: Mapping[UUID, tuple[int, Decimal]]
) -> list[CustomerLines]:
    groups = []
    for customer_id, group in groupby(lines, key=lambda each: each.line.customer_id):
        members = list(group)
        first, (count, total) = members[0].line, sums[customer_id]
        groups.append(
            CustomerLines(
                customer_id,
                first.customer_name,
                first.customer_domain,
                first.reseller,
                count,
                total,
                members,
            )
        )
    return groups


def _sums(invoice: Invoice, customers: set[UUID]) -> dict[UUID, tuple[int, Decimal]]:
    customer = "locked_price__subscription__tenant__public_id"
    rows = (
        invoice.charges.filter(**{f"{customer}__in": customers})
        .values_list(customer)
        .annotate(count=Count("pk"), total=Sum("amount"))
    )
    return {public_id: (count, total) for public_id, count, total in rows}
