"""The people of the acting organisation and their roles: a partner's Global admin keeps them."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..forms import PartnerRolesForm, PersonForm
from ..http import PortalRequest, act_of
from ..models import Membership
from ..permissions import acting_tenant, requires, with_fresh_sign_in
from ..queries.people import people_of
from ..roles import Action
from ..services import people as service
from ..services.errors import PeopleRefused


@requires(Action.MANAGE_PEOPLE)
@require_safe
def people(request: PortalRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:100]
    context = {"rows": people_of(acting_tenant(request), typed=q), "q": q}
    return render(request, "tenants/people.html", context)


@with_fresh_sign_in
@requires(Action.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_person(request: PortalRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if form.is_valid():
        try:
            made = service.invite_member(
                tenant=acting_tenant(request), act=act_of(request), **form.cleaned_data
            )
        except PeopleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("%(person)s was added and gets a letter with a link to sign in.")
            messages.success(request, text % {"person": made.user})
            return redirect("tenants:people")
    return render(request, "tenants/new_person.html", {"form": form})


@with_fresh_sign_in
@requires(Action.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def person(request: PortalRequest, person_id: UUID) -> HttpResponse:
    """Show a person of the organisation; a POST replaces their roles."""
    member = _member_or_404(request, person_id)
    form = PartnerRolesForm(request.POST or None, initial={"roles": member.roles})
    if form.is_valid():
        try:
            service.change_roles(
                membership=member, roles=form.cleaned_data["roles"], act=act_of(request)
            )
        except PeopleRefused as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(request, _("Roles changed. They hold from the next click on."))
            return redirect("tenants:person", person_id)
    context = {
        "member": member,
        "person": member.user,
        "form": form,
        "restorable_until": service.restorable_until(member, at=act_of(request).at),
    }
    return render(request, "tenants/person.html", context)


@with_fresh_sign_in
@requires(Action.MANAGE_PEOPLE)
@require_POST
def disable(request: PortalRequest, person_id: UUID) -> HttpResponse:
    member = _member_or_404(request, person_id)
    return _done(
        request,
        member,
        lambda: service.disable_member(membership=member, act=act_of(request)),
        _("%(person)s is disabled, from their next click on."),
    )


@with_fresh_sign_in
@requires(Action.MANAGE_PEOPLE)
@require_POST
def restore(request: PortalRequest, person_id: UUID) -> HttpResponse:
    member = _member_or_404(request, person_id)
    return _done(
        request,
        member,
        lambda: service.restore_member(membership=member, act=act_of(request)),
        _("%(person)s is back, with the roles they had."),
    )


@requires(Action.MANAGE_PEOPLE)
@require_POST
def password(request: PortalRequest, person_id: UUID) -> HttpResponse:
    member = _member_or_404(request, person_id)
    return _done(
        request,
        member,
        lambda: service.reset_password(membership=member, act=act_of(request)),
        _("%(person)s gets a letter with a link to set a new password."),
    )


def _member_or_404(request: PortalRequest, person_id: UUID) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("user", "tenant"),
        tenant=acting_tenant(request),
        public_id=person_id,
    )


def _done(
    request: PortalRequest, member: Membership, change: Callable[[], object], text: str
) -> HttpResponse:
    """Do it and say so, or why it was refused."""
    try:
        change()
    except PeopleRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, text % {"person": member.user})
    return redirect("tenants:person", member.public_id)
