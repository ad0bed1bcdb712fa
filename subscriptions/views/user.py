"""One user of a tenant: roles, licences, password, disabling and restoring."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenants.http import PortalRequest, act_of
from tenants.models import Membership
from tenants.permissions import requires, with_fresh_sign_in
from tenants.roles import Action
from tenants.services import people
from tenants.services.errors import PeopleRefused

from ..forms import LicencesForm, RolesForm
from ..permissions import (
    Workplace,
    get_member,
    get_member_to_change,
    get_open_workplace,
)
from ..queries.licences import licences_of
from ..services import licences
from ..services.errors import SubscriptionRefused
from ..services.users import disable_user
from .users import base_context

MAY_KEEP_USERS = (Action.DELEGATED_ADMIN, Action.MANAGE_OWN_USERS)


@requires(*MAY_KEEP_USERS)
@require_safe
def user(request: PortalRequest, user_id: UUID, customer_id: UUID | None = None) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member(workplace, user_id)
    return _page(request, workplace, member)


@requires(*MAY_KEEP_USERS)
@require_POST
def user_licences(
    request: PortalRequest, user_id: UUID, customer_id: UUID | None = None
) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member(workplace, user_id)
    among = workplace.assignable()
    form = LicencesForm(request.POST, assignable=among)
    if form.is_valid():
        try:
            came, went = licences.set_licences(
                membership=member,
                among=list(among),
                wanted=list(form.cleaned_data["licences"]),
                act=act_of(request),
            )
        except SubscriptionRefused as refusal:
            form.add_error("licences", str(refusal))
        else:
            text = _("Licences: %(came)d assigned, %(went)d taken back.")
            messages.success(request, text % {"came": came, "went": went})
            return redirect(workplace.url("user", user_id))
    return _page(request, workplace, member, licences_form=form)


@with_fresh_sign_in
@requires(Action.DELEGATED_ROLES, Action.MANAGE_OWN_USERS)
@require_POST
def user_roles(
    request: PortalRequest, user_id: UUID, customer_id: UUID | None = None
) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member_to_change(workplace, user_id)
    form = RolesForm(request.POST)
    if form.is_valid():
        try:
            people.change_roles(
                membership=member, roles=form.cleaned_data["roles"], act=act_of(request)
            )
        except PeopleRefused as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(request, _("Roles changed. They hold from the next click on."))
            return redirect(workplace.url("user", user_id))
    return _page(request, workplace, member, roles_form=form)


@requires(*MAY_KEEP_USERS)
@require_POST
def user_password(
    request: PortalRequest, user_id: UUID, customer_id: UUID | None = None
) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member_to_change(workplace, user_id)
    text = _("%(person)s gets a letter with a link to set a new password.")
    return _done(
        request,
        workplace,
        member,
        lambda: people.reset_password(membership=member, act=act_of(request)),
        text % {"person": member.user},
    )


@requires(*MAY_KEEP_USERS)
@require_POST
def user_disable(
    request: PortalRequest, user_id: UUID, customer_id: UUID | None = None
) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member_to_change(workplace, user_id)
    text = _("%(person)s is disabled. Their licences are free again.")
    return _done(
        request,
        workplace,
        member,
        lambda: disable_user(membership=member, act=act_of(request)),
        text % {"person": member.user},
    )


@requires(*MAY_KEEP_USERS)
@require_POST
def user_restore(
    request: PortalRequest, user_id: UUID, customer_id: UUID | None = None
) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    member = get_member_to_change(workplace, user_id)
    text = _("%(person)s is back, with the roles they had. Assign licences anew.")
    return _done(
        request,
        workplace,
        member,
        lambda: people.restore_member(membership=member, act=act_of(request)),
        text % {"person": member.user},
    )


def _done(
    request: PortalRequest,
    workplace: Workplace,
    member: Membership,
    change: Callable[[], object],
    text: str,
) -> HttpResponse:
    """Do it and say so, or why it was refused."""
    try:
        change()
    except (PeopleRefused, SubscriptionRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, text)
    return redirect(workplace.url("user", member.public_id))


def _page(
    request: PortalRequest,
    workplace: Workplace,
    member: Membership,
    *,
    licences_form: LicencesForm | None = None,
    roles_form: RolesForm | None = None,
) -> HttpResponse:
    held = list(licences_of(member))
    names = {licence.subscription.public_id for licence in held}
    among = workplace.assignable()
    ours = {subscription.public_id for subscription in among}
    context = base_context(workplace) | {
        "member": member,
        "person": member.user,
        "may_change": workplace.may_change(member),
        "may_set_roles": workplace.may_set_roles,
        "licences_form": licences_form
        or LicencesForm(assignable=among, initial={"licences": list(names & ours)}),
        "assignable": [(s, s.public_id in names) for s in among],
        "others": [licence for licence in held if licence.subscription.public_id not in ours],
        "roles_form": roles_form or RolesForm(initial={"roles": member.roles}),
        "restorable_until": people.restorable_until(member, at=act_of(request).at),
        "urls": {
            what: workplace.url(f"user-{what}", member.public_id)
            for what in ("licences", "roles", "password", "disable", "restore")
        },
    }
    return render(request, "subscriptions/user.html", context)
