"""Narrow a long list to rows that have to do with some of very many others."""

from typing import Any, TypeVar

from django.db.models import Case, Model, QuerySet, Value, When

FEW = 300

M = TypeVar("M", bound=Model)


def among(found: QuerySet[M], column: str, keys: QuerySet[Any, Any]) -> QuerySet[M]:
    """
    Return the rows whose `column` is one of `keys`, a query of one column.

    Of few keys the rows are looked up one by one. Many keys are hashed, and the rows are read
    in the list's order until enough are found: the CASE keeps the planner from collecting all
    of them first and sorting them, which takes longer the more there are.
    """
    first = list(keys[: FEW + 1])
    if len(first) <= FEW:
        return found.filter(**{f"{column}__in": first})
    is_one = Case(
        When(**{f"{column}__in": keys}, then=Value(value=True)), default=Value(value=False)
    )
    return found.filter(is_one)
