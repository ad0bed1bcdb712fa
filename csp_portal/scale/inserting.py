"""Fill a model's table by one statement, with the model's own defaults for what is not named."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Field, GeneratedField, JSONField, Model
from django.db.models.fields import NOT_PROVIDED


def insert_select(model: type[Model], columns: dict[str, str], source: str) -> str:
    """
    Return `INSERT INTO … SELECT … FROM source`.

    `columns` are expressions by column name. A column that is not named gets the default of
    its field, so that a new field with a default needs no change here.
    """
    chosen = dict(columns)
    for field in model._meta.concrete_fields:  # noqa: SLF001 -- the documented Meta API
        if field.column in chosen or field.primary_key or isinstance(field, GeneratedField):
            continue
        literal = _default(field)
        if literal is not None:
            chosen[field.column] = literal
    names = ", ".join(f'"{name}"' for name in chosen)
    values = ", ".join(chosen.values())
    table = model._meta.db_table  # noqa: SLF001 -- the documented Meta API
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}"  # noqa: S608 -- constants


def _default(field: "Field[Any, Any]") -> str | None:
    if field.default is NOT_PROVIDED:
        return None if field.null else "''"
    default = field.default() if callable(field.default) else field.default
    if isinstance(default, UUID):
        return "gen_random_uuid()"
    if isinstance(field, BooleanField):
        return str(bool(default)).lower()
    if isinstance(field, JSONField):
        return "'{}'::jsonb" if default == {} else "'[]'::jsonb"
    if isinstance(field, ArrayField):
        return "'{}'"
    return None if default is None else f"'{default}'"


def forward_sequences(*models: type[Model]) -> None:
    """Let new rows come after those that were inserted with numbers of their own."""
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table  # noqa: SLF001 -- the documented Meta API
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608 -- constants
            )
