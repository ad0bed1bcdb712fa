"""A person's saved views of a list: kept, renamed, deleted, opened by default."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ..forms import SavedViewForm
from ..http import PortalRequest
from ..models import Membership, SavedView
from ..permissions import requires
from ..roles import Action
from ..services import saved_views as service

LONGEST_NAME = 40  # of a list


@requires(Action.ENTER)
@require_safe
def views(request: PortalRequest, list_name: str) -> HttpResponse:
    found = SavedView.objects.of(_own(request), list_name)
    context = {"views": found, "list_name": list_name, "back": _path(request.GET.get("back", ""))}
    return render(request, "tenants/saved_views.html", context)


@requires(Action.ENTER)
@require_POST
def save_view(request: PortalRequest, list_name: str) -> HttpResponse:
    if len(list_name) > LONGEST_NAME:
        raise Http404
    form = SavedViewForm(request.POST)
    back = _path(request.POST.get("back", ""))
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect(back)
    try:
        view = service.save_view(membership=_own(request), list_name=list_name, **form.cleaned_data)
    except service.SavedViewRefused as refused:
        messages.error(request, str(refused))
        return redirect(f"{back}?view=&{form.cleaned_data['query']}")
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect(f"{back}?view={view.pk}&{view.query}")


@requires(Action.ENTER)
@require_POST
def change_view(request: PortalRequest, list_name: str, view_id: int) -> HttpResponse:
    """Rename or delete a view, or let the list open with it or without it."""
    view = get_object_or_404(SavedView.objects.of(_own(request), list_name), pk=view_id)
    command = request.POST.get("do")
    if command == "delete":
        service.delete_view(view=view)
        messages.success(request, _("The view “%s” is deleted.") % view.name)
    elif command == "default":
        service.make_default(view=view)
    elif command == "no-default":
        service.clear_default(membership=_own(request), list_name=list_name)
    else:
        _rename(request, view)
    return redirect("tenants:views", list_name)


def _rename(request: PortalRequest, view: SavedView) -> None:
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return
    try:
        service.rename_view(view=view, name=form.cleaned_data["name"])
    except service.ViewNamedTwice as refused:
        messages.error(request, str(refused))


def _own(request: PortalRequest) -> Membership:
    assert request.membership is not None  # every view here requires an action of a member
    return request.membership


def _path(target: str) -> str:
    """Return the way back if it is a page of this portal."""
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target.partition("?")[0] if is_ours else "/"


def _first_error(form: forms.Form) -> str:
    return str(next(iter(form.errors.values()))[0])
