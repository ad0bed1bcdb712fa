"""The pages of a list, however long it is."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from tenants.http import PortalRequest

SIZES = (25, 50, 100)
# Rows up to which a list says how many there are; beyond, it says that there are more.
COUNTED_ROWS = 500
# Rows up to which a list can be leafed through; beyond, a search or a filter is quicker.
LEAFED_ROWS = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the checker only
    """
    Pages of the keys that were read: as far as they are counted, or to the page asked for.

    One query reads the first keys in the list's order, from an index where there is one. It
    counts and finds the page at once; a full count of a large table would take too long.
    """

    def __init__(self, found: QuerySet[Any], size: int, number: int) -> None:
        reach = min(max(COUNTED_ROWS, number * size), LEAFED_ROWS)
        keys = list(found.values_list("pk", flat=True)[: reach + 1])
        self.has_more = len(keys) > reach
        super().__init__(keys[:reach], size)


def page_of(request: PortalRequest, found: QuerySet[Any]) -> Page[Any]:
    """Return the page the address asks for; a number out of range gives the nearest one."""
    asked = request.GET.get("per_page", "")
    size = int(asked) if asked in {str(size) for size in SIZES} else SIZES[0]
    number = request.GET.get("page", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 6  # noqa: PLR2004 -- digits
    page = BoundedPaginator(found, size, int(number) if is_number else 1).get_page(number)
    page.object_list = in_order(found, list(page.object_list))
    return page


def in_order(found: QuerySet[Any], keys: list[int]) -> list[Any]:
    """Return the rows with these keys, in this order, with what `found` reads beside them."""
    rows: QuerySet[Any]
    if found.query.annotations:  # what it computes for each row is wanted too
        rows = found.order_by().filter(pk__in=keys)
    else:
        rows = found.model._base_manager.filter(pk__in=keys)  # noqa: SLF001 -- documented
        rows.query.select_related = found.query.select_related
    by_key = {row.pk: row for row in rows}
    return [by_key[key] for key in keys if key in by_key]
