"""What the list templates show, ready to be written out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from csp_portal.templatetags.portal import NOTHING, day, moment
from tenants.http import PortalRequest

from .asking import Asked, query_to_keep
from .columns import Choice, Column
from .paging import BoundedPaginator, page_of
from .saved import saved_views

RowsOf = Callable[[Sequence[Any]], Sequence[Any]]
Choices = Mapping[str, Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A row: its key in a bulk command, its name for screen readers, and its cells."""

    key: str
    name: str
    cells: SafeString
    row: Any


@dataclass(frozen=True, slots=True)
class ShownFilter:
    key: str
    label: object
    anything: object
    chosen: str
    choices: Sequence[Choice]
    is_day: bool


def list_context(
    request: PortalRequest,
    asked: Asked,
    *,
    found: QuerySet[Any],
    rows_of: RowsOf,
    choices: Choices | None = None,
) -> dict[str, Any]:
    """
    Return what home/list.html and its parts need.

    `choices` are those of the filters that depend on the organisation, by the filter's key.
    """
    page = page_of(request, found)
    listing, rows = asked.listing, rows_of(list(page.object_list))
    filters = [
        ShownFilter(
            f.key,
            f.label,
            f.anything,
            asked.chosen(f.key),
            (choices or {}).get(f.key, f.choices),
            f.is_day,
        )
        for f in listing.filters
    ]
    return {
        "listing": listing,
        "asked": asked,
        "page": page,
        "rows": rows,
        "shown": _shown(asked.columns, rows),
        "total": _total(page.paginator),
        "filters": [f for f in filters if f.key != listing.chips and (f.choices or f.is_day)],
        "chips": next((f for f in filters if f.key == listing.chips), None),
        "columns": [(c, c in asked.columns) for c in asked.may_see],
        "kept": _kept(asked, "col"),
        "kept_filters": _kept(asked, *asked.values, "q"),
        "views": saved_views(request, listing),
        "view_query": query_to_keep(request),
        # what this form asks is asked once, however often it is sent
        "form_number": uuid4(),
    }


def _kept(asked: Asked, *without: str) -> str:
    """Return the names of what a form of the page repeats of the address, but not these."""
    names = ["q", "sort", "per_page", "view", "col", *asked.values]
    return ",".join(name for name in dict.fromkeys(names) if name not in without)


def _total(paginator: Any) -> str:
    has_more = isinstance(paginator, BoundedPaginator) and paginator.has_more
    return _("more than %s") % f"{paginator.count:,}" if has_more else f"{paginator.count:,}"


def _shown(columns: Sequence[Column], rows: Sequence[Any]) -> list[Shown]:
    name, *others = columns
    opened = [(column, _opening(column)) for column in others]
    head = SafeString('<th class="c-name" scope="row">')
    return [
        Shown(
            key=str(getattr(row, "key", "")),
            name=str(name.value(row)),
            cells=SafeString(
                f"{head}{_cell(name, row)}</th>"
                + "".join(f"{opening}{_cell(column, row)}</td>" for column, opening in opened)
            ),
            row=row,
        )
        for row in rows
    ]


def _opening(column: Column) -> SafeString:
    css = format_html(' class="{}"', column.css) if column.css else SafeString("")
    return format_html('<td{} data-l="{}">', css, column.label)


def _cell(column: Column, row: Any) -> SafeString:
    value = column.show(row) if column.show else column.value(row)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int):
        return SafeString(f"{value:,}")
    return conditional_escape(cast("str", value))
