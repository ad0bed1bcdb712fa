"""Which months of which sellers are over and not closed. Computed from the data, never kept."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, Min, OuterRef

from csp_portal.shared.dates import add_months
from tenants.models import Tenant

from ..models import LockedPrice, MonthClose


def due_months(*, on: date, seller: Tenant | None = None) -> list[tuple[Tenant, date]]:
    """
    Return every (seller, month) that is over on `on` and not closed, in the order to close.

    From the month in which the seller's first term starts; later ones follow without gaps,
    also those in which nothing happened.
    """
    found = sellers(only=seller)
    closed: dict[int, set[date]] = {each.pk: set() for each in found}
    done = MonthClose.objects.filter(seller__in=found, state=MonthClose.CloseState.DONE)
    for seller_id, month in done.values_list("seller_id", "month"):
        closed[seller_id].add(month)
    due = [(each, month) for each in found for month in _open(each, closed[each.pk], on=on)]
    return sorted(due, key=lambda item: (item[1], item[0].pk))


def open_months(*, seller: Tenant, on: date) -> list[date]:
    """Return the seller's months that are over on `on` and not closed, oldest first."""
    return [month for _seller, month in due_months(on=on, seller=seller)]


def sellers(*, only: Tenant | None = None) -> list[Tenant]:
    """Return who has ever sold anything, or `only` that one if it has."""
    sells = LockedPrice.objects.filter(seller=OuterRef("pk"))
    found = Tenant.objects.exclude(is_vendor=False, partner=None).filter(Exists(sells))
    if only is not None:
        found = found.filter(pk=only.pk)
    return list(found.order_by("pk"))


def _open(seller: Tenant, closed: set[date], *, on: date) -> Iterator[date]:
    month = min(closed) if closed else _first_month(seller)
    while month is not None and add_months(month, 1) <= on:
        if month not in closed:
            yield month
        month = add_months(month, 1)


def _first_month(seller: Tenant) -> date | None:
    first: date | None = LockedPrice.objects.filter(seller=seller).aggregate(
        first=Min("term__starts_on")
    )["first"]
    return first.replace(day=1) if first else None
