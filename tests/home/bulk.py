"""Commands for many rows in tests, as the pages give them."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.urls import reverse

from csp_portal.home.bulk import carrying
from csp_portal.home.models import BulkRow, BulkRun
from csp_portal.shared import clock
from tests.conftest import Browser


def ask(
    browser: Browser,
    list_name: str,
    command: str,
    rows: Iterable[Any] | None,
    *,
    query: str = "",
    form: str = "",
) -> Any:
    """Give the command for the rows (objects, or ids), or with None for all `query` finds."""
    data: dict[str, Any] = {"do": command, "query": query, "form": form or str(uuid4())}
    if rows is None:
        data["who"] = "all"
    else:
        data["pk"] = [str(getattr(row, "public_id", row)) for row in rows]
    return browser.post(reverse("home:bulk-ask", args=[list_name]), data, follow=True)


def confirm(browser: Browser, run: BulkRun | None = None, note: str = "") -> Any:
    run = run or BulkRun.objects.latest("id")
    url = reverse("home:bulk-confirm", args=[run.public_id])
    return browser.post(url, {"note": note}, follow=True)


def work() -> None:
    """Do what a worker does of every run that has something to do, to its end."""
    for run in carrying.unfinished():
        while carrying.carry_on(run_id=run.pk, at=clock.now(), seconds=60):
            pass


def outcomes(run: BulkRun | None = None) -> dict[str, tuple[str, str]]:
    """Return name: (outcome, words) of every row of the newest run."""
    run = run or BulkRun.objects.latest("id")
    found = BulkRow.objects.filter(run=run).order_by("number")
    return {row.name: (row.outcome, row.words) for row in found}
