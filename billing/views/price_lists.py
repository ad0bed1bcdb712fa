"""Price lists: in force, upcoming, history; their rows, what they change, and as files."""

from typing import Any, cast

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..domain.calendar import next_possible_effective_day, publication_day
from ..forms.price_lists import PriceChangesFilter, PriceListFilter
from ..models import PriceList
from ..permissions import get_visible_price_list, visible_price_lists
from ..queries import price_lists as queries
from ..queries.price_changes import PriceChanges, summary
from ..queries.price_list_rows import compared, listed
from ..services import price_list_downloads
from .chips import chips
from .paging import page_of

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Action.SEE_PRICE_LISTS)
@require_safe
def price_lists(request: PortalRequest) -> HttpResponse:
    """Show the lists of the partner's market: in force, upcoming with countdown, history."""
    today = act_of(request).on
    found = queries.overview(visible_price_lists(request), on=today)
    next_month = next_possible_effective_day(today)
    context = {
        "tenant": acting_tenant(request),
        "today": today,
        "history": found.history,
        "upcoming": [_card(each) for each in found.upcoming],
        "in_force": _card(found.in_force) if found.in_force else None,
        "next_month": next_month,
        "next_day": publication_day(next_month),
    }
    return render(request, "billing/price_lists/index.html", context)


@requires(Action.SEE_PRICE_LISTS)
@require_safe
def price_list(request: PortalRequest, price_list_id: int) -> HttpResponse:
    """Show the rows of a list that is public."""
    found = get_visible_price_list(request, price_list_id)
    form = PriceListFilter(request.GET, families=queries.families_of(found))
    page = page_of(request, queries.prices_of(found, form.wanted))
    context = {
        **_head(request, found),
        "form": form,
        "page": page,
        "rows": [listed(price) for price in page],
    }
    return render(request, "billing/price_lists/detail.html", context)


@requires(Action.SEE_PRICE_LISTS)
@require_safe
def price_list_diff(request: PortalRequest, price_list_id: int) -> HttpResponse:
    """Show what a list changes against the one before it, or against an older one (`against`)."""
    new = get_visible_price_list(request, price_list_id)
    older = list(
        visible_price_lists(request)
        .filter(effective_on__lt=new.effective_on)
        .order_by("-effective_on")
    )
    old = _asked_for(request, older)
    form = PriceChangesFilter(
        request.GET, families=queries.families_of(*(each for each in (old, new) if each))
    )
    changes = PriceChanges(old, new, form.wanted, form.marks)
    page = page_of(request, changes)
    context = {
        **_head(request, new),
        "old": old,
        "older": older,
        "form": form,
        "chips": _mark_chips(request, form, changes),
        "page": page,
        "rows": [compared(change, currency=new.currency) for change in page],
    }
    return render(request, "billing/price_lists/diff.html", context)


@requires(Action.SEE_PRICE_LISTS)
@require_safe
def price_list_download(
    request: PortalRequest, price_list_id: int, file_format: str
) -> HttpResponse:
    """Send the whole list as CSV or XLSX, the same columns in both."""
    found = get_visible_price_list(request, price_list_id)
    name = f"price-list-{found.market}-{found.currency}-{found.effective_on:%Y-%m}.{file_format}"
    if file_format == "csv":
        lines = price_list_downloads.csv_of(found)
        return _attachment(StreamingHttpResponse(lines, content_type=CSV), name)
    if file_format == "xlsx":
        return _attachment(
            FileResponse(price_list_downloads.xlsx_of(found), content_type=XLSX), name
        )
    raise Http404


def _attachment(response: Any, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", response)


def _card(shown: PriceList) -> dict[str, Any]:
    before = queries.list_before(shown)
    return {"list": shown, "before": before, "counts": summary(before, shown)}


def _head(request: PortalRequest, shown: PriceList) -> dict[str, Any]:
    today = act_of(request).on
    in_force = queries.list_in_force(market=shown.market, currency=shown.currency, on=today)
    return {
        "price_list": shown,
        "today": today,
        "is_upcoming": shown.effective_on > today,
        "state": queries.state_of(shown, in_force=in_force, on=today),
    }


def _asked_for(request: PortalRequest, older: list[PriceList]) -> PriceList | None:
    """Return the list to compare with; 404 for one that is not older, or not visible."""
    asked = request.GET.get("against", "")
    if not asked:
        return older[0] if older else None
    for each in older:
        if str(each.pk) == asked:
            return each
    raise Http404


def _mark_chips(
    request: PortalRequest, form: PriceChangesFilter, changes: PriceChanges
) -> list[Any]:
    counts = changes.counts
    everything = sum(counts.values())
    return chips(
        request,
        "mark",
        form.fields["mark"].choices,  # type: ignore[attr-defined]  # a ChoiceField
        current=form.mark_choice,
        counts={**counts, "": everything - counts["UNC"], "all": everything},
    )
