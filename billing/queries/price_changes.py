"""
What a price list changes against the one it follows: ADD, CHG, DEL, UNC.

In SQL, for two lists may have half a million rows each. Rows match by offer, segment, term
and plan. Where a list has several rows for one of those, the one that counts on the first day
of the list is compared, and a row that becomes valid later with one of the same first day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, overload

from django.core.cache import cache
from django.db import connection

from ..models import PriceList
from .price_lists import PriceFilter

MARKS = ("ADD", "CHG", "DEL", "UNC")

# The first day a row counts on: -infinity for the list's own, so that one expression serves the
# choice, the order and the join, and the rows are sorted once.
_STARTS = """CASE WHEN valid_from > %({side}_on)s THEN valid_from ELSE '-infinity'::date END"""
_SIDE = f"""
SELECT DISTINCT ON (offer_id, segment, duration, plan, {_STARTS})
       offer_id, segment, duration, plan, {_STARTS} AS starts_on, unit_price, erp
FROM billing_price WHERE price_list_id = %({{side}})s
  AND (valid_until IS NULL OR valid_until > %({{side}}_on)s)
ORDER BY offer_id, segment, duration, plan, {_STARTS}, valid_from DESC NULLS LAST
"""  # noqa: S608 -- only the expression above is filled in
_CHANGES = f"""
SELECT CASE WHEN o.offer_id IS NULL THEN 'ADD' WHEN n.offer_id IS NULL THEN 'DEL'
            WHEN (o.unit_price, o.erp) = (n.unit_price, n.erp) THEN 'UNC' ELSE 'CHG' END AS mark,
       offer_id, segment, duration, plan, nullif(starts_on, '-infinity') AS starts_on,
       o.unit_price AS old_price, n.unit_price AS new_price, o.erp AS old_erp, n.erp AS new_erp
FROM ({_SIDE.format(side="old")}) o
FULL JOIN ({_SIDE.format(side="new")}) n USING (offer_id, segment, duration, plan, starts_on)
"""  # noqa: S608 -- the only things filled in are the two names above
_MATCHING = f"""
FROM ({_CHANGES}) c JOIN subscriptions_offer f ON f.id = c.offer_id
WHERE (%(marks)s::text[] IS NULL OR c.mark = ANY (%(marks)s))
  AND (%(text)s = '' OR f.title ILIKE %(pattern)s OR f.sku ILIKE %(pattern)s)
  AND (%(family)s = '' OR f.product_family = %(family)s)
  AND (%(segment)s = '' OR c.segment = %(segment)s)
  AND (%(duration)s = '' OR c.duration = %(duration)s)
  AND (%(plan)s = '' OR c.plan = %(plan)s)
"""


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One row of the comparison; `old_…` is None for ADD, `new_…` for DEL."""

    mark: str
    title: str
    sku: str
    family: str
    is_add_on: bool
    segment: str
    duration: str
    plan: str
    starts_on: date | None
    old_price: Decimal | None
    new_price: Decimal | None
    old_erp: Decimal | None
    new_erp: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        """What the partner pays more (or less) than before, to a tenth of a percent."""
        if self.old_price is None or self.new_price is None or not self.old_price:
            return None
        return ((self.new_price - self.old_price) * 100 / self.old_price).quantize(Decimal("0.1"))


@dataclass(frozen=True)  # without slots: the counts are remembered
class PriceChanges:
    """
    The comparison of `new` with `old`, read in slices: made for a paginator.

    Without an `old` list everything is new. `marks` limits what is shown, not the counts.
    """

    old: PriceList | None
    new: PriceList
    wanted: PriceFilter = field(default_factory=PriceFilter)
    marks: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows of each mark match the filter; asked once."""
        found = dict.fromkeys(MARKS, 0)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT mark, count(*) {_MATCHING} GROUP BY mark",
                self._values() | {"marks": None},
            )
            found.update(dict(cursor.fetchall()))
        return found

    def __len__(self) -> int:
        return sum(self.counts[mark] for mark in self.marks or MARKS)

    def __iter__(self) -> Iterator[PriceChange]:
        return iter(self[:])

    @overload
    def __getitem__(self, rows: slice) -> list[PriceChange]: ...
    @overload
    def __getitem__(self, rows: int) -> PriceChange: ...
    def __getitem__(self, rows: slice | int) -> list[PriceChange] | PriceChange:
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start = rows.start or 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.mark, f.title, f.sku, f.product_family, f.is_add_on, c.segment, "
                "c.duration, c.plan, c.starts_on, c.old_price, c.new_price, c.old_erp, c.new_erp "
                f"{_MATCHING} ORDER BY f.title, f.id, c.segment, c.duration DESC, c.plan DESC, "
                "c.starts_on NULLS FIRST OFFSET %(offset)s LIMIT %(limit)s",
                self._values()
                | {
                    "offset": start,
                    "limit": None if rows.stop is None else max(rows.stop - start, 0),
                },
            )
            return [PriceChange(*row) for row in cursor.fetchall()]

    def _values(self) -> dict[str, Any]:
        escaped = self.wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {
            "old": self.old.pk if self.old else None,
            "old_on": self.old.effective_on if self.old else None,
            "new": self.new.pk,
            "new_on": self.new.effective_on,
            "marks": list(self.marks) or None,
            "text": self.wanted.text,
            "pattern": f"%{escaped}%",
            "family": self.wanted.family,
            "segment": self.wanted.segment,
            "duration": self.wanted.duration,
            "plan": self.wanted.plan,
        }


def summary(old: PriceList | None, new: PriceList) -> dict[str, int]:
    """
    Return the counts by mark of two scheduled lists.

    Computed once: neither list can change any more (R14), so the answer is kept.
    """
    key = f"price-changes:{old.pk if old else 0}:{new.pk}"
    kept: dict[str, int] | None = cache.get(key)
    if kept is None:
        kept = PriceChanges(old, new).counts
        cache.set(key, kept, timeout=None)
    return kept


def diff(old: PriceList | None, new: PriceList) -> list[PriceChange]:
    """Return every row of the comparison, by offer title."""
    return PriceChanges(old, new)[:]
