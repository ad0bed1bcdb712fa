"""
Closing one month of one seller: one transaction, all of it set-based.

The month's row in `MonthClose` is the lock and the record: whoever comes second waits, and
finds it done.
"""

import logging
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum

from csp_portal.shared.dates import add_months
from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..models import Invoice, MonthClose
from ..queries.closes import open_months
from ..queries.due_periods import CloseWindow
from . import closing_sql
from .payment_terms import due_on

log = logging.getLogger(__name__)


class MonthNotOver(Exception):
    """The month can still get charges."""


class EarlierMonthOpen(Exception):
    """Months are closed in order: an earlier one of the same seller is not closed yet."""


class BeingClosed(Exception):
    """Another process is closing the same month, longer than the caller wants to wait."""


@dataclass(frozen=True, slots=True)
class CloseResult:
    """What a close made. `is_new` is False if the month had been closed before, or failed."""

    seller: Tenant
    month: date
    invoices: int = 0
    lines: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    is_new: bool = True
    failure: str = ""


def close_seller_month(
    *, seller: Tenant, month: date, act: Act, waits: bool = True, is_dry_run: bool = False
) -> CloseResult:
    """
    Close one month of one seller, or find that it is closed.

    With `waits` it waits for another process that closes the same month, up to 5 minutes.

    :raises MonthNotOver: if `act.on` is before the month's end
    :raises EarlierMonthOpen: if an earlier month of the seller is not closed
    :raises BeingClosed: if another process still holds it
    """
    if act.on < add_months(month, 1):
        raise MonthNotOver(f"{month:%B %Y} is not over on {act.on}")
    with transaction.atomic():
        result = _close(seller=seller, month=month, act=act, waits=waits)
        if is_dry_run:
            transaction.set_rollback(True)
    return result


def close_recording_failure(
    *, seller: Tenant, month: date, act: Act, waits: bool = True
) -> CloseResult:
    """Close one month of one seller; if it fails, store why, for the operators and the retry."""
    try:
        return close_seller_month(seller=seller, month=month, act=act, waits=waits)
    except (MonthNotOver, EarlierMonthOpen, BeingClosed) as error:
        return CloseResult(seller, month, is_new=False, failure=str(error))
    except Exception as error:
        log.exception("closing %s for %s failed", month, seller)
        reason = f"{type(error).__name__}: {error}"
        _store_failure(seller=seller, month=month, act=act, reason=reason)
        return CloseResult(seller, month, is_new=False, failure=reason)


def result_of(close: MonthClose) -> CloseResult:
    """Return what an earlier close made."""
    totals = _totals(seller=close.seller, month=close.month)
    return CloseResult(close.seller, close.month, close.invoices, close.lines, totals, is_new=False)


def _close(*, seller: Tenant, month: date, act: Act, waits: bool) -> CloseResult:
    close = _lock(seller=seller, month=month, waits=waits)
    if close.state == MonthClose.CloseState.DONE:
        return result_of(close)
    if open_months(seller=seller, on=month):
        raise EarlierMonthOpen(f"an earlier month of {seller} is not closed; close that first")
    lines, invoices = _write_invoices(seller=seller, month=month, act=act)
    MonthClose.objects.filter(pk=close.pk).update(
        state=MonthClose.CloseState.DONE,
        attempts=F("attempts") + 1,
        started_at=act.at,
        finished_at=act.at,
        invoices=invoices,
        lines=lines,
        failure="",
    )
    if invoices:
        activity.record(
            tenant=seller,
            act=act,
            action="month.closed",
            about=f"{month:%Y-%m}",
            summary=f"{month:%B %Y} closed: invoices {invoices:,}, lines {lines:,}",
        )
    return CloseResult(seller, month, invoices, lines, _totals(seller=seller, month=month))


def _write_invoices(*, seller: Tenant, month: date, act: Act) -> tuple[int, int]:
    """Run the statements and return how many lines and invoices they made."""
    window = CloseWindow(seller.pk, month)
    issued_on = window.until
    parameters = window.parameters(due_on=due_on(issued_on), at=act.at, year=issued_on.year)
    with connection.cursor() as cursor:
        cursor.execute(closing_sql.DRAFTS_OF_OPEN_CHARGES, parameters)
        cursor.execute(closing_sql.GATHER_OPEN_CHARGES, parameters)
        lines = cursor.rowcount
        cursor.execute(closing_sql.PERIOD_CHARGES, parameters)
        lines += cursor.rowcount
        cursor.execute(closing_sql.COUNT_DRAFTS, parameters)
        (invoices,) = cursor.fetchone()
        if invoices:
            cursor.execute(closing_sql.NUMBERS, {**parameters, "count": invoices})
            (first,) = cursor.fetchone()
            cursor.execute(closing_sql.FINALISE, {**parameters, "first": first})
    return lines, invoices


def _lock(*, seller: Tenant, month: date, waits: bool) -> MonthClose:
    """Return the month's row, locked until the transaction ends."""
    patience = "5min" if waits else "500ms"
    with connection.cursor() as cursor:
        cursor.execute(closing_sql.SETTINGS, {"patience": patience})
        try:
            MonthClose.objects.bulk_create(
                [MonthClose(seller=seller, month=month)], ignore_conflicts=True
            )
            close = MonthClose.objects.select_for_update().get(seller=seller, month=month)
        except OperationalError as error:
            raise BeingClosed(f"{month:%B %Y} of {seller} is being closed elsewhere") from error
        # from here on only rows that a person may be changing are waited for
        cursor.execute("SELECT set_config('lock_timeout', '20s', true)")
    close.seller = seller
    return close


@transaction.atomic
def _store_failure(*, seller: Tenant, month: date, act: Act, reason: str) -> None:
    MonthClose.objects.bulk_create([MonthClose(seller=seller, month=month)], ignore_conflicts=True)
    closes = MonthClose.objects.filter(seller=seller, month=month)
    closes.exclude(state=MonthClose.CloseState.DONE).update(
        state=MonthClose.CloseState.FAILED,
        attempts=F("attempts") + 1,
        started_at=act.at,
        finished_at=act.at,
        failure=reason[:2000],
    )


def _totals(*, seller: Tenant, month: date) -> dict[str, Decimal]:
    sums = (
        Invoice.objects.filter(seller=seller, month=month)
        .values_list("currency")
        .annotate(sum=Sum("total"))
        .order_by("currency")
    )
    return dict(sums)
