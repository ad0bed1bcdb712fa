"""What a customer's CSP subscriptions bring in per month, and what changed it last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.models import LockedPrice
from csp_portal.shared.dates import add_months
from csp_portal.shared.money import round_money
from subscriptions.models import SeatChange
from tenants.models import Tenant

from .facts import change_in_short

ZERO = Decimal("0.00")
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Revenue:
    """
    The last twelve months, each as of its last day, the current one as of today.

    `cause` names the change of this month that moved the sum most; empty if none did.
    """

    months: list[tuple[date, Decimal]]
    cause: str

    @property
    def now(self) -> Decimal:
        return self.months[-1][1]

    @property
    def change(self) -> Decimal:
        """What it is more, or less, than at the end of last month."""
        return self.now - self.months[-2][1]

    @property
    def change_size(self) -> Decimal:
        return abs(self.change)

    @property
    def grew(self) -> bool:
        return self.change > 0

    @property
    def last_month(self) -> date:
        return self.months[-2][0]


def revenue_from(*, tenant: Tenant, seller: Tenant, on: date) -> Revenue:
    """
    Return what `tenant`'s CSP subscriptions bring `seller` per month.

    From the tenant itself or, in 2-tier, from its reseller.

    Suspended seats count nothing; a yearly price counts a twelfth a month. Two queries.
    """
    first = add_months(on.replace(day=1), 1 - MONTHS)
    prices = list(
        LockedPrice.objects.filter(
            seller=seller, subscription__tenant=tenant, term__ends_on__gt=first
        )
        .select_related("term")
        .order_by("id")
    )
    changes: dict[int, list[SeatChange]] = {}
    for change in SeatChange.objects.filter(
        term__in=[price.term_id for price in prices], effective_on__lte=on
    ).order_by("effective_on", "id"):
        changes.setdefault(change.term_id, []).append(change)
    months = [add_months(first, index) for index in range(MONTHS)]
    return Revenue(
        months=[(month, _at_end_of(month, prices, changes, on)) for month in months],
        cause=_cause(prices, changes, since=months[-1]),
    )


def _at_end_of(
    month: date, prices: Iterable[LockedPrice], changes: dict[int, list[SeatChange]], on: date
) -> Decimal:
    day = min(add_months(month, 1) - timedelta(days=1), on)
    return sum((_monthly(price, changes.get(price.term_id, []), day) for price in prices), ZERO)


def _monthly(price: LockedPrice, changes: Iterable[SeatChange], day: date) -> Decimal:
    term = price.term
    if day not in term.period:
        return ZERO
    seats = term.opening_seats + sum(c.billable_delta for c in changes if c.effective_on <= day)
    return round_money(price.unit_price * seats / price.period_months, price.minor_units)


def _cause(
    prices: Iterable[LockedPrice], changes: dict[int, list[SeatChange]], *, since: date
) -> str:
    moved = [
        (abs(price.unit_price * change.billable_delta / price.period_months), price, change)
        for price in prices
        for change in changes.get(price.term_id, [])
        if change.effective_on >= since and change.billable_delta
    ]
    if not moved:
        return ""
    _size, price, change = max(moved, key=lambda each: each[0])
    return change_in_short(change, price.offer_title)
