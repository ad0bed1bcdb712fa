"""Users from a CSV file: the preview of every row, and the report once they are made."""

from io import BytesIO
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from csp_portal.shared.csvfiles import CsvRefused
from tenants.http import PortalRequest, act_of
from tenants.permissions import requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import UsersUploadForm
from ..permissions import Workplace, get_open_workplace
from ..services.import_users import MAX_BYTES, UsersImport, import_users
from .users import base_context


@requires(Action.DELEGATED_ADMIN, Action.MANAGE_OWN_USERS)
@require_http_methods(["GET", "POST"])
def users_import(request: PortalRequest, customer_id: UUID | None = None) -> HttpResponse:
    """
    First the file, then its preview, which carries the text along; then the report.

    The text travels through the page and is kept nowhere: names and addresses of people.
    """
    workplace = get_open_workplace(request, customer_id)
    context = base_context(workplace) | {"assignable": workplace.assignable()}
    text = request.POST.get("text", "")
    if text:
        # A row may name a Tenant admin: the password again, where that is possible.
        carry_out = with_fresh_sign_in(_carried_out) if workplace.may_set_roles else _carried_out
        return carry_out(request, workplace, text, context)
    form = UsersUploadForm(request.POST or None, request.FILES or None)
    context["form"] = form
    if form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            context["preview"] = _import(request, workplace, content, is_dry_run=True)
        except CsvRefused as refused:
            context["problems"] = refused.problems
        else:
            context["text"] = content.decode("utf-8-sig")
    return render(request, "subscriptions/users_import.html", context)


def _carried_out(
    request: PortalRequest, workplace: Workplace, text: str, context: dict[str, object]
) -> HttpResponse:
    try:
        report = _import(request, workplace, text.encode()[: MAX_BYTES + 1], is_dry_run=False)
    except CsvRefused as refused:
        context |= {"form": UsersUploadForm(), "problems": refused.problems}
    else:
        context["report"] = report
    return render(request, "subscriptions/users_import.html", context)


def _import(
    request: PortalRequest, workplace: Workplace, content: bytes, *, is_dry_run: bool
) -> UsersImport:
    return import_users(
        tenant=workplace.tenant,
        file=BytesIO(content),
        assignable=workplace.assignable(),
        may_set_roles=workplace.may_set_roles,
        language=get_language() or "en",
        act=act_of(request),
        is_dry_run=is_dry_run,
    )
