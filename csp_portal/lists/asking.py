"""What the address asks of a list. Whatever it cannot mean is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from tenants.http import PortalRequest
from tenants.models import Membership

from .columns import Column, Listing, reversed_order

MOST_TYPED = 100
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
FORMATS = ("csv", "xlsx")
# What belongs to a page of a list and not to the view of it.
PASSING = frozenset({"page", "format", "view", "panel"})


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Search text, chosen filters (by their key), order, and the columns in the list's order.

    `may_see` are all columns that the person may choose from; `view` is the key of the saved
    view that is open, `file_format` "csv" or "xlsx" if a file was asked for.
    """

    listing: Listing
    q: str
    values: Mapping[str, str]
    order: str
    columns: tuple[Column, ...]
    may_see: tuple[Column, ...]
    view: str
    file_format: str

    def chosen(self, key: str) -> str:
        """Return what the filter is set to; "" if it is not."""
        return self.values.get(key, "")

    @property
    def is_narrow(self) -> bool:
        return bool(self.q) or any(self.values.values())

    def day(self, key: str) -> date | None:
        """Return the day that was typed, if it is one of this century."""
        try:
            day = date.fromisoformat(self.chosen(key))
        except ValueError:
            return None
        return day if FIRST_DAY <= day <= LAST_DAY else None

    def ordered(self, found: QuerySet[Any]) -> QuerySet[Any]:
        key = self.order.removeprefix("-")
        column = next(c for c in self.listing.columns if c.key == key)
        is_reversed = self.order.startswith("-")
        return found.order_by(*(reversed_order(column.order) if is_reversed else column.order))


def asked_of(request: PortalRequest, listing: Listing) -> Asked:
    return asked_in(request.GET, listing, membership=request.membership)


def asked_in(query: QueryDict, listing: Listing, *, membership: Membership | None) -> Asked:
    """Return what the query of a list's address asks for, on behalf of `membership`."""
    kind = membership.tenant.kind if membership is not None else None
    may_see = tuple(
        c
        for c in listing.columns
        if c.needs is None or (membership is not None and membership.may(c.needs))
    )
    chosen = set(query.getlist("col"))
    columns = tuple(c for c in may_see if c.key in chosen) or tuple(
        c for c in may_see if c.is_usual or kind in c.usual_for
    )
    sortable = {c.key for c in may_see if c.order}
    order = query.get("sort", "")
    return Asked(
        listing=listing,
        q=query.get("q", "").strip()[:MOST_TYPED],
        values={f.key: _chosen(query.get(f.key, ""), f.choices) for f in listing.filters},
        order=order if order.removeprefix("-") in sortable else listing.usual_order,
        columns=columns if columns[0] is may_see[0] else (may_see[0], *columns),
        may_see=may_see,
        view=query.get("view", ""),
        file_format=query.get("format", "") if query.get("format") in FORMATS else "",
    )


def _chosen(value: str, choices: Any) -> str:
    """Return what was chosen; a filter without fixed choices takes any short text."""
    if not choices:
        return value.strip()[:MOST_TYPED]
    return value if any(value == choice.value for choice in choices) else ""


def query_to_keep(request: PortalRequest) -> str:
    """Return the part of the address that a saved view remembers."""
    pairs = [
        (key, value)
        for key, values in request.GET.lists()
        if key not in PASSING
        for value in values
        if value
    ]
    return urlencode(pairs)
