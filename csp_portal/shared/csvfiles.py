"""
CSV files from outside, read strictly, and cells that are safe in somebody's spreadsheet.

A file is UTF-8 (with or without BOM), separated by commas, and has a header. The order of
its columns is free, the case of their names does not matter, and columns nobody asked for
are left out with a notice. Whatever is wrong is reported with its line; nothing is repaired.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from _csv import Reader

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 32
MAX_FIELD_BYTES = 1024

T = TypeVar("T")
Row = dict[str, str]

_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_OLD_MAC_LINE_END = re.compile(r"(?<=\r)(?!\n|$)")
# What spreadsheets take for the start of a formula, with the full-width forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """What is wrong: `line` counts from 1, the header's; `column` is empty for a whole row."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = _("line %(line)d") % {"line": self.line}
        return (
            f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"
        )


class CsvRefused(Exception):
    """The file cannot be taken. `problems` names every line that is wrong, in order."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class BadRow(Exception):
    """Raised by the parser of one row: what is wrong with it, as (column, message) pairs."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{column}: {message}" for column, message in faults))


@dataclass(frozen=True, slots=True)
class CsvRows:
    """
    The rows of a file whose header was accepted, as (line, row) pairs. Read them once.

    A row has a key for every known column; the value is stripped, and empty if the file does
    not have the column. Rows that are not well formed (too many cells, NUL, too long) are
    left out while the good ones are yielded, and refuse the file at the end: iteration then
    raises `CsvRefused`, so that no caller can take half a file for a whole one.
    """

    columns: frozenset[str]
    notices: tuple[str, ...]
    _lines: Iterator[tuple[int, Row]]

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return self._lines

    def require(self, columns: Collection[str]) -> None:
        """
        Insist on further columns, for a format that is recognised by its header.

        :raises CsvRefused: if the header lacks one of them
        """
        if missing := [column for column in columns if column not in self.columns]:
            raise CsvRefused(_missing(column) for column in missing)

    def parse(self, parse_row: Callable[[int, Row], T]) -> list[T]:
        """
        Return what `parse_row` makes of every row; it raises `BadRow` for a bad one.

        :raises CsvRefused: with every bad row of the file, whatever is wrong with it
        """
        parsed: list[T] = []
        problems: list[RowProblem] = []
        try:
            for line, row in self._lines:
                try:
                    parsed.append(parse_row(line, row))
                except BadRow as bad:
                    problems += [RowProblem(line, *fault) for fault in bad.faults]
        except CsvRefused as refused:
            problems += refused.problems
        if problems:
            raise CsvRefused(problems)
        return parsed


