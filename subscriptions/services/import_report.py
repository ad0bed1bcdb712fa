"""What an import answers, and how one is refused; shared by both kinds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from csp_portal.shared.csvfiles import RowProblem

BATCH = 2_000

# Called with a stage in words, how many are done, and of how many.
Progress = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was written, or would be: the number of rows by what they are, in words."""

    rows: int
    counts: dict[str, int]
    notices: list[str] = field(default_factory=list)
    is_dry_run: bool = False


class ImportRefused(Exception):
    """Nothing was imported. `problems` names every row that is wrong."""

    def __init__(self, problems: Iterable[RowProblem], notices: Sequence[str] = ()) -> None:
        self.problems = sorted(problems)
        self.notices = list(notices)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def silent(_stage: str, _done: int, _total: int) -> None:
    """Say nothing about the progress."""


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
