"""Which rule of the database a write broke."""

from django.db import IntegrityError
from psycopg import Error


def broken_constraint(error: IntegrityError) -> str:
    """Return the constraint's name, `<app>_<the sentence>`, or "" if the server named none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, Error) else ""
