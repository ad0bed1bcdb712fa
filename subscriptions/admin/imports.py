"""Imports in the admin: upload, a preview with counts or every bad row, confirm."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from csp_portal.shared import clock
from tenants.acts import Act

from ..forms import UploadForm
from ..models import FileImport
from ..services import (
    import_matrix_rows,
    import_subscription_rows,
    import_tenant_rows,
    uploads,
)
from ..services.imports import ImportRefused
from .models import ReadOnly

V = TypeVar("V")

# Problems shown on a page; all of them are counted.
SHOWN = 200
COLUMNS = {
    FileImport.Kind.TENANTS.value: import_tenant_rows,
    FileImport.Kind.SUBSCRIPTIONS.value: import_subscription_rows,
    FileImport.Kind.OFFER_MATRIX.value: import_matrix_rows,
}
NEEDED = {
    FileImport.Kind.TENANTS.value: "tenants.add_tenant",
    FileImport.Kind.SUBSCRIPTIONS.value: "subscriptions.add_subscription",
    FileImport.Kind.OFFER_MATRIX.value: "subscriptions.change_offer",
}


def for_operators(view: V) -> V:
    """Mark a page that the admin site guards itself (`admin_view`)."""
    view.access = "operators"  # type: ignore[attr-defined]  # read by AccessMiddleware
    return view


@admin.register(FileImport)
class FileImportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("name", "kind", "rows", "uploaded_at", "uploaded_by", "imported_at")
    list_filter = ("kind",)
    list_select_related = ("uploaded_by",)
    ordering = ("-uploaded_at", "-id")
    exclude = ("content",)
    change_list_template = "admin/subscriptions/imports.html"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        return [
            path(
                "new/<str:kind>/",
                site.admin_view(self.upload),
                name="subscriptions_fileimport_upload",
            ),
            path(
                "<uuid:import_id>/confirm/",
                site.admin_view(self.confirm),
                name="subscriptions_fileimport_confirm",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FileImport]:
        return super().get_queryset(request).defer("content")

    @for_operators
    def upload(self, request: HttpRequest, kind: str) -> HttpResponse:
        _require(request, kind)
        form = UploadForm(request.POST or None, request.FILES or None)
        refused = None
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                upload = uploads.keep(
                    kind=kind, name=file.name, content=file.read(), act=_act(request)
                )
            except ImportRefused as error:
                refused = error
            else:
                return redirect(
                    "admin:subscriptions_fileimport_confirm", import_id=upload.public_id
                )
        return self._page(request, "upload", kind, form=form, refused=refused)

    @for_operators
    def confirm(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        upload = get_object_or_404(FileImport, public_id=import_id)
        _require(request, upload.kind)
        refused = report = None
        try:
            if upload.imported_at is not None:
                raise uploads.AlreadyImported  # noqa: TRY301 -- answered like a second click
            if request.method == "POST":
                report = uploads.carry_out(upload=upload, act=_act(request))
                messages.success(request, _("Rows imported: %(count)d.") % {"count": report.rows})
                return redirect("admin:subscriptions_fileimport_changelist")
            report = uploads.preview(
                kind=upload.kind, content=bytes(upload.content), act=_act(request)
            )
        except uploads.AlreadyImported:
            messages.info(request, _("This file was imported before; nothing was done now."))
            return redirect("admin:subscriptions_fileimport_changelist")
        except ImportRefused as error:
            refused = error
        return self._page(
            request, "confirm", upload.kind, upload=upload, report=report, refused=refused
        )

    def _page(
        self,
        request: HttpRequest,
        page: str,
        kind: str,
        *,
        refused: ImportRefused | None,
        **context: Any,
    ) -> HttpResponse:
        problems = refused.problems if refused else []
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import %(what)s")
            % {"what": FileImport.Kind(kind).label[0].lower() + FileImport.Kind(kind).label[1:]},
            "kind": kind,
            "replaces": kind == FileImport.Kind.OFFER_MATRIX,
            "columns": {
                _("required"): COLUMNS[kind].REQUIRED,
                _("optional"): COLUMNS[kind].OPTIONAL,
            },
            "refused": refused,
            "problems": problems[:SHOWN],
            "problem_count": len(problems),
            "hidden_count": max(0, len(problems) - SHOWN),
        }
        return TemplateResponse(
            request,
            f"admin/subscriptions/import_{page}.html",
            context,
            status=400 if refused else 200,
        )


def _require(request: HttpRequest, kind: str) -> None:
    if kind not in NEEDED:
        raise Http404
    if not request.user.has_perm(NEEDED[kind]):
        raise PermissionDenied


def _act(request: HttpRequest) -> Act:
    return Act(
        by=request.user,  # type: ignore[arg-type]  # admin_view lets nobody else in
        organisation=None,
        at=clock.now(),
        on=clock.today(),
    )
