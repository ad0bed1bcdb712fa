"""What the database says about a write that it refused."""

from django.db import IntegrityError, OperationalError
from psycopg import Error


def broken_constraint(error: IntegrityError) -> str:
    """Return the constraint's name, `<app>_<the sentence>`, or "" if the server named none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, Error) else ""


def is_worth_another_try(error: OperationalError) -> bool:
    """Tell whether somebody else's locks were in the way: serialization, deadlock, lock timeout."""
    cause = error.__cause__
    return isinstance(cause, Error) and cause.sqlstate in {"40001", "40P01", "55P03"}
