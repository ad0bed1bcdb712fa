"""A list as a file: the rows that are found and the columns that are shown, all of them."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone

from csp_portal.shared.csvfiles import csv_lines, csv_text

from .asking import Asked
from .paging import in_order

BATCH = 1_000
# A sheet holds a little more than a million rows; a workbook of so many helps nobody.
MOST_IN_A_WORKBOOK = 200_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

RowsOf = Callable[[Sequence[Any]], Sequence[Any]]


def exported(
    asked: Asked, found: QuerySet[Any], rows_of: RowsOf
) -> StreamingHttpResponse | FileResponse:
    """Return the file that was asked for; `rows_of` makes the list's rows, as for a page."""
    header = [str(column.in_file or column.label) for column in asked.columns]
    name = f"{asked.listing.name}.{asked.file_format}"
    if asked.file_format == "xlsx":
        book = _workbook(header, _cells(asked, found[:MOST_IN_A_WORKBOOK], rows_of))
        return FileResponse(book, as_attachment=True, filename=name, content_type=XLSX)
    response = StreamingHttpResponse(
        csv_lines(header=header, rows=_cells(asked, found, rows_of)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(asked: Asked, found: QuerySet[Any], rows_of: RowsOf) -> Iterator[list[object]]:
    """
    Yield the cells of each row, a batch at a time.

    The keys are read first, eight bytes each: so the order holds from the first batch to the
    last, whatever changes meanwhile, and no statement takes longer than a page's.
    """
    keys = array("q", found.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = list(keys[start : start + BATCH])
        for row in rows_of(in_order(found, batch)):
            yield [_plain(column.value(row)) for column in asked.columns]


def _plain(value: object) -> object:
    """Return what a spreadsheet understands: moments in local time without their zone."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return value if value is None or isinstance(value, int | Decimal | date) else str(value)


def _workbook(header: list[str], rows: Iterator[list[object]]) -> BinaryIO:
    """Return a workbook with one sheet, written row by row, open at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [csv_text(name) for name in header], book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for number, cells in enumerate(rows, start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, place, csv_text(cell))
            elif isinstance(cell, date):
                is_moment = isinstance(cell, datetime)
                sheet.write_datetime(number, place, cell, moment if is_moment else day)
            elif cell is not None:
                sheet.write_number(number, place, cell)
    sheet.autofilter(0, 0, 0, len(header) - 1)
    book.close()
    file.seek(0)
    return file
