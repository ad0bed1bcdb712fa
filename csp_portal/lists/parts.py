"""What stands around a list: commands, bulk commands, and what an empty one says."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Command:
    icon: str
    label: str
    url: str
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Bulk:
    """A command for the ticked rows; `key` is what the form sends as `do`."""

    key: str
    icon: str
    label: str


@dataclass(frozen=True, slots=True)
class Empty:
    icon: str
    title: str
    text: str
    url: str = ""
    label: str = ""

    def leading(self, command: Command) -> Self:
        """Return it with the next step."""
        return replace(self, url=command.url, label=command.label)