def read_csv(
    file: BinaryIO,
    *,
    required: Collection[str],
    optional: Collection[str] = (),
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
) -> CsvRows:
    """
    Read the header of `file` and return its rows; see the top of this module for the rules.

    The file is read from its beginning, line by line while its rows are, never as a whole.

    :raises CsvRefused: if the file is too large or its header is wrong; while the rows are
        read, if it is not UTF-8
    """
    if file.seek(0, io.SEEK_END) > max_bytes:
        message = _("The file is larger than %(megabytes)d MB.") % {
            "megabytes": max_bytes // 1_000_000
        }
        raise CsvRefused([RowProblem(1, "", message)])
    file.seek(0)
    reader = csv.reader(_decoded(file), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise CsvRefused([RowProblem(1, "", _unreadable(error))]) from error
    if not any(header):
        raise CsvRefused([RowProblem(1, "", _without_header(reader))])
    known = {name.casefold(): name for name in (*required, *optional)}
    names = [known.get(name.casefold()) for name in header]
    problems = list(_header_problems(header))
    problems += [_missing(column, header) for column in required if column not in names]
    if problems:
        raise CsvRefused(problems)
    ignored = [name for name, column in zip(header, names, strict=True) if column is None]
    return CsvRows(
        columns=frozenset(name for name in names if name),
        notices=tuple(
            _("Column “%(name)s” is not known and was left out.") % {"name": name}
            for name in ignored
        ),
        _lines=_rows(reader, names=names, known=tuple(known.values()), max_rows=max_rows),
    )


def csv_text(value: str) -> str:
    """
    Return `value` so that no spreadsheet takes it for a formula.

    >>> csv_text("=1+1"), csv_text("Contoso")
    ("'=1+1", 'Contoso')
    """
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def looks_like_a_formula(value: str) -> bool:
    return value.startswith(_FORMULA_STARTS)


def csv_lines(*, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """
    Yield a file line by line: the one writer of every export.

    Cells of type `str` are text and go through `csv_text`; numbers and dates are written as
    they are (ISO, decimal point), None as an empty cell. Begins with a BOM, without which
    spreadsheets do not recognise UTF-8.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([csv_text(name) for name in header])
    yield _drained(buffer)
    for cells in rows:
        writer.writerow([csv_text(cell) if isinstance(cell, str) else cell for cell in cells])
        yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    line = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return line


def _decoded(file: BinaryIO) -> Iterator[str]:
    """Yield the lines of the file, strictly UTF-8, with their ends."""
    size = 0
    for number, data in enumerate(file, start=1):
        size += len(data)
        if number == 1 and (data.startswith(_UTF16_OR_32) or b"\x00" in data):
            message = _("The file is not UTF-8 but looks like UTF-16. Save it as “CSV UTF-8”.")
            raise CsvRefused([RowProblem(1, "", message)])
        try:
            line = data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            message = _("Byte %(byte)d is not UTF-8. Save the file as “CSV UTF-8”.") % {
                "byte": size - len(data) + error.start + 1
            }
            raise CsvRefused([RowProblem(number, "", message)]) from error
        yield from _OLD_MAC_LINE_END.split(line)


def _without_header(reader: Iterable[list[str]]) -> str:
    if any(any(map(str.strip, cells)) for cells in reader):
        return _("The first line is empty; it has to be the header.")
    return _("The file is empty.")


def _header_problems(header: list[str]) -> Iterator[RowProblem]:
    if len(header) > MAX_COLUMNS:
        message = _("The header has %(count)d columns; at most %(limit)d are read.") % {
            "count": len(header),
            "limit": MAX_COLUMNS,
        }
        yield RowProblem(1, "", message)
        return
    folded = [name.casefold() for name in header]
    for number, name in enumerate(header, start=1):
        if not name:
            yield RowProblem(1, "", _("Column %(number)d has no name.") % {"number": number})
        elif folded.index(name.casefold()) != number - 1:
            yield RowProblem(1, name, _("The header names this column twice."))
        elif fault := _cell_fault(name):
            yield RowProblem(1, "", fault)


def _missing(column: str, header: Sequence[str] = ()) -> RowProblem:
    if len(header) == 1 and ";" in header[0]:
        return RowProblem(
            1, column, _("The header has no such column: separate the columns by commas.")
        )
    return RowProblem(1, column, _("The header has no such column."))


def _rows(
    reader: "Reader", *, names: list[str | None], known: tuple[str, ...], max_rows: int
) -> Iterator[tuple[int, Row]]:
    absent = dict.fromkeys(known, "")
    places = [(place, name) for place, name in enumerate(names) if name]
    problems: list[RowProblem] = []
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except (csv.Error, CsvRefused) as error:
            problems += _read_problems(line, error)
            if isinstance(error, CsvRefused) or "field limit" in str(error):
                break  # not UTF-8, or inside an open quote: what follows cannot be told apart
            continue
        if cells is None:
            break
        if not any(cells):
            continue
        count += 1
        if count > max_rows:
            message = _("More than %(limit)d rows.") % {"limit": max_rows}
            problems.append(RowProblem(line, "", message))
            break
        if faults := [] if _is_surely_fine(cells, names) else list(_row_faults(line, cells, names)):
            problems += faults
            continue
        yield line, absent | {name: cells[place].strip() for place, name in places}
    if not count and not problems:
        problems.append(RowProblem(2, "", _("The file has a header and no rows.")))
    if problems:
        raise CsvRefused(problems)


def _read_problems(line: int, error: csv.Error | CsvRefused) -> list[RowProblem]:
    if isinstance(error, CsvRefused):
        return error.problems
    return [RowProblem(line, "", _unreadable(error))]


def _is_surely_fine(cells: list[str], names: list[str | None]) -> bool:
    """Tell at one look what is true of nearly every row: the right number of short, plain cells."""
    row = "".join(cells)
    return len(cells) == len(names) and len(row) * 4 <= MAX_FIELD_BYTES and row.isprintable()


def _row_faults(line: int, cells: list[str], names: list[str | None]) -> Iterator[RowProblem]:
    if len(cells) != len(names):
        message = _("Number of cells: %(cells)d; the header has %(columns)d.") % {
            "cells": len(cells),
            "columns": len(names),
        }
        yield RowProblem(line, "", message)
        return
    for name, cell in zip(names, cells, strict=True):
        if fault := _cell_fault(cell):
            yield RowProblem(line, name or "", fault)


def _cell_fault(cell: str) -> str:
    if len(cell) * 4 > MAX_FIELD_BYTES and len(cell.encode()) > MAX_FIELD_BYTES:
        return _("Longer than %(limit)d bytes.") % {"limit": MAX_FIELD_BYTES}
    if not cell.isprintable() and any(c < " " and c not in "\t\r\n" for c in cell):
        return _("Contains NUL or another control character.")
    return ""


def _unreadable(error: csv.Error) -> str:
    if "field limit" in str(error):
        return _("A field has no end: is a quotation mark missing?")
    if "end of data" in str(error):
        return _("A quotation mark that is opened here is never closed.")
    return _("Quotation marks do not match.")
