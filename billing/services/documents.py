"""The documents of an invoice, made from what is stored whenever somebody asks for them."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.db.models import Count, Sum
from django.utils import translation

from csp_portal.shared.dates import month_of
from csp_portal.shared.money import format_money, format_unit_price

from ..models import Charge, Invoice
from ..queries.explain import days_in_words
from ..queries.invoices import ExplainedLine, lines_of
from . import reconciliation

DOCUMENTS = Path(__file__).resolve().parents[1] / "documents"
# A longer invoice has one row per customer; its lines are in the reconciliation file.
MOST_LINES = 1_000
MOST_RESELLERS = 3
# A document is the same whoever asks for it.
LANGUAGE = "en"

_typesetter = threading.local()


def invoice_pdf(invoice: Invoice) -> bytes:
    """
    Return the invoice as a tagged PDF (PDF/UA-1). The same invoice gives the same bytes.

    The document is data, given as JSON: nothing in it is read as markup.
    """
    assert invoice.finalised_at is not None  # drafts exist inside the close only
    with translation.override(LANGUAGE):
        data = json.dumps(_data(invoice))
    pdf = _compiler().compile(
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"data": data},
        timestamp=invoice.finalised_at.astimezone(UTC).replace(microsecond=0),
    )
    assert isinstance(pdf, bytes)  # one file, since no output path was given
    return pdf


def reconciliation_csv(invoice: Invoice) -> Iterator[bytes]:
    """Yield the reconciliation file: see `reconciliation`."""
    return reconciliation.reconciliation_csv(invoice)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(DOCUMENTS / "fonts")],
    )


def _compiler() -> typst.Compiler:
    """Return this thread's typesetter; it keeps what it parsed from one invoice to the next."""
    if not hasattr(_typesetter, "compiler"):
        _typesetter.compiler = typst.Compiler(
            str(DOCUMENTS / "invoice.typ"), root=str(DOCUMENTS), font_paths=_fonts()
        )
    compiler: typst.Compiler = _typesetter.compiler
    return compiler


def _data(invoice: Invoice) -> dict[str, Any]:
    month = month_of(invoice.month)
    is_short = invoice.line_count <= MOST_LINES
    resellers = _resellers(invoice)
    return {
        "number": invoice.number,
        "seller": _party(invoice.parties.get("seller", {})),
        "buyer": _party(invoice.parties.get("buyer", {})),
        "facts": [
            ["Invoice date", _day(invoice.issued_on)],
            ["Due", _day(invoice.due_on) if invoice.total > 0 else "nothing to pay"],
            ["Invoicing month", days_in_words(month.start, month.last_day)],
            ["Currency", invoice.currency],
            *([["Reseller of record", resellers]] if resellers else []),
        ],
        "is_short": is_short,
        "lines": _lines(invoice) if is_short else _customers(invoice),
        "totals": _totals(invoice),
        "total": format_money(invoice.total, invoice.currency),
        "note": _note(invoice),
    }


def _lines(invoice: Invoice) -> list[dict[str, str]]:
    lines = lines_of(invoice)
    customers = {each.line.customer_id for each in lines}
    is_customers_own = len(customers) == 1 and lines[0].line.customer_name == (
        invoice.parties.get("buyer", {}).get("name")
    )
    return [_line(each, with_customer=not is_customers_own) for each in lines]


def _line(each: ExplainedLine, *, with_customer: bool) -> dict[str, str]:
    line = each.line
    customer = f"{line.customer_name} · " if with_customer else ""
    if line.reseller and with_customer:
        customer += f"reseller {line.reseller} · "
    kind = "" if line.charge_type == Charge.ChargeType.CYCLE else f", {line.charge_type_label}"
    return {
        "name": f"{line.offer_title}{kind.lower()}",
        "note": f"{customer}{each.words}",
        "period": days_in_words(line.charged_from, line.last_day),
        "seats": f"{line.seats:,}".replace("-", "\u2212"),
        "unit": format_unit_price(line.unit_price, line.currency),
        "amount": format_money(line.amount, line.currency),
    }


def _resellers(invoice: Invoice) -> str:
    """Return the resellers of record of what is invoiced, or how many they are."""
    reseller = "locked_price__subscription__reseller__tenant__name"
    charges = Charge.objects.filter(invoice=invoice).exclude(**{reseller: None})
    names = list(charges.order_by(reseller).values_list(reseller, flat=True).distinct())
    return ", ".join(names) if len(names) <= MOST_RESELLERS else f"{len(names):,}, see the lines"


def _customers(invoice: Invoice) -> list[dict[str, str]]:
    """Return one row per customer, by name; the sums add up to the invoice's."""
    customer = "locked_price__subscription__tenant"
    rows = (
        Charge.objects.filter(invoice=invoice)
        .values(f"{customer}__name", f"{customer}__domain")
        .annotate(count=Count("pk"), sum=Sum("amount"))
        .order_by(f"{customer}__name", f"{customer}__domain")
    )
    return [
        {
            "name": row[f"{customer}__name"],
            "note": f"{row[f'{customer}__domain']} · {row['count']:,} lines",
            "amount": format_money(row["sum"], invoice.currency),
        }
        for row in rows
    ]


def _totals(invoice: Invoice) -> list[list[str]]:
    totals = [["Net total", format_money(invoice.net_total, invoice.currency)]]
    if invoice.brought_forward:
        carried = format_money(invoice.brought_forward, invoice.currency)
        totals.append(["Balance of an earlier invoice", carried])
    return totals


def _note(invoice: Invoice) -> str:
    count = f"{invoice.line_count:,} line{'' if invoice.line_count == 1 else 's'}"
    says = f"{count} add up to the net total."
    if invoice.line_count > MOST_LINES:
        says += " Each of them is in the reconciliation file of this invoice."
    if invoice.total < 0:
        says += " The balance is in your favour; your next invoice takes it off."
    return says


def _party(copied: dict[str, Any]) -> dict[str, str]:
    place = " ".join(part for part in (copied.get("postal_code"), copied.get("city")) if part)
    address = [copied.get("street"), place, copied.get("country")]
    return {
        "name": copied.get("name") or "",
        "address": ", ".join(part for part in address if part),
        "tax_id": copied.get("tax_id") or "",
    }


def _day(day: date) -> str:
    return days_in_words(day, day)
