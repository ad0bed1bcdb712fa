"""The rows of a price list file on their way into the table, a chunk at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, product

from django.db import connection
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import BadRow, CsvRefused, Row, RowProblem
from subscriptions.models import Offer, Term

from ..models import PriceList
from ..models.price_lists import Plan, Segment
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
    """What is known while the file is read."""

    offers: dict[str, int]
    lines_of_prices: dict[int, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    lines: int = 0
    prices: int = 0
    new_offers: int = 0
    below_cost: int = 0
    left_out: int = 0


def read_into(
    prices: PriceFile, draft: PriceList, *, creates_offers: bool, progress: Progress | None
) -> Reading:
    """
    Write the prices of the file to `draft` until the first problem; go on collecting problems.

    Memory does not grow with the file, but for a number per price to find it twice by.
    """
    known = Offer.objects.values_list("sku", "pk").iterator(chunk_size=CHUNK)
    reading = Reading(offers={sku.casefold(): pk for sku, pk in known})
    rows = iter(prices.rows)
    while chunk := list(_well_formed(islice(rows, CHUNK), reading)):
        parsed = list(_parsed(prices, chunk, reading))
        _know_offers(prices, parsed, reading, creates_offers=creates_offers)
        texts = [text for row in parsed for text in _copy_rows(draft, *row, reading)]
        if not reading.problems:
            _copy(texts)
        reading.lines += len(chunk)
        reading.prices += len(texts)
        if progress:
            progress(reading.lines)
    return reading


def _well_formed(rows: Iterator[tuple[int, Row]], reading: Reading) -> Iterator[tuple[int, Row]]:
    try:
        yield from rows
    except CsvRefused as refused:
        reading.problems += refused.problems


_ParsedRow = tuple[int, Product, tuple[FilePrice, ...]]


def _parsed(
    prices: PriceFile, chunk: Iterable[tuple[int, Row]], reading: Reading
) -> Iterator[_ParsedRow]:
    for line, row in chunk:
        try:
            yield line, *prices.parse_row(row)
        except BadRow as bad:
            reading.problems += [RowProblem(line, *fault) for fault in bad.faults]


def _know_offers(
    prices: PriceFile, rows: Iterable[_ParsedRow], reading: Reading, *, creates_offers: bool
) -> None:
    """Make the chunk's unknown products offers, or problems."""
    new: dict[str, Product] = {}
    for line, found, listed in rows:
        sku = found.sku.casefold()
        if not listed or sku in reading.offers or sku in new:
            continue
        if creates_offers:
            new[sku] = found
        else:
            message = _("There is no offer “%(sku)s”.") % {"sku": found.sku}
            reading.problems.append(RowProblem(line, prices.sku_column, message))
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


def _copy_rows(
    draft: PriceList, line: int, of: Product, listed: tuple[FilePrice, ...], reading: Reading
) -> Iterator[str]:
    """Yield the row's prices as lines of COPY; nothing in them needs escaping."""
    offer = reading.offers.get(of.sku.casefold(), 0)
    for unit_price, erp, segment, duration, plan, days in listed:
        if days.end is not None and days.end <= draft.effective_on:
            reading.left_out += 1
            continue
        key = _key(offer, segment, duration, plan, days.start)
        first = reading.lines_of_prices.setdefault(key, line)
        if first != line and offer:
            message = _("The same product, segment, term and plan as line %(first)d.") % {
                "first": first
            }
            reading.problems.append(RowProblem(line, "", message))
            return
        reading.below_cost += erp < unit_price
        start, end = days.start or r"\N", days.end or r"\N"
        yield (
            f"{draft.pk}\t{offer}\t{segment}\t{duration}\t{plan}\t{unit_price}\t{erp}"
            f"\t{start}\t{end}\n"
        )


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
