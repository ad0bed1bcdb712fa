"""The vendor's offer matrix: seat limits, limits per customer, prerequisites, countries."""

from collections.abc import Sequence
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import MAX_ROWS, CsvRefused, RowProblem, read_csv
from tenants.acts import Act

from ..models import Offer, OfferRule
from .import_matrix_rows import OPTIONAL, REQUIRED, MatrixRow, parse_matrix_row
from .import_report import ImportRefused, ImportReport, Progress, silent

SHOWN = 10


def import_offer_matrix(
    *,
    file: BinaryIO,
    act: Act,
    is_dry_run: bool = False,
    max_rows: int = MAX_ROWS,
    progress: Progress = silent,
) -> ImportReport:
    """
    Put the matrix of a CSV file in the place of the one before: all rows or none.

    A row is about the offer whose SKU is `ProductId:SkuId`. Rows of offers that are not in
    the catalogue are left out with a notice, since a matrix has all there is. From then on
    an offer without a row cannot be ordered.

    :raises ImportRefused: with every row that is wrong, twice there, or needs an unknown offer
    """
    try:
        rows = read_csv(file, required=REQUIRED, optional=OPTIONAL, max_rows=max_rows)
    except CsvRefused as refused:
        raise ImportRefused(refused.problems) from refused
    try:
        parsed = rows.parse(parse_matrix_row)
    except CsvRefused as refused:
        raise ImportRefused(refused.problems, rows.notices) from refused
    with transaction.atomic():
        offers = {offer.sku.casefold(): offer for offer in Offer.objects.select_for_update()}
        known = [row for row in parsed if row.sku.casefold() in offers]
        problems = [*_repeated(parsed), *_unknown(known, offers)]
        if problems:
            raise ImportRefused(problems, rows.notices)
        progress(_("checked"), len(parsed), len(parsed))
        without = [
            offer.title
            for sku, offer in offers.items()
            if sku not in {row.sku.casefold() for row in known}
        ]
        if not is_dry_run:
            _write(known, offers, act=act)
            progress(_("written"), len(known), len(known))
    return ImportReport(
        rows=len(parsed),
        counts={
            _("Offers with a row"): len(known),
            _("Rows of offers that are not in the catalogue"): len(parsed) - len(known),
            _("Offers that cannot be ordered, having no row"): len(without),
        },
        notices=[*rows.notices, *_left_out(parsed, offers), *_not_ordered(without)],
        is_dry_run=is_dry_run,
    )


def _repeated(parsed: Sequence[MatrixRow]) -> list[RowProblem]:
    seen: dict[str, int] = {}
    return [
        RowProblem(
            row.line,
            "SkuId",
            _("%(value)s is on line %(line)d already.") % {"value": row.sku, "line": first},
        )
        for row in parsed
        if (first := seen.setdefault(row.sku.casefold(), row.line)) != row.line
    ]


def _unknown(known: Sequence[MatrixRow], offers: dict[str, Offer]) -> list[RowProblem]:
    """Name the prerequisites that are no offers here: nobody could ever fulfil those."""
    return [
        RowProblem(
            row.line,
            "ProductSkuPreRequisites",
            _("%(value)s is not known here.") % {"value": sku},
        )
        for row in known
        for sku in row.requires
        if sku.casefold() not in offers
    ]


def _left_out(parsed: Sequence[MatrixRow], offers: dict[str, Offer]) -> list[str]:
    strange = [row.sku for row in parsed if row.sku.casefold() not in offers]
    if not strange:
        return []
    return [
        _("Left out, not in the catalogue: %(skus)s.") % {"skus": _some(strange)},
    ]


def _not_ordered(titles: Sequence[str]) -> list[str]:
    if not titles:
        return []
    return [
        _("Without a row, so not to be ordered: %(titles)s.") % {"titles": _some(sorted(titles))},
    ]


def _some(words: Sequence[str]) -> str:
    more = len(words) - SHOWN
    text = ", ".join(words[:SHOWN])
    return _("%(some)s and %(n)d more") % {"some": text, "n": more} if more > 0 else text


def _write(known: Sequence[MatrixRow], offers: dict[str, Offer], *, act: Act) -> None:
    OfferRule.objects.all().delete()
    rules = OfferRule.objects.bulk_create(
        OfferRule(
            offer=offers[row.sku.casefold()],
            customer_limit=row.customer_limit,
            limit_kind=row.limit_kind,
            countries=list(row.countries),
            imported_at=act.at,
            imported_by=act.by,
        )
        for row in known
    )
    requires, converts = OfferRule.requires.through, OfferRule.converts_to.through
    requires.objects.bulk_create(
        requires(offerrule=rule, offer=offers[sku.casefold()])
        for rule, row in zip(rules, known, strict=True)
        for sku in row.requires
    )
    converts.objects.bulk_create(
        converts(offerrule=rule, offer=offers[sku.casefold()])
        for rule, row in zip(rules, known, strict=True)
        for sku in row.converts_to
        if sku.casefold() in offers
    )
    for row in known:
        offer = offers[row.sku.casefold()]
        offer.seat_minimum, offer.seat_maximum = row.seat_minimum, row.seat_maximum
    Offer.objects.bulk_update(
        [offers[row.sku.casefold()] for row in known], ["seat_minimum", "seat_maximum"], 500
    )
