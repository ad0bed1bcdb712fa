"""What a list consists of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OrderBy
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from tenants.roles import Action, Kind

Text = str | Promise
Order = Sequence[str | Combinable | OrderBy]


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column: of a row `value` takes what a file holds, `show` what the page shows.

    Without `show` the page shows the value. `order` are the expressions its head sorts by,
    ascending and with a tie-breaker; only orders that an index serves are offered. A column
    that is not `is_usual` is there for those who choose it, and for organisations of the
    kinds it is `usual_for`; one with `needs` for those who may do that.
    """

    key: str
    label: Text
    value: Callable[[Any], object]
    show: Callable[[Any], object] | None = None
    order: Order = ()
    css: str = ""
    is_usual: bool = True
    usual_for: frozenset[Kind] = frozenset()
    needs: Action | None = None
    in_file: Text = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    count: int | str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """
    One thing to filter by: its name in the address, and what can be chosen.

    Without `choices` they depend on the organisation, or it is a day that is typed.
    """

    key: str
    label: Text
    anything: Text
    choices: Sequence[Choice] = ()
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """
    A list: its columns in order, and its filters; the first column is the row's name.

    `one` and `noun` are what its rows are called, one of them and several. The filter named
    `chips` is shown as chips, the others as choices. `usual_order` is a
    column's key, with a minus for descending.
    """

    name: str
    title: Text
    one: Text
    noun: Text
    columns: Sequence[Column]
    filters: Sequence[Filter]
    search: Text
    usual_order: str
    chips: str = ""

    def filter(self, key: str) -> Filter:
        return next(f for f in self.filters if f.key == key)


def reversed_order(order: Order) -> list[str | OrderBy]:
    """Return the expressions that sort the other way round."""
    turned: list[str | OrderBy] = []
    for expression in order:
        if isinstance(expression, str):
            turned.append(
                expression.removeprefix("-") if expression[0] == "-" else f"-{expression}"
            )
        elif isinstance(expression, OrderBy):
            copy = expression.copy()
            copy.reverse_ordering()
            turned.append(copy)
        else:
            turned.append(expression.desc())  # type: ignore[attr-defined]  # an Expression has it
    return turned
