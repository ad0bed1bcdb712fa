"""Turning the cells of one row into values; what is wrong is collected, not repaired."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import BadRow, Row, looks_like_a_formula

V = TypeVar("V")

EARLIEST, LATEST = date(2010, 1, 1), date(2099, 12, 31)
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# [0-9], not \d: other scripts' digits are digits too.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class Cells:
    """The cells of a row. Ask for them all, then call `finish`, which raises if one is bad."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._faults: list[tuple[str, str]] = []

    def fault(self, column: str, message: str) -> None:
        self._faults.append((column, message))

    def is_good(self, column: str) -> bool:
        """Tell whether nothing was found wrong with the cell so far."""
        return all(faulty != column for faulty, _message in self._faults)

    def finish(self) -> None:
        """
        Refuse the row if any cell was bad.

        :raises BadRow: with every fault
        """
        if self._faults:
            raise BadRow(*self._faults)

    def text(self, column: str, *, longest: int, required: bool = False) -> str:
        value = self._row[column]
        if required and not value:
            self.fault(column, _("Missing."))
        elif len(value) > longest:
            self.fault(column, _("Longer than %(count)d characters.") % {"count": longest})
        elif looks_like_a_formula(value):
            self.fault(column, _("Begins like a formula: %(start)s.") % {"start": repr(value[0])})
        elif not value.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in value):
            self.fault(column, _("Contains invisible characters or line breaks."))
        return value

    def number(self, column: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._row[column]
        if not value and default is not None:
            return default
        if not _WHOLE_NUMBER.fullmatch(value):
            self.fault(column, _("Not a whole number in plain digits."))
            return least
        number = int(value)
        if not least <= number <= most:
            self.fault(
                column,
                _("Not between %(least)d and %(most)d.") % {"least": least, "most": most},
            )
        return number

    def day(self, column: str, *, required: bool = False) -> date | None:
        value = self._row[column]
        if not value:
            if required:
                self.fault(column, _("Missing."))
            return None
        if iso := _ISO_DAY.fullmatch(value):
            year, month, day = map(int, iso.groups())
        elif us := _US_DAY.fullmatch(value):
            month, day, year = map(int, us.groups())
        else:
            self.fault(column, _("Not a date: write 2026-11-22 or 11/22/2026."))
            return None
        try:
            found = date(year, month, day)
        except ValueError:
            self.fault(column, _("There is no such day."))
            return None
        if not EARLIEST <= found <= LATEST:
            self.fault(column, _("Not between 2010 and 2099."))
        return found

    def flag(self, column: str, *, default: bool) -> bool:
        value = self._row[column].casefold()
        if value and value not in _YES_NO:
            self.fault(column, _("Write yes or no."))
        return _YES_NO.get(value, default)

    def one_of(self, column: str, known: Mapping[str, V]) -> V | None:
        """Return what the cell names among `known`, whose keys are in lower case."""
        value = self._row[column].casefold()
        if value not in known:
            self.fault(
                column,
                _("Not one of: %(known)s.") % {"known": ", ".join(sorted(known))}
                if value
                else _("Missing."),
            )
            return None
        return known[value]
