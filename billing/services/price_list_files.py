"""
The two formats of a price list file, row by row: cells in, prices out.

Prices leave here per seat and billing period of their plan, as a price list stores them. The
header tells the formats apart. What is wrong with a row is raised as `BadRow`, all at once.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import BadRow, CsvRefused, CsvRows, Row, RowProblem, read_csv

from .price_list_cells import Days, Faults, check_text, days_in, one_of, price, share, twelve

# A command may read more than the 200,000 rows of an upload.
MAX_ROWS = 2_000_000
MAX_BYTES = 1_000_000_000

CURRENT = frozenset(
    {"ProductId", "SkuId", "SkuTitle", "TermDuration", "BillingPlan", "UnitPrice", "ERP Price"}
)
CURRENT_OPTIONAL = frozenset(
    {
        *("ProductTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "Market", "Currency"),
        *("PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate", "EffectiveEndDate"),
        *("Tags", "Segment"),
    }
)
LICENCE_BASED = frozenset(
    {
        "Offer Display Name",
        "Offer ID",
        "License Agreement Type",
        "Purchase Unit",
        "Secondary License Type",
        "List Price",
        "ERP Price",
    }
)
FLAG = "Flag (ADD|CHG|DEL|UNC|DEPR)"
LICENCE_BASED_OPTIONAL = frozenset(
    {FLAG, "Flag", "Valid From Date", "Valid To Date", "End Customer Type"}
)

SEGMENTS = {name: name for name in ("commercial", "education", "government", "charity")}
SEGMENT_OF_AGREEMENT = SEGMENTS | {
    "corporate": "commercial",
    "academic": "education",
    "non-profit": "charity",
    "nonprofit": "charity",
}
DURATIONS = {"p1m": "P1M", "p1y": "P1Y"}
PLANS = {"monthly": "monthly", "annual": "annual"}
FLAGS = {flag.casefold(): flag for flag in ("ADD", "CHG", "DEL", "UNC", "DEPR")} | {"": ""}
SECONDARY_TYPES = {name.casefold(): name for name in ("NON-SPECIFIC", "ADDON", "TRIAL")} | {"": ""}
PURCHASE_UNITS = {"1 month(s)": "P1M", "1 month": "P1M"}


class Product(NamedTuple):
    """What a file says about an offer; used where the portal does not know it yet."""

    sku: str
    title: str
    family: str = ""
    is_add_on: bool = False
    is_trial: bool = False


class FilePrice(NamedTuple):
    """One price: `unit_price` and `erp` per seat and billing period of `plan`."""

    unit_price: Decimal
    erp: Decimal
    segment: str
    duration: str
    plan: str
    days: Days


class Conditions(NamedTuple):
    """The conditions a price holds on; `is_a_twelfth` of what the file says."""

    is_a_twelfth: bool
    segment: str
    duration: str
    plan: str
    days: Days


class Place(NamedTuple):
    """Whose list it is, and whether the file says for which segments."""

    market: str
    currency: str
    minor_units: int
    has_segments: bool


# What a row says; no prices where it says that it is not part of the list.
Parsed = tuple[Product, tuple[FilePrice, ...]]
ParseRow = Callable[[Row], Parsed]


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A file whose header was recognised."""

    rows: CsvRows
    parse_row: ParseRow
    sku_column: str


def open_price_file(file: BinaryIO, *, market: str, currency: str, minor_units: int) -> PriceFile:
    """
    Recognise the format by the header and return the rows, not yet parsed.

    :raises CsvRefused: if the file or its header cannot be taken
    """
    columns = _rows(file, (), ("Offer ID", "SkuId")).columns
    if "Offer ID" in columns:
        rows = _rows(file, LICENCE_BASED, LICENCE_BASED_OPTIONAL)
        return PriceFile(rows, _licence_based_row, "Offer ID")
    if "SkuId" not in columns:
        message = _(
            "The header is of neither price list format: it has no “SkuId” and no “Offer ID”."
        )
        raise CsvRefused([RowProblem(1, "", message)])
    rows = _rows(file, CURRENT, CURRENT_OPTIONAL)
    place = Place(market, currency, minor_units, has_segments="Segment" in rows.columns)
    return PriceFile(rows, partial(_current_row, place), "SkuId")


def _rows(file: BinaryIO, required: Collection[str], optional: Collection[str]) -> CsvRows:
    return read_csv(
        file,
        required=sorted(required),
        optional=sorted(optional),
        max_rows=MAX_ROWS,
        max_bytes=MAX_BYTES,
    )


