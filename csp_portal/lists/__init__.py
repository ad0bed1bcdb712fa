"""
Lists: what every one of them can do. See decisions/0015.

A list is a `Listing`, a table of columns and filters; a view says which rows it finds and
what a row shows. The address is the view: search, filters, order, columns, size and page.
"""

from .asking import Asked, asked_in, asked_of
from .columns import Choice, Column, Filter, Listing
from .exporting import exported
from .narrowing import among
from .paging import COUNTED_ROWS, LEAFED_ROWS, page_of
from .presenting import list_context

__all__ = [
    "COUNTED_ROWS",
    "LEAFED_ROWS",
    "Asked",
    "Choice",
    "Column",
    "Filter",
    "Listing",
    "among",
    "asked_in",
    "asked_of",
    "exported",
    "list_context",
    "page_of",
]
