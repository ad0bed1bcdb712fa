"""The facts that stop the services of price lists."""

from collections.abc import Sequence
from datetime import date

from csp_portal.shared.csvfiles import RowProblem

from ..models import PriceList


class PriceListRefused(Exception):
    """The file cannot be taken. `problems` names every line that is wrong, in order."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotTheFirstOfAMonth(Exception):
    """A list takes effect on the first day of a month (R13)."""


class AlreadyScheduled(Exception):
    """The list is scheduled: it never changes again (R14)."""

    def __init__(self, price_list: PriceList) -> None:
        self.price_list = price_list
        super().__init__(f"{price_list} is scheduled and never changes; a correction is a new list")


class TooLate(Exception):
    """The list would be public less than 30 days before it takes effect (R13)."""

    def __init__(self, next_possible: date) -> None:
        self.next_possible = next_possible
        super().__init__(f"too late for that month; the next possible one is {next_possible:%B %Y}")


class EmptyPriceList(Exception):
    """There are no prices on the list."""
