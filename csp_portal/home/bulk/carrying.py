"""
Carrying runs on, a row at a time: finding, pricing, doing.

Each row is one transaction with its outcome in it. The run's row is the lock: a second worker
finds it taken and leaves. What is lost, sent twice, or cut off in the middle costs time only.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from csp_portal.shared.violations import is_worth_another_try
from tenants.acts import Act
from tenants.models import Membership

from ..models import BulkRow, BulkRun
from .commands import Command, Work
from .errors import TooManyRows
from .runs import command_of, gone, source_of, write_rows

log = logging.getLogger(__name__)

# As many rows as one command takes; more take so long that a person no longer follows them.
MOST = 5_000
TRIES = 3
# A run that nobody has touched for so long lost its message or its worker.
STALLED_AFTER = timedelta(minutes=1)


def carry_on(*, run_id: int, at: datetime, seconds: float) -> bool:
    """
    Do what is to be done of a run, for so many seconds; return whether something is left.

    What another worker is doing at this moment is left to it.
    """
    end = monotonic() + seconds
    while monotonic() < end:
        if not _persistently(lambda last: _step(run_id, at, is_last_try=last)):
            return False
    return True


def stalled(*, at: datetime) -> QuerySet[BulkRun]:
    """Return the runs that have something to do and that nobody is at."""
    return unfinished().filter(touched_at__lt=at - STALLED_AFTER).order_by("id")


def unfinished() -> QuerySet[BulkRun]:
    going = Q(prepared_at=None) | Q(confirmed_at__isnull=False)
    return BulkRun.objects.filter(going, finished_at=None)


def _persistently(step: Callable[[bool], bool]) -> bool:
    """Repeat a step whose locks were taken by somebody else."""
    for left in reversed(range(TRIES)):
        try:
            return step(left == 0)
        except OperationalError as error:
            if not left or not is_worth_another_try(error):
                raise
    raise AssertionError


@dataclass(frozen=True, slots=True)
class _Going:
    """A run that is locked, its command, and the membership that it acts for."""

    run: BulkRun
    command: Command
    membership: Membership
    at: datetime

    @property
    def act(self) -> Act:
        """The act of the last click: asking while rows are priced, then confirming."""
        at = self.run.confirmed_at or self.run.asked_at
        return Act(by=self.run.by, organisation=self.membership.tenant, at=at, on=self.run.on)


@transaction.atomic
def _step(run_id: int, at: datetime, *, is_last_try: bool) -> bool:
    """Take one step in one transaction; return False if there is none to take now."""
    run = lock(run_id)
    if run is None:
        return False
    run.touched_at = at
    with translation.override(run.language):
        membership = _membership_of(run)
        command = command_of(run)
        if membership is None or not membership.may(command.action):
            return _stop(run, _("You may not do this any more, so the rest was left as it is."))
        going = _Going(run, command, membership, at)
        if run.total is None:
            return _find(going)
        return _next_row(going, is_last_try=is_last_try)


def lock(run_id: int) -> BulkRun | None:
    """Return the run, locked, if it has something to do and no other worker is at it."""
    return (
        unfinished()
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("by", "organisation__partner")
        .filter(pk=run_id)
        .order_by("pk")
        .first()
    )


def _membership_of(run: BulkRun) -> Membership | None:
    """Return what the person works as there now: read for every row, so removal works at once."""
    return (
        Membership.objects.active()
        .filter(user=run.by, user__is_active=True, tenant=run.organisation)
        .select_related("tenant__partner")
        .order_by("pk")
        .first()
    )


def _find(going: _Going) -> bool:
    """Write down the rows that the address finds now."""
    run, command, source = going.run, going.command, source_of(going.run)
    if not going.membership.may(source.needs):
        return _stop(run, _("You may not see this list any more, so nothing was changed."))
    keys = source.matching(going.membership, command.subject, run.query, on=run.on, most=MOST)
    if len(keys) > MOST:
        return _stop(run, str(TooManyRows(MOST)))
    if not keys:
        return _stop(run, _("Nothing matches these filters any more, so nothing was changed."))
    write_rows(run, command, keys)
    return run.prepared_at is None


def _next_row(going: _Going, *, is_last_try: bool) -> bool:
    """Price the next row or, once they are confirmed, do it; after the last one say so."""
    run = going.run
    row = run.rows.filter(number__gt=run.reached, outcome="").order_by("number").first()
    if row is None:
        is_priced = run.confirmed_at is None
        run.prepared_at = run.prepared_at or going.at
        run.finished_at = None if is_priced else going.at
        run.reached = run.total or 0
        run.save(update_fields=["prepared_at", "finished_at", "reached", "touched_at"])
        return False
    _do(row, going, is_last_try=is_last_try)
    row.save(
        update_fields=[
            *("outcome", "words", "quote"),
            *("sold", "sold_currency", "bought", "bought_currency"),
        ]
    )
    run.reached = row.number
    run.save(update_fields=["reached", "touched_at"])
    return True


def _do(row: BulkRow, going: _Going, *, is_last_try: bool) -> None:
    """Change what the row is about, or only price it, and write down what became of it."""
    run, command, partner = going.run, going.command, going.membership.tenant.partner
    what = next(iter(command.subject.found(partner, [row.key])), None)
    if what is None:
        row.outcome, row.words = BulkRow.Outcome.GONE, gone()
        return
    row.run = run
    work = Work(what=what, partner=partner, row=row, note=run.note, act=going.act)
    try:
        with transaction.atomic():
            if run.confirmed_at is None and command.price is not None:
                command.price(work)
                return
            row.outcome, row.words = BulkRow.Outcome.DONE, command.change(work)[:500]
    except command.refusals as refusal:
        row.outcome, row.words = BulkRow.Outcome.REFUSED, str(refusal)[:500]
    except OperationalError as error:
        may_try_again = is_worth_another_try(error) and not is_last_try
        if may_try_again or not connection.is_usable():
            raise
        _note_failure(row, _("Somebody else was changing it. Nothing was changed; try it again."))
    except Exception:
        log.exception("row %s of the run %s failed", row.number, run.public_id)
        _note_failure(row, _("The portal could not do it. Nothing was changed; it is logged."))


def _note_failure(row: BulkRow, words: str) -> None:
    row.quote = row.quote if row.run.confirmed_at else None
    row.outcome, row.words = BulkRow.Outcome.FAILED, words


def _stop(run: BulkRun, why: str) -> bool:
    run.failure, run.finished_at = why[:500], run.touched_at
    run.save(update_fields=["failure", "finished_at", "touched_at"])
    return False
