"""
Closing months: everything charged up to a month's end becomes numbered invoices.

What is due is computed from the data, in order, so it does not matter who starts this, how
often, or after how long a standstill.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from csp_portal.shared.dates import add_months
from tenants.acts import Act
from tenants.models import Tenant

from ..models import MonthClose
from ..queries.closes import due_months, sellers
from .renewals import RenewalReport, renew_due
from .seller_month import (
    BeingClosed,
    CloseResult,
    EarlierMonthOpen,
    MonthNotOver,
    close_recording_failure,
    close_seller_month,
    result_of,
)

__all__ = [
    "BeingClosed",
    "CloseReport",
    "CloseResult",
    "EarlierMonthOpen",
    "MonthNotOver",
    "close_due",
    "close_month",
    "close_recording_failure",
    "close_seller_month",
    "due_months",
    "next_to_close",
]

# A failed close is tried again after 1, 2, 4 … minutes, at most an hour.
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CloseReport:
    """What `close_due` did: the renewals first, then the closes in their order."""

    renewals: RenewalReport
    closes: list[CloseResult]


def close_month(
    *, month: date, act: Act, is_dry_run: bool = False, seller: Tenant | None = None
) -> list[CloseResult]:
    """
    Close `month` (its first day) for one seller or for all, earlier open months first.

    Terms that are over are renewed before. A dry run does the same and takes it all back;
    the numbers it reports are those of the real run. A seller that fails stops nobody else;
    its failure is stored with the month.

    :raises MonthNotOver: if `act.on` is before the month's end
    """
    month = month.replace(day=1)
    if act.on < add_months(month, 1):
        raise MonthNotOver(f"{month:%B %Y} is not over on {act.on}")
    if is_dry_run:
        return _try_month(month=month, act=act, seller=seller)
    renew_due(act=act)
    closed = MonthClose.objects.filter(
        month=month, state=MonthClose.CloseState.DONE, seller__in=sellers(only=seller)
    )
    before = [result_of(c) for c in closed.select_related("seller").order_by("seller_id")]
    return before + _close_each(_up_to(month, seller=seller, act=act), act=act)


def close_due(*, act: Act) -> CloseReport:
    """Renew what is due, then close every month that is over and not closed, in order."""
    renewals = renew_due(act=act)
    return CloseReport(renewals, _close_each(due_months(on=act.on), act=act))


def next_to_close(*, act: Act) -> list[MonthClose]:
    """
    Return each seller's oldest month that is over and not closed, written down as due.

    These rows are the queue: a lost message or a killed worker leaves them as they are. One
    that failed is left out for a while, longer each time.
    """
    oldest: dict[int, MonthClose] = {}
    for seller, month in due_months(on=act.on):
        oldest.setdefault(seller.pk, MonthClose(seller=seller, month=month))
    MonthClose.objects.bulk_create(list(oldest.values()), ignore_conflicts=True)
    waiting = MonthClose.objects.filter(
        seller__in=oldest, month__in={close.month for close in oldest.values()}
    )
    return [
        close
        for close in waiting.select_related("seller").order_by("month", "seller_id")
        if close.month == oldest[close.seller_id].month and not _is_pausing(close, act)
    ]


def _is_pausing(close: MonthClose, act: Act) -> bool:
    if close.state != MonthClose.CloseState.FAILED or close.finished_at is None:
        return False
    pause = min(timedelta(minutes=2 ** min(close.attempts - 1, 10)), LONGEST_PAUSE)
    return act.at < close.finished_at + pause


def _up_to(month: date, *, seller: Tenant | None, act: Act) -> list[tuple[Tenant, date]]:
    return [item for item in due_months(on=act.on, seller=seller) if item[1] <= month]


def _close_each(due: Iterable[tuple[Tenant, date]], *, act: Act) -> list[CloseResult]:
    """Close in order; after a failure the same seller's later months wait, others go on."""
    results: list[CloseResult] = []
    failed: set[int] = set()
    for seller, month in due:
        if seller.pk in failed:
            continue
        result = close_recording_failure(seller=seller, month=month, act=act)
        results.append(result)
        if result.failure:
            failed.add(seller.pk)
    return results


@transaction.atomic
def _try_month(*, month: date, act: Act, seller: Tenant | None) -> list[CloseResult]:
    """Renew and close in one transaction, so that later months see earlier ones; undo it."""
    renew_due(act=act)
    due = _up_to(month, seller=seller, act=act)
    results = [close_seller_month(seller=s, month=m, act=act) for s, m in due]
    transaction.set_rollback(True)
    return results
