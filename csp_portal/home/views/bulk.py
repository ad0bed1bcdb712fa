"""Commands for many rows: asked for on a list, then a page that shows how far they are."""

from typing import Any, cast
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from csp_portal.lists.paging import SIZES
from relationships.queries.tags import words_of
from tenants.http import PortalRequest, act_of
from tenants.models import Membership
from tenants.permissions import acting_partner, acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..bulk import carrying, runs
from ..bulk.commands import Command
from ..bulk.errors import BulkRefused
from ..bulk.sources import SOURCES, Source
from ..models import BulkRun
from ..queries.bulk_runs import counts_of, exported, rows_page, runs_of, standing_of, sums_of
from ..tasks import start_bulk

ACTIONS = (
    Action.ORDER,
    Action.CHANGE_SERVICE,
    Action.TAG_CUSTOMERS,
    Action.INVITE_CUSTOMERS,
    Action.RECOMMEND,
)
# How long a click waits for the result of a few rows; the worker does the rest.
PATIENCE = 2


@requires(*ACTIONS)
@require_POST
def ask(request: PortalRequest, list_name: str) -> HttpResponse:
    """Take a command for the ticked rows, or for all that the list's address finds."""
    source, command = _asked_for(request, list_name)
    ticked = None if request.POST.get("who") == "all" else _ticked(request)
    try:
        run = runs.ask(
            membership=_membership(request),
            source=source,
            command=command,
            ticked=ticked,
            query=request.POST.get("query", ""),
            form=_uuid(request.POST.get("form", "")) or uuid4(),
            language=get_language() or "en",
            act=act_of(request),
        )
    except BulkRefused as refusal:
        context = {"title": command.title, "refusal": refusal, "back": _way_back(request)}
        return render(request, "bulk/refused.html", context)
    return _started(request, run, seconds=0 if ticked is None else PATIENCE)


@requires(*ACTIONS)
@require_safe
def run(request: PortalRequest, run_id: UUID) -> HttpResponse:
    """Show how far it is: found, priced, confirmed, done; while it goes on, anew every 2 s."""
    return _page(request, _get_run(request, run_id))


@requires(*ACTIONS)
@require_POST
def confirm(request: PortalRequest, run_id: UUID) -> HttpResponse:
    found = _get_run(request, run_id)
    if runs.command_of(found).is_grave:
        return with_fresh_sign_in(_confirm)(request, found)
    return _confirm(request, found)


def _confirm(request: PortalRequest, found: BulkRun) -> HttpResponse:
    command, typed = runs.command_of(found), request.POST.get("note", "")[:300]
    refusals: tuple[type[Exception], ...] = (BulkRefused, *command.refusals)
    try:
        note = command.note.clean(typed) if command.note else ""
        confirmed = runs.confirm(run=found, note=note, act=act_of(request))
    except refusals as refusal:
        return _page(request, found, problem=str(refusal), typed=typed)
    return _started(request, confirmed, seconds=PATIENCE)


@requires(*ACTIONS)
@require_POST
def again(request: PortalRequest, run_id: UUID) -> HttpResponse:
    """Ask for the same anew: with today's prices, or for what was not done."""
    old = _get_run(request, run_id)
    made = runs.ask_again(run=old, membership=_membership(request), act=act_of(request))
    return _started(request, made, seconds=PATIENCE)


@requires(*ACTIONS)
@require_safe
def rows_csv(request: PortalRequest, run_id: UUID) -> HttpResponse:
    # a streaming answer has what the decorators of views need, and is typed apart from others
    return cast("HttpResponse", exported(_get_run(request, run_id)))


@requires(*ACTIONS)
@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """List the person's newest commands for many rows, to come back to."""
    found = runs_of(acting_tenant(request), request.user)
    context = {"runs": [(one, runs.command_of(one), standing_of(one)) for one in found]}
    return render(request, "bulk/index.html", context)


def _asked_for(request: PortalRequest, list_name: str) -> tuple[Source, Command]:
    """Return the list and its command; 404 for what there is not, 403 for what they may not."""
    acting_partner(request)
    source = SOURCES.get(list_name)
    command = source.command(request.POST.get("do", "")) if source else None
    if source is None or command is None:
        raise Http404
    membership = _membership(request)
    if not (membership.may(source.needs) and membership.may(command.action)):
        raise PermissionDenied
    return source, command


def _get_run(request: PortalRequest, run_id: UUID) -> BulkRun:
    """Return a run that the person asked for in this workspace; 404 for anybody else's."""
    mine = BulkRun.objects.filter(organisation=acting_tenant(request), by=request.user)
    found = get_object_or_404(mine, public_id=run_id)
    if not _membership(request).may(runs.command_of(found).action):
        raise PermissionDenied
    return found


def _started(request: PortalRequest, run: BulkRun, *, seconds: float) -> HttpResponse:
    """Do the first rows at once, leave the rest to the worker, and lead to the run's page."""
    at = act_of(request).at
    if not seconds or carrying.carry_on(run_id=run.pk, at=at, seconds=seconds):
        start_bulk(run_id=run.pk)
    return redirect("home:bulk-run", run.public_id)


def _page(
    request: PortalRequest, run: BulkRun, *, problem: str = "", typed: str = ""
) -> HttpResponse:
    command, source = runs.command_of(run), runs.source_of(run)
    counts = counts_of(run)
    numbers = {counted.code: counted.count for counted in counts}
    outcome = request.GET.get("outcome", "all")
    context: dict[str, Any] = {
        "run": run,
        "command": command,
        "list_url": source.url_name,
        "is_going": run.is_going,
        "counts": counts,
        "waiting": numbers.get("", 0),
        "refused": numbers.get("refused", 0) + numbers.get("failed", 0),
        "sums": sums_of(run) if command.price else [],
        "is_priced": command.price is not None,
        "is_to_confirm": run.prepared_at and not run.confirmed_at and not run.failure,
        "is_price_valid": runs.is_price_valid(run, act_of(request)),
        "valid_until": runs.valid_until(run),
        "page": rows_page(run, outcome, request.GET.get("page", "")),
        "outcome": outcome,
        "source": source,
        "words": _words(request, command),
        "problem": problem,
        "typed": typed,
    }
    return render(request, "bulk/run.html", context)


def _words(request: PortalRequest, command: Command) -> list[str]:
    return list(words_of(acting_partner(request))) if command.action is Action.TAG_CUSTOMERS else []


def _membership(request: PortalRequest) -> Membership:
    assert request.membership is not None  # every view here requires one
    return request.membership


def _ticked(request: PortalRequest) -> list[UUID]:
    """Return the public ids that were ticked; whatever is none is left out."""
    typed = request.POST.getlist("pk")[: max(SIZES)]
    return list(dict.fromkeys(found for found in map(_uuid, typed) if found is not None))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _way_back(request: PortalRequest) -> str:
    target = request.POST.get("back", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else "/"
