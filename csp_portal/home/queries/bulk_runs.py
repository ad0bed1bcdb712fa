"""How far a command for many rows is, and what became of each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Sum
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from csp_portal.lists.columns import Text
from csp_portal.shared.csvfiles import csv_lines
from tenants.models import Tenant, User

from ..models import BulkRow, BulkRun

ROWS_A_PAGE = 100
NEWEST = 50


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows have an outcome; the waiting ones have no code."""

    code: str
    label: Text
    count: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What the rows with a price come to in one currency; below zero it is a credit."""

    currency: str
    sold: Decimal | None
    bought: Decimal | None

    @property
    def is_credit(self) -> bool:
        return self.sold is not None and self.sold < 0

    @property
    def is_credit_to_you(self) -> bool:
        return self.bought is not None and self.bought < 0

    @property
    def sold_size(self) -> Decimal:
        """The amount without its sign: the words beside it say which way it goes."""
        return abs(self.sold or Decimal(0))

    @property
    def bought_size(self) -> Decimal:
        return abs(self.bought or Decimal(0))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run is: a code for its colour, and words."""

    code: str
    words: str


def standing_of(run: BulkRun) -> Standing:
    if run.failure:
        return Standing("failed", _("Stopped"))
    if run.finished_at:
        return Standing("done", _("Done"))
    if run.confirmed_at:
        return Standing("running", _("Being done"))
    if run.prepared_at:
        return Standing("requested", _("Waits for your click"))
    return Standing("queued", _("Being prepared"))


def runs_of(organisation: Tenant, by: User) -> QuerySet[BulkRun]:
    return BulkRun.objects.filter(organisation=organisation, by=by).order_by("-id")[:NEWEST]


def counts_of(run: BulkRun) -> list[Counted]:
    """Return the outcomes that there are, in the order of their life."""
    counts = dict(
        run.rows.order_by().values("outcome").annotate(n=Count("pk")).values_list("outcome", "n")
    )
    return [Counted(o.value, o.label, counts[o]) for o in BulkRow.Outcome if counts.get(o)]


def sums_of(run: BulkRun) -> list[Sums]:
    """Return what the rows cost that are to be done, or were."""
    rows = run.rows.filter(outcome__in=["", BulkRow.Outcome.DONE], quote__isnull=False)
    found: dict[str, dict[str, Decimal]] = {}
    for side in ("sold", "bought"):
        summed = (
            rows.exclude(**{f"{side}_currency": ""})
            .order_by(f"{side}_currency")
            .values(currency=F(f"{side}_currency"))
            .annotate(amount=Sum(side))
        )
        for each in summed:
            found.setdefault(each["currency"], {})[side] = each["amount"]
    return [Sums(code, sides.get("sold"), sides.get("bought")) for code, sides in found.items()]


def rows_page(run: BulkRun, outcome: str, number: str) -> Page[BulkRow]:
    rows = run.rows.order_by("number")
    if outcome in BulkRow.Outcome.values:
        rows = rows.filter(outcome=outcome)
    return Paginator(rows, ROWS_A_PAGE).get_page(number)


def exported(run: BulkRun) -> StreamingHttpResponse:
    """Return the result of every row as CSV, with its amounts if it has a price."""
    header = [_("Row"), _("ID"), _("Outcome"), _("Result")]
    header += [_("You charge"), _("Currency"), _("You are charged"), _("Currency charged to you")]
    response = StreamingHttpResponse(
        csv_lines(header=header, rows=_cells(run)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{run.command}-{run.public_id}.csv"'
    return response


def _cells(run: BulkRun) -> Iterator[list[object]]:
    for row in run.rows.order_by("number").iterator():
        yield [
            row.name,
            row.key,
            row.get_outcome_display(),
            row.words,
            *(row.sold, row.sold_currency),
            *(row.bought, row.bought_currency),
        ]
