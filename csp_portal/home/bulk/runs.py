"""Asking for a command for many rows, and confirming it. `carrying` does the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.services.quotes import VALIDITY
from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Membership
from tenants.services import activity

from ..models import BulkRow, BulkRun
from .commands import Command
from .errors import NothingTicked, NotReady, PricesTooOld
from .sources import SOURCES, Source

LONGEST_QUERY = 2_000


def source_of(run: BulkRun) -> Source:
    return SOURCES[run.list_name]


def command_of(run: BulkRun) -> Command:
    command = source_of(run).command(run.command)
    assert command is not None  # only commands of the list are asked for
    return command


def ask(
    *,
    membership: Membership,
    source: Source,
    command: Command,
    ticked: Sequence[UUID] | None,
    query: str,
    form: UUID,
    language: str,
    act: Act,
) -> BulkRun:
    """
    Keep what was asked for: the ticked rows, or with None all that `query` finds by and by.

    `form` is the number of the form that was sent: what the same form asks again is the same
    run. A free command for ticked rows that needs no word is confirmed with this click.

    :raises NothingTicked: if no row was
    """
    if ticked is not None and not ticked:
        raise NothingTicked
    keys = None
    if ticked is not None:
        keys = source.ticked(membership.tenant.partner, command.subject, ticked)
    chosen = ",".join(sorted(map(str, ticked))) if ticked is not None else f"?{query}"
    run = BulkRun(
        key=uuid5(form, f"{membership.public_id} {source.listing.name} {command.key} {chosen}"),
        list_name=source.listing.name,
        command=command.key,
        query="" if ticked is not None else query[:LONGEST_QUERY],
        language=language,
        **_now(membership, act),
    )
    return _kept(run, keys=keys, act=act)


def _now(membership: Membership, act: Act) -> dict[str, Any]:
    return {
        "organisation": membership.tenant,
        "by": membership.user,
        "asked_at": act.at,
        "touched_at": act.at,
        "on": act.on,
    }


def _kept(run: BulkRun, *, keys: Sequence[UUID] | None, act: Act) -> BulkRun:
    """Write down a run with its rows, if they are known; asked before, return that one."""
    command = command_of(run)
    try:
        with transaction.atomic():
            run.save()
            if keys is not None:
                write_rows(run, command, keys)
                if command.price is None and command.note is None:
                    _set_going(run, act)
    except IntegrityError as error:
        if broken_constraint(error) != "home_bulk_run_asked_once":
            raise
        return BulkRun.objects.get(key=run.key)
    return run


def ask_again(*, run: BulkRun, membership: Membership, act: Act) -> BulkRun:
    """Ask for what a run did not do, with the prices of now; of a failed search, search anew."""
    left = run.rows.exclude(outcome__in=[BulkRow.Outcome.DONE, BulkRow.Outcome.GONE])
    return _kept(
        BulkRun(
            key=uuid5(run.public_id, f"again {act.at.isoformat()}"),
            list_name=run.list_name,
            command=run.command,
            query=run.query if run.total is None else "",
            language=run.language,
            **_now(membership, act),
        ),
        keys=None if run.total is None else list(left.values_list("key", flat=True)),
        act=act,
    )


def write_rows(run: BulkRun, command: Command, keys: Sequence[UUID]) -> None:
    """Write down what is to be done, in its order; what is not there any more comes last."""
    subject = command.subject
    found = subject.found(run.organisation.partner, keys)
    there = {each.public_id for each in found}
    rows: list[dict[str, Any]] = [
        {"key": each.public_id, "name": subject.label(each)[:300], "page": subject.page(each)}
        for each in found
    ]
    rows += [
        {"key": key, "name": str(key), "page": "", "outcome": BulkRow.Outcome.GONE, "words": gone()}
        for key in dict.fromkeys(keys)
        if key not in there
    ]
    BulkRow.objects.bulk_create(
        BulkRow(run=run, number=number, **row) for number, row in enumerate(rows, start=1)
    )
    run.total = len(rows)
    if command.price is None:
        run.prepared_at = run.touched_at
    run.save(update_fields=["total", "prepared_at"])


def gone() -> str:
    return _("It is not in your list any more. Nothing was done to it.")


@transaction.atomic
def confirm(*, run: BulkRun, note: str, act: Act) -> BulkRun:
    """
    Let the rows be done, by the worker; a second click does nothing more.

    :raises NotReady: if rows or prices are still being read
    :raises PricesTooOld: if the first price was made 30 minutes ago or earlier
    """
    run = BulkRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.confirmed_at is not None or run.failure:
        return run
    if run.prepared_at is None:
        raise NotReady
    if not is_price_valid(run, act):
        raise PricesTooOld
    run.note = note
    _set_going(run, act)
    return run


def valid_until(run: BulkRun) -> datetime:
    """Return when the first of the prices stops holding."""
    return run.asked_at + VALIDITY


def is_price_valid(run: BulkRun, act: Act) -> bool:
    return command_of(run).price is None or act.at < valid_until(run)


def _set_going(run: BulkRun, act: Act) -> None:
    run.confirmed_at = run.touched_at = act.at
    run.on = act.on
    run.reached = 0
    run.save(update_fields=["note", "confirmed_at", "touched_at", "on", "reached"])
    waiting = run.rows.filter(outcome="").count()
    activity.record(
        tenant=run.organisation,
        act=replace(act, organisation=run.organisation),
        action="bulk.confirmed",
        about=run.public_id,
        summary=f"{command_of(run).title}: {waiting:,} rows",
    )
