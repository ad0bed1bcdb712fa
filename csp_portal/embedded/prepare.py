"""
Bring a database up to this checkout: migrations, cache table, grants, then the demo's data.

As the owner:    python -m csp_portal.embedded.prepare
The demo asks `is_current` first, so a warm start skips all of it.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
from django.core.management import call_command, get_commands

ROOT = Path(__file__).resolve().parents[2]
# What the demo's database is made from. A change in one of these is applied at the next start.
INGREDIENTS = (
    "requirements.txt",  # allauth and Django bring migrations too
    "*/migrations/*.py",
    "csp_portal/demo*.py",
    "csp_portal/demo*/**/*.py",
    "csp_portal/management/commands/seed_demo.py",
    "csp_portal/management/commands/grant_roles.py",
    "csp_portal/operators.py",
)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _ingredients():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(owner_url: str) -> bool:
    """
    Tell whether this database was prepared from this checkout, and still is as it was left.

    The mark is a comment on the database itself, so a replaced database has none; it counts
    the applied migrations and needs an account, so a reversed or emptied one is done again.
    """
    with psycopg.connect(owner_url) as connection:
        try:
            return _mark(connection) == _expected_mark(connection)
        except psycopg.errors.UndefinedTable:
            return False


def mark_as_current(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        if name is None:
            return
        comment = psycopg.sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            psycopg.sql.Identifier(name[0]), psycopg.sql.Literal(_expected_mark(connection))
        )
        connection.execute(comment)


def _mark(connection: psycopg.Connection) -> str | None:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = current_database()"
    ).fetchone()
    return row[0] if row else None


def _expected_mark(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT count(*), max(id), EXISTS (SELECT FROM account_emailaddress) FROM django_migrations"
    ).fetchone()
    applied, latest, inhabited = row or (0, 0, False)
    state = f"{applied}/{latest}" if inhabited else "empty"
    return f"csp_portal demo, prepared from {fingerprint()[:16]}, migrations {state}"


def _ingredients() -> Iterator[Path]:
    for pattern in INGREDIENTS:
        yield from sorted(ROOT.glob(pattern))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csp_portal.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if "grant_roles" in get_commands():
        call_command("grant_roles")
    if "operator_groups" in get_commands():
        call_command("operator_groups", stdout=io.StringIO())


if __name__ == "__main__":
    main()