def market_and_currency_of(file: BinaryIO) -> tuple[str, str]:
    """Return what the first row says, or empty words where the format has no such column."""
    try:
        _line, row = next(iter(_rows(file, (), ("Market", "Currency"))))
    except CsvRefused:
        return "", ""  # the import says what is wrong with it
    return row["Market"].upper(), row["Currency"].upper()


def _current_row(place: Place, row: Row) -> Parsed:
    """`UnitPrice` and `ERP Price` are for the whole term; a month of a year is a twelfth."""
    conditions, fixed_faults = _conditions(place, _cells_of_conditions(row))
    faults: Faults = list(fixed_faults)
    product_id = row["ProductId"]
    sku = f"{product_id}:{row['SkuId']}" if row["SkuId"] else product_id
    check_text("ProductId", product_id and sku, 64, faults)
    check_text("SkuTitle", row["SkuTitle"], 200, faults)
    check_text("ProductTitle", row["ProductTitle"] or "-", 100, faults)
    unit_price, erp = price(row, "UnitPrice", faults), price(row, "ERP Price", faults)
    if faults:
        raise BadRow(*faults)
    is_a_twelfth, segment, duration, plan, days = conditions
    if is_a_twelfth:
        unit_price, erp = share(unit_price, place.minor_units), share(erp, place.minor_units)
    product = Product(sku, row["SkuTitle"], row["ProductTitle"])
    return product, (FilePrice(unit_price, erp, segment, duration, plan, days),)


# What says when, where and how often a price holds; few different ones in a file.
CONDITIONS = (
    *("TermDuration", "BillingPlan", "Segment", "EffectiveStartDate", "EffectiveEndDate"),
    *("Market", "Currency", "PricingTierRangeMin"),
)
_cells_of_conditions = itemgetter(*CONDITIONS)


@lru_cache(maxsize=5_000)
def _conditions(place: Place, cells: tuple[str, ...]) -> tuple[Conditions, Faults]:
    row = dict(zip(CONDITIONS, cells, strict=True))
    faults: Faults = []
    duration = one_of(row, "TermDuration", DURATIONS, faults)
    plan = one_of(row, "BillingPlan", PLANS, faults)
    if duration == "P1M" and plan == "annual":
        faults.append(("BillingPlan", _("A month cannot be billed annually.")))
    segment = one_of(row, "Segment", SEGMENTS, faults) if place.has_segments else "commercial"
    days = days_in(row, "EffectiveStartDate", "EffectiveEndDate", faults)
    if row["Market"].upper() not in {"", place.market}:
        faults.append(("Market", _("The list is for %(market)s.") % {"market": place.market}))
    if row["Currency"].upper() not in {"", place.currency}:
        message = _("The list is in %(currency)s.") % {"currency": place.currency}
        faults.append(("Currency", message))
    if row["PricingTierRangeMin"] not in {"", "0", "1"}:
        message = _("Prices that depend on the number of seats are not supported.")
        faults.append(("PricingTierRangeMin", message))
    is_a_twelfth = duration == "P1Y" and plan == "monthly"
    return Conditions(is_a_twelfth, segment, duration, plan, days), faults


def _licence_based_row(row: Row) -> Parsed:
    """Prices are per seat and month: a year, billed monthly or, at twelve times, annually."""
    faults: Faults = []
    flag = one_of(row, FLAG if row[FLAG] else "Flag", FLAGS, faults)
    check_text("Offer ID", row["Offer ID"], 64, faults)
    check_text("Offer Display Name", row["Offer Display Name"], 200, faults)
    segment = one_of(row, "License Agreement Type", SEGMENT_OF_AGREEMENT, faults)
    one_of(row, "Purchase Unit", PURCHASE_UNITS, faults)
    secondary = one_of(row, "Secondary License Type", SECONDARY_TYPES, faults)
    month, erp = price(row, "List Price", faults), price(row, "ERP Price", faults)
    days = days_in(row, "Valid From Date", "Valid To Date", faults)
    year, year_erp = twelve(month), twelve(erp)
    if year is None or year_erp is None:
        faults.append(("List Price" if year is None else "ERP Price", _("Too large for a year.")))
    if faults or year is None or year_erp is None:
        raise BadRow(*faults)
    product = Product(
        row["Offer ID"],
        row["Offer Display Name"],
        is_add_on=secondary == "ADDON",
        is_trial=secondary == "TRIAL",
    )
    if flag == "DEL":
        return product, ()
    return product, (
        FilePrice(month, erp, segment, "P1Y", "monthly", days),
        FilePrice(year, year_erp, segment, "P1Y", "annual", days),
    )
