"""Lists of invoices: their states on a day, and what a list is narrowed to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tenants.models import Tenant
from tenants.roles import Kind

from ..models import Invoice, MonthClose

SOLD, BOUGHT = "sold", "bought"
FINALISED, PAID, OVERDUE, CREDITED = "finalised", "paid", "overdue", "credited"
STATES = (FINALISED, OVERDUE, PAID, CREDITED)
NUMBER_DIGITS = 6
NO_LIMIT = 2**31


def state_of(invoice: Invoice, *, on: date) -> str:
    """
    Return finalised, paid, overdue or credited.

    An invoice is due during the whole of its due day. One whose total is zero or below
    asks for nothing: what is below zero is carried to the next invoice.
    """
    if invoice.paid_on is not None:
        return PAID
    if invoice.total <= 0:
        return CREDITED
    return OVERDUE if invoice.due_on < on else FINALISED


def in_state(state: str, *, on: date) -> Q:
    """Return the condition of `state_of`, for the database."""
    return {
        PAID: Q(paid_on__isnull=False),
        CREDITED: Q(paid_on=None, total__lte=0),
        OVERDUE: Q(paid_on=None, total__gt=0, due_on__lt=on),
        FINALISED: Q(paid_on=None, total__gt=0, due_on__gte=on),
    }[state]


@dataclass(frozen=True, slots=True)
class Shown:
    """A state as pages show it."""

    code: str
    label: str


def states() -> list[tuple[str, str]]:
    return [
        (FINALISED, _("Finalised")),
        (OVERDUE, _("Overdue")),
        (PAID, _("Paid")),
        (CREDITED, _("Nothing due")),
    ]


def shown_state(invoice: Invoice, *, on: date) -> Shown:
    code = state_of(invoice, on=on)
    return Shown(code, dict(states())[code])


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What a list is narrowed to. A value that is not understood narrows nothing."""

    side: str = ""
    month: date | None = None
    state: str = ""
    q: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str], *, side: str = "") -> Self:
        state = values.get("state", "")
        return cls(
            side=side,
            month=_month(values.get("month", "")),
            state=state if state in STATES else "",
            q=values.get("q", "")[:100].strip(),
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.month or self.state or self.q)

    def apply(self, invoices: QuerySet[Invoice], *, tenant: Tenant, on: date) -> QuerySet[Invoice]:
        """Return the matching invoices of one side of `tenant`, newest first."""
        invoices = of_side(invoices, side=self.side, tenant=tenant)
        if self.month:
            invoices = invoices.filter(month=self.month)
        if self.state:
            invoices = invoices.filter(in_state(self.state, on=on))
        if self.q:
            other = "buyer" if self.side == SOLD else "seller"
            named = invoices.filter(**{f"{other}__in": among_names(self.q)})
            numbers = invoices.filter(numbered(self.q, on=on))
            # as two searches, so that each is answered by its index
            invoices = invoices.filter(pk__in=named.values("pk").union(numbers.values("pk")))
        # A seller's numbers grow with the months; ordered by them alone an index does it.
        order = ["-number"] if self.side == SOLD else ["-month", "-number"]
        return invoices.select_related("seller__partner", "buyer__partner").order_by(*order, "-id")


def numbered(q: str, *, on: date) -> Q:
    """Return the condition: its number begins so, or is that one of this year or the two before."""
    wanted = Q(number__startswith=q)
    if q.isascii() and q.isdigit() and len(q) <= NUMBER_DIGITS:
        years = (on.year, on.year - 1, on.year - 2)
        wanted |= Q(number__in=[f"{year}-{int(q):0{NUMBER_DIGITS}d}" for year in years])
    return wanted


def among_names(q: str) -> QuerySet[Tenant, Any]:
    """
    Return the keys of the tenants with such words.

    The limit never cuts anything off: with it, the index of words is asked first.
    """
    return Tenant.objects.matching(q).values("pk")[:NO_LIMIT]


def of_side(invoices: QuerySet[Invoice], *, side: str, tenant: Tenant) -> QuerySet[Invoice]:
    return invoices.filter(**{"seller" if side == SOLD else "buyer": tenant})


def months_of(invoices: QuerySet[Invoice]) -> list[date]:
    """Return the months that have invoices, newest first."""
    return list(invoices.order_by("-month").values_list("month", flat=True).distinct())


def months_closed_by(seller: Tenant) -> list[date]:
    """Return the months in which `seller` issued invoices, newest first, from its few closes."""
    closes = MonthClose.objects.filter(seller=seller, invoices__gt=0)
    return list(closes.order_by("-month").values_list("month", flat=True))


EXPORT_HEADER = (
    "Number",
    "Month",
    "Issued",
    "Due",
    "Seller",
    "Buyer",
    "Currency",
    "Lines",
    "Net",
    "BroughtForward",
    "Total",
    "State",
    "Paid",
    "Reseller",
)


def export_rows(invoices: QuerySet[Invoice], *, on: date) -> Iterator[tuple[object, ...]]:
    """Yield a row per invoice, in the order of `EXPORT_HEADER`, without loading them all."""
    for invoice in invoices.iterator(chunk_size=2000):
        yield (
            invoice.number,
            f"{invoice.month:%Y-%m}",
            invoice.issued_on,
            invoice.due_on,
            invoice.seller.name,
            invoice.buyer.name,
            invoice.currency,
            invoice.line_count,
            invoice.net_total,
            invoice.brought_forward,
            invoice.total,
            state_of(invoice, on=on),
            invoice.paid_on,
            _reseller_on(invoice),
        )


def _reseller_on(invoice: Invoice) -> str:
    """
    Return the reseller that buys or sells here; empty on a vendor's invoice to a provider.

    That one has a line for each customer, whose reseller its reconciliation file names.
    """
    seller, buyer = invoice.seller, invoice.buyer
    if seller.kind == Kind.INDIRECT_RESELLER:
        return seller.name
    return buyer.name if seller.kind == Kind.INDIRECT_PROVIDER and buyer.is_partner else ""


def _month(text: str) -> date | None:
    """Return the first day of "2026-11", None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
