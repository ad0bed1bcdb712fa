"""A database of its own for a benchmark, on the server we have or on a throw-away one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from csp_portal.embedded.services import discard, throwaway


@contextmanager
def scratch_database() -> Iterator[dict[str, str]]:
    """
    Make an empty database and yield the variables that lead to it; drop it in the end.

    It is on the server of DATABASE_URL, whose own database is not touched; without one a
    private server is started for as long as it takes.
    """
    if os.environ.get("DATABASE_URL"):
        with _database_on(os.environ) as variables:
            yield variables
        return
    services = throwaway()
    try:
        with _database_on({**os.environ, **services.start_postgres()}) as variables:
            yield variables
    finally:
        discard(services)


@contextmanager
def _database_on(variables: "os._Environ[str] | dict[str, str]") -> Iterator[dict[str, str]]:
    app_url = variables["DATABASE_URL"]
    owner_url = variables.get("DATABASE_OWNER_URL", app_url)
    name = new_name()
    with psycopg.connect(owner_url, autocommit=True) as server:
        identifier = sql.Identifier(name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
        try:
            yield {
                **variables,
                "DATABASE_URL": _with_database(app_url, name),
                "DATABASE_OWNER_URL": _with_database(owner_url, name),
            }
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def new_name() -> str:
    return f"csp_bench_{secrets.token_hex(4)}"


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
