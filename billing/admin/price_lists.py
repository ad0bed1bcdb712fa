"""Price lists in the admin: upload, preview, draft, schedule. Prices themselves are read only."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from csp_portal.shared import clock
from subscriptions.admin.models import ReadOnly
from tenants.acts import Act
from tenants.permissions import with_fresh_sign_in

from ..domain.calendar import next_possible_effective_day
from ..forms.price_lists import PriceListUploadForm
from ..models import Price, PriceList
from ..queries.price_changes import PriceChanges
from ..queries.price_list_rows import compared
from ..queries.price_lists import list_before
from ..services import price_list_uploads, price_lists

V = TypeVar("V")

# Problems and changes shown on a page; all of them are counted.
SHOWN = 200
TITLES = {
    "upload": gettext_lazy("Import a price list"),
    "confirm": gettext_lazy("Preview of the import"),
    "schedule": gettext_lazy("What the list changes"),
}


def for_operators(view: V) -> V:
    """Mark a page that the admin site guards itself (`admin_view`)."""
    view.access = "operators"  # type: ignore[attr-defined]  # read by AccessMiddleware
    return view


@admin.register(PriceList)
class PriceListAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = (
        "effective_on",
        "market",
        "currency",
        "visible_from",
        "scheduled_at",
        "published_at",
        "source_name",
    )
    list_filter = ("market", "currency")
    ordering = ("-effective_on", "market", "currency")
    change_list_template = "admin/billing/price_lists.html"
    change_form_template = "admin/billing/price_list.html"

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Any, name: str) -> URLPattern:
            guarded = self.admin_site.admin_view(for_operators(view))
            page: URLPattern = path(route, guarded, name=f"billing_pricelist_{name}")
            return page

        return [
            at("import/", upload, "import"),
            at("import/<str:token>/", confirm, "confirm"),
            at("<int:price_list_id>/schedule/", with_fresh_sign_in(schedule), "schedule"),
            at("<int:price_list_id>/discard/", discard, "discard"),
            *super().get_urls(),
        ]


@admin.register(Price)
class PriceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("offer", "segment", "duration", "plan", "unit_price", "erp", "price_list")
    list_filter = ("segment", "duration", "plan", "price_list")
    list_select_related = ("offer", "price_list")
    search_fields = ("offer__title", "offer__sku")
    ordering = ("-price_list__effective_on", "offer__title", "pk")
    show_full_result_count = False


def upload(request: HttpRequest) -> HttpResponse:
    """Check a file and show what importing it would do, or every bad row."""
    _require(request, "billing.add_pricelist")
    form = PriceListUploadForm(request.POST or None, request.FILES or None)
    refused = None
    if form.is_valid():
        typed = dict(form.cleaned_data)
        file = typed.pop("file")
        kept = price_list_uploads.Upload(name=file.name, content=file.read(), **typed)
        try:
            token, preview = price_list_uploads.check(upload=kept, act=_act(request))
        except price_lists.PriceListRefused as error:
            refused = error
        except price_lists.AlreadyScheduled as error:
            form.add_error(
                "effective_on",
                _("%(list)s is scheduled and never changes.") % {"list": error.price_list},
            )
        else:
            return _page(request, "confirm", token=token, preview=preview, **_shown(preview))
    problems = refused.problems if refused else []
    context = {
        "form": form,
        "refused": refused,
        "problems": problems[:SHOWN],
        "problem_count": len(problems),
        "hidden_count": max(0, len(problems) - SHOWN),
        "next_possible": next_possible_effective_day(clock.today()),
    }
    return _page(request, "upload", status=400 if refused else 200, **context)


@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Import a file that was checked as a draft."""
    _require(request, "billing.add_pricelist")
    try:
        done = price_list_uploads.carry_out(token=token, act=_act(request))
    except price_list_uploads.UploadGone:
        messages.warning(request, _("This file is not waiting any more; upload it again."))
    except (price_lists.PriceListRefused, price_lists.AlreadyScheduled):
        messages.error(request, _("Something changed since the preview; upload the file again."))
    else:
        messages.success(request, _("%(list)s is a draft now.") % {"list": done.price_list})
        return redirect("admin:billing_pricelist_schedule", price_list_id=done.price_list.pk)
    return redirect("admin:billing_pricelist_import")


def schedule(request: HttpRequest, price_list_id: int) -> HttpResponse:
    """Show a draft against the list it follows; a POST fixes it for good."""
    _require(request, "billing.change_pricelist")
    draft = get_object_or_404(PriceList, pk=price_list_id)
    if request.method == "POST":
        try:
            price_lists.schedule(price_list=draft, act=_act(request))
        except price_lists.TooLate as error:
            messages.error(request, _too_late(error))
        except price_lists.EmptyPriceList:
            messages.error(request, _("There are no prices on this list."))
        except price_lists.AlreadyScheduled:
            messages.info(request, _("It was scheduled before; nothing was done now."))
        else:
            messages.success(request, _("%(list)s is scheduled.") % {"list": draft})
        return redirect("admin:billing_pricelist_change", draft.pk)
    follows = list_before(draft)
    changes = PriceChanges(follows, draft, marks=("ADD", "CHG", "DEL"))
    return _page(
        request,
        "schedule",
        draft=draft,
        follows=follows,
        counts=changes.counts,
        rows=[compared(change, currency=draft.currency) for change in changes[:SHOWN]],
        next_possible=next_possible_effective_day(clock.today()),
        is_too_late=draft.visible_from < clock.now(),
    )


@require_POST
def discard(request: HttpRequest, price_list_id: int) -> HttpResponse:
    """Delete a draft."""
    _require(request, "billing.change_pricelist")
    draft = get_object_or_404(PriceList, pk=price_list_id)
    try:
        price_lists.discard(price_list=draft, act=_act(request))
    except price_lists.AlreadyScheduled:
        messages.error(request, _("It is scheduled and stays."))
    else:
        messages.success(request, _("The draft is gone."))
    return redirect("admin:billing_pricelist_changelist")


def _shown(preview: price_lists.PriceListImport) -> dict[str, Any]:
    currency = preview.price_list.currency
    return {"rows": [compared(change, currency=currency) for change in preview.changes]}


def _too_late(error: price_lists.TooLate) -> str:
    return _(
        "Too late for that month: partners would see it less than 30 days ahead. "
        "Import it for %(month)s or later."
    ) % {"month": f"{error.next_possible:%B %Y}"}


def _page(request: HttpRequest, page: str, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "opts": PriceList._meta,  # noqa: SLF001 -- as every admin template gets it
        "title": TITLES[page],
        **context,
    }
    return TemplateResponse(
        request, f"admin/billing/price_list_{page}.html", context, status=status
    )


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _act(request: HttpRequest) -> Act:
    return Act(
        by=request.user,  # type: ignore[arg-type]  # admin_view lets nobody else in
        organisation=None,
        at=clock.now(),
        on=clock.today(),
    )
