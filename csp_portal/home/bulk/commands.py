"""What a command for many rows consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csp_portal.lists.columns import Text
from tenants.acts import Act
from tenants.models import Partner
from tenants.roles import Action

from ..models import BulkRow
from .subjects import Subject


class NotYours(Exception):
    """R3, or the other side of a 2-tier chain: somebody else changes it."""


@dataclass(frozen=True, slots=True)
class Work:
    """One row to do: what it stands for, for whom, by which act, with which tag or reason."""

    what: Any
    partner: Partner
    row: BulkRow
    note: str
    act: Act


@dataclass(frozen=True, slots=True)
class Note:
    """What a command asks before it is confirmed. `clean` raises a refusal of the command's."""

    label: Text
    help: Text
    clean: Callable[[str], str] = str.strip
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """
    What is done to each row: `change` does it and says so in words, or raises a refusal.

    A command that costs money has `price`, which writes what it will cost into the row before
    anybody confirms it. One that `is_grave` asks for the password, as its single sister does.
    """

    key: str
    icon: str
    label: Text
    title: Text
    question: Text
    action: Action
    subject: Subject
    change: Callable[[Work], str]
    refusals: tuple[type[Exception], ...]
    price: Callable[[Work], None] | None = None
    note: Note | None = None
    is_grave: bool = False
