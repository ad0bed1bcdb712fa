"""The guards of the database by name: how one is taken away, and how it comes back."""

from django.db import connection
from psycopg import sql

FIND = """
SELECT 'trigger', c.relname, t.tgname, '' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgname = %(name)s
UNION ALL
SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.conname = %(name)s AND k.contype <> 't'
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes i
WHERE indexname = %(name)s AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = i.indexname)
"""


def removal_of(name: str) -> tuple[str, str]:
    """Return the statements that take the guard `name` away and that bring it back."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"name": name})
        ((kind, table, guard, definition),) = cursor.fetchall()
    on, it = sql.Identifier(table), sql.Identifier(guard)
    templates = {
        "trigger": (
            "ALTER TABLE {on} DISABLE TRIGGER {it}",
            "ALTER TABLE {on} ENABLE TRIGGER {it}",
        ),
        "constraint": (
            "ALTER TABLE {on} DROP CONSTRAINT {it} CASCADE",
            "ALTER TABLE {on} ADD CONSTRAINT {it} {definition}",
        ),
        "index": ("DROP INDEX {it}", "{definition}"),
    }
    without, again = (
        sql.SQL(template).format(on=on, it=it, definition=sql.SQL(definition)).as_string()
        for template in templates[kind]
    )
    return without, again
