"""
Every guard of the database, taken away alone: an attempt that it refused is then noticed.

`attempts` has a statement against each constraint, unique index and trigger. With the guard
it is refused by that guard; without it, it is not. So no guard is idle behind another, and
none could be lost unnoticed. A new guard fails here until it has an attempt.
"""

import re
from itertools import chain

import pytest
from django.db import DatabaseError, connection, transaction

from tests.guards import removal_of

from . import attempts, attempts_below, attempts_on_triggers
from .attempts import Attempt, Copy, Run
from .full_world import full_world

APPS = "^(tenants|relationships|subscriptions|billing)_"

ATTEMPTS: dict[str, Attempt] = {
    **attempts.BILLING,
    **attempts.RELATIONSHIPS,
    **attempts_below.SUBSCRIPTIONS,
    **attempts_below.TENANTS,
    **attempts_on_triggers.BILLING,
    **attempts_on_triggers.RELATIONSHIPS,
    **attempts_on_triggers.SUBSCRIPTIONS,
}

# A key's index with another column: it serves the foreign keys of R8, and cannot be violated.
NEVER_VIOLATED = {"tenants_tenant_and_exclusive_channel"}

GUARDS = f"""
SELECT conname::text, conrelid::regclass::text FROM pg_constraint
WHERE conrelid::regclass::text ~ '{APPS}' AND contype IN ('c', 'u', 'x') OR conname ~ '{APPS}no_'
UNION SELECT indexname, tablename FROM pg_indexes
WHERE schemaname = 'public' AND tablename ~ '{APPS}' AND indexdef LIKE '%UNIQUE%'
UNION SELECT tgname, tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '{APPS}'
ORDER BY 1
"""  # noqa: S608 -- constants only


def fetched(sql: str, *values: object) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall()


def guards() -> dict[str, str]:
    """Return the table of every guard that could be violated, by the guard's name."""
    found = {name: table for name, table in fetched(GUARDS) if not name.endswith("_pkey")}
    return {name: table for name, table in found.items() if name not in NEVER_VIOLATED}


def attempt_on(guard: str, table: str) -> Attempt | None:
    """Return what is written down, or what the names of Django's own constraints say."""
    if guard in ATTEMPTS:
        return ATTEMPTS[guard]
    if guard.endswith("_public_id_key"):
        return attempts.copy(table, public_id="public_id")
    if positive := re.fullmatch(f"{table}_(.+)_check", guard):
        checks = fetched(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c' "
            "AND conname <> %s",
            table,
            guard,
        )
        changed = {positive[1]: "-1"}
        return attempts.copy(table, behind=tuple(name for (name,) in checks), **changed)
    if guard.endswith("_uniq"):  # the two sides of a many-to-many field
        return attempts.copy(table)
    return None


def statements(attempt: Attempt) -> list[str]:
    """Return the attempt in SQL, after whatever stands before its guard steps aside."""
    aside = [removal_of(name)[0] for name in attempt.behind]
    match attempt:
        case Run(sql):
            return [*aside, sql]
        case Copy(table, where, changed, times=times):
            return [*aside, *[insert_copy(table, where, changed)] * times]


def insert_copy(table: str, where: str, changed: dict[str, str]) -> str:
    columns = [
        name
        for (name,) in fetched(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
            "AND is_generated = 'NEVER' ORDER BY ordinal_position",
            table,
        )
    ]
    fresh = {"id": f"(SELECT max(id) + 1 FROM {table})", "public_id": "gen_random_uuid()"}  # noqa: S608 -- a test's own text
    values = {name: f'"{name}"' for name in columns} | {
        name: value for name, value in (fresh | changed).items() if name in columns
    }
    names = ", ".join(f'"{name}"' for name in values)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} "  # noqa: S608 -- as above
        f"FROM {table} WHERE {where} ORDER BY 1 LIMIT 1"
    )


def outcome(*sql: str) -> tuple[str, str]:
    """Return the constraint and the reason with which the statements are refused, or nothing."""
    savepoint = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            for statement in sql:
                cursor.execute(statement)
                touched = cursor.rowcount
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        return (
            getattr(diagnosis, "constraint_name", None) or "",
            getattr(diagnosis, "message_primary", None) or str(error),
        )
    else:
        return ("", "" if touched else "it touched no row")
    finally:
        transaction.savepoint_rollback(savepoint)


def unnoticed(guard: str, attempt: Attempt, *, is_trigger: bool) -> str:
    """Return why the loss of the guard would go unnoticed, or nothing."""
    tried = statements(attempt)
    with_it = outcome(*tried)
    without_it = outcome(removal_of(guard)[0], *tried)
    if not any(with_it) or with_it[1] == "it touched no row":
        return f"{guard}: the attempt succeeds: {with_it[1]}"
    if not is_trigger and with_it[0] != guard:
        return f"{guard}: refused by something else: {with_it}"
    if with_it == without_it:
        return f"{guard}: refused without it as well: {with_it}"
    return ""


@pytest.mark.django_db
def test_every_guard_has_an_attempt() -> None:
    found = guards()

    without = [name for name, table in found.items() if attempt_on(name, table) is None]
    assert without == [], without
    assert sorted(set(ATTEMPTS) - set(found)) == []


@pytest.mark.slow
@pytest.mark.django_db
def test_each_guard_taken_away_alone_is_noticed() -> None:
    full_world()
    triggers = set(chain.from_iterable(fetched("SELECT tgname FROM pg_trigger")))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    lost = [
        why
        for guard, table in guards().items()
        if (attempt := attempt_on(guard, table)) is not None
        and (why := unnoticed(guard, attempt, is_trigger=guard in triggers))
    ]

    assert lost == [], "\n".join(lost)
