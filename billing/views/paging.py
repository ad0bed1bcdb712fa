from typing import Any

from django.core.paginator import Page, Paginator

from tenants.http import PortalRequest

SIZES = (25, 50, 100)


def page_of(request: PortalRequest, rows: Any, *, size: int = SIZES[0]) -> Page[Any]:
    """Return the page the address asks for; a number out of range gives the nearest one."""
    asked = request.GET.get("per_page", "")
    if asked in {str(each) for each in SIZES}:
        size = int(asked)
    return Paginator(rows, size).get_page(request.GET.get("page"))
