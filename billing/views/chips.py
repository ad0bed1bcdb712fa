from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenants.http import PortalRequest


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of a filter, as a link that keeps the rest of the address."""

    label: str
    url: str
    is_current: bool
    count: int | str


def chips(
    request: PortalRequest,
    name: str,
    choices: Iterable[tuple[str, str]],
    *,
    current: str,
    counts: Mapping[str, int] | None = None,
) -> list[Chip]:
    """Return a chip for each (value, label); the empty value takes the filter off."""
    made = []
    for value, label in choices:
        query = request.GET.copy()
        for gone in (name, "page"):
            query.pop(gone, None)
        if value:
            query[name] = value
        count = counts.get(value, 0) if counts is not None else ""
        made.append(Chip(str(label), f"?{query.urlencode()}", value == current, count))
    return made
