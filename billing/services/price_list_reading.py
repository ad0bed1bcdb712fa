"""The rows of a price list file on their way into the table, a chunk at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import product

from django.db import connection
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import BadRow, CsvRefused, Row, RowProblem
from subscriptions.models import Offer, Term

from ..models import PriceList
from ..models.price_lists import Plan, Segment
from .price_list_cells import Days
from .price_list_files import FilePrice, PriceFile, Product

# Rows parsed, checked and written at a time: the import's memory does not grow with the file.
CHUNK = 10_000
_CONDITIONS = {
    conditions: number
    for number, conditions in enumerate(product(Segment.values, Term.Duration.values, Plan.values))
}

Progress = Callable[[int], None]


@dataclass(slots=True)
class Reading:
    """
    What is known while a file is read into `draft`.

    `texts` are lines of COPY not yet written; `waiting` rows whose product is to be made.
    Nothing else is kept of a row but a number per price, to find it twice by.
    """

    draft: PriceList
    prices_file: PriceFile
    creates_offers: bool
    offers: dict[str, int]
    lines_of_prices: dict[int, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    waiting: list[tuple[int, Product, tuple[FilePrice, ...]]] = field(default_factory=list)
    lines: int = 0
    prices: int = 0
    new_offers: int = 0
    below_cost: int = 0
    left_out: int = 0


def read_into(
    prices_file: PriceFile, draft: PriceList, *, creates_offers: bool, progress: Progress | None
) -> Reading:
    """Write the prices of the file to `draft` until the first problem, and find all problems."""
    known = Offer.objects.values_list("sku", "pk").iterator(chunk_size=CHUNK)
    offers = {sku.casefold(): pk for sku, pk in known}
    reading = Reading(draft, prices_file, creates_offers, offers)
    try:
        for line, row in prices_file.rows:
            _take(reading, line, row)
            if reading.lines % CHUNK == 0:
                _flush(reading, progress)
    except CsvRefused as refused:
        reading.problems += refused.problems
    _flush(reading, progress)
    return reading


def _take(reading: Reading, line: int, row: Row) -> None:
    reading.lines += 1
    try:
        found, listed = reading.prices_file.parse_row(row)
    except BadRow as bad:
        reading.problems += [RowProblem(line, *fault) for fault in bad.faults]
        return
    offer = reading.offers.get(found.sku.casefold())
    if offer is not None:
        _price(reading, line, offer, listed)
    elif reading.creates_offers:
        reading.waiting.append((line, found, listed))
    elif listed:
        message = _("There is no offer “%(sku)s”.") % {"sku": found.sku}
        reading.problems.append(RowProblem(line, reading.prices_file.sku_column, message))


def _price(reading: Reading, line: int, offer: int, listed: tuple[FilePrice, ...]) -> None:
    """Turn the row's prices into lines of COPY; nothing in them needs escaping."""
    draft = reading.draft
    for unit_price, erp, segment, duration, plan, days in listed:
        if days.end is not None and days.end <= draft.effective_on:
            reading.left_out += 1
            continue
        key = _key(offer, segment, duration, plan, days.start)
        first = reading.lines_of_prices.setdefault(key, line)
        if first != line:
            message = _("The same product, segment, term and plan as line %(first)d.") % {
                "first": first
            }
            reading.problems.append(RowProblem(line, "", message))
            return
        reading.below_cost += erp < unit_price
        reading.prices += 1
        # !s: formatting a Decimal takes five times as long as writing it
        reading.texts.append(
            f"{draft.pk}\t{offer}\t{segment}\t{duration}\t{plan}\t{unit_price!s}\t{erp!s}"
            f"\t{_days_in_copy(days)}\n"
        )


def _flush(reading: Reading, progress: Progress | None) -> None:
    _make_offers(reading)
    for line, found, listed in reading.waiting:
        if listed:
            _price(reading, line, reading.offers[found.sku.casefold()], listed)
    if not reading.problems:
        _copy(reading.texts)
    reading.waiting.clear()
    reading.texts.clear()
    if progress:
        progress(reading.lines)


def _make_offers(reading: Reading) -> None:
    """Make offers of the products that wait for one, each once, as drafts."""
    new = {
        found.sku.casefold(): found for _line, found, listed in reversed(reading.waiting) if listed
    }
    made = Offer.objects.bulk_create(
        Offer(
            sku=found.sku,
            title=found.title,
            product_family=found.family,
            is_add_on=found.is_add_on,
            is_trial=found.is_trial,
            state=Offer.OfferState.DRAFT,
        )
        for found in new.values()
    )
    reading.offers.update((offer.sku.casefold(), offer.pk) for offer in made)
    reading.new_offers += len(made)


@lru_cache(maxsize=5_000)
def _days_in_copy(days: Days) -> str:
    return "\t".join(day.isoformat() if day else r"\N" for day in days)


def _key(offer: int, segment: str, duration: str, plan: str, start: date | None) -> int:
    """Pack what may be on a list only once into a number, a quarter of a tuple's size."""
    conditions = _CONDITIONS[segment, duration, plan]
    return ((offer << 5 | conditions) << 22) | (start.toordinal() if start else 0)


def _copy(texts: list[str]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY billing_price (price_list_id, offer_id, segment, duration, plan, unit_price, "
            "erp, valid_from, valid_until) FROM STDIN"
        ) as copy,
    ):
        copy.write("".join(texts))
