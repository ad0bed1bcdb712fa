"""One command for many rows of a list: asked once, answered for every row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.http import PortalRequest

MOST = 100  # rows of the longest page


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `words` say why if it was refused."""

    name: str
    url: str
    is_done: bool
    words: str


def ticked(request: PortalRequest) -> list[UUID]:
    """Return the public ids that were ticked; whatever is none is left out."""
    found = []
    for text in request.POST.getlist("pk")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def outcomes_of(
    rows: Iterable[Any],
    change: Callable[[Any], str],
    *,
    refusals: tuple[type[Exception], ...],
    named: Callable[[Any], tuple[str, str]],
) -> list[Outcome]:
    """Change row after row, each in its own transaction: one refused stops no other."""
    outcomes = []
    for row in rows:
        name, url = named(row)
        try:
            outcomes.append(Outcome(name, url, is_done=True, words=change(row)))
        except refusals as refused:
            outcomes.append(Outcome(name, url, is_done=False, words=str(refused)))
    return outcomes


def show_outcomes(
    request: PortalRequest, title: str, outcomes: list[Outcome], *, missing: int
) -> HttpResponse:
    """`missing` rows were ticked and are not there any more."""
    context = {
        "title": title,
        "outcomes": outcomes,
        "done": sum(outcome.is_done for outcome in outcomes),
        "refused": sum(not outcome.is_done for outcome in outcomes),
        "missing": missing,
        "back": way_back(request),
    }
    return render(request, "lists/bulk_outcomes.html", context)


def way_back(request: PortalRequest) -> str:
    target = request.POST.get("back", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else "/"
