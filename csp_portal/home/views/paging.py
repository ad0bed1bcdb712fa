from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from tenants.http import PortalRequest

SIZES = (25, 50, 100)
# Rows up to which a list is counted and leafed through; beyond, a search is quicker.
COUNTED_ROWS = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the checker only
    """Counts no further than `COUNTED_ROWS`: a full count of a large table takes too long."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED_ROWS)

    @property
    def has_more(self) -> bool:
        return self._counted > COUNTED_ROWS

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNTED_ROWS + 1].count())


def page_of(request: PortalRequest, rows: Any) -> Page[Any]:
    """Return the page the address asks for; a number out of range gives the nearest one."""
    asked = request.GET.get("per_page", "")
    size = int(asked) if asked in {str(size) for size in SIZES} else SIZES[0]
    return BoundedPaginator(rows, size).get_page(request.GET.get("page"))
