"""One user of a tenant: roles, licences, password, disabling and restoring."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tenants.http import PortalRequest, act_of
from tenants.models import Membership
from tenants.permissions import requires, with_fresh_sign_in
from tenants.roles import Action
from tenants.services import people
from tenants.services.errors import PeopleRefused

from ..forms import LicencesForm, RolesForm
from ..models import Subscription
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
        wanted = list(form.cleaned_data["licences"])
        try:
            came, went = licences.set_licences(
                membership=member,
                among=_touched(request, among, wanted),
                wanted=wanted,
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


@dataclass(frozen=True, slots=True)
class Step:
    """What one button does to a user, and what is said afterwards."""

    do: Callable[..., object]
    done: str | Promise


STEPS = {
    "password": Step(
        people.reset_password,
        gettext_lazy("%(person)s gets a letter with a link to set a new password."),
    ),
    "disable": Step(
        disable_user, gettext_lazy("%(person)s is disabled. Their licences are free again.")
    ),
    "restore": Step(
        people.restore_member,
        gettext_lazy("%(person)s is back, with the roles they had. Assign licences anew."),
    ),
}


@requires(*MAY_KEEP_USERS)
@require_POST
def change_user(
    request: PortalRequest, user_id: UUID, step: str, customer_id: UUID | None = None
) -> HttpResponse:
    """Do what one of the page's buttons says, or say why it was refused."""
    workplace = get_open_workplace(request, customer_id)
    member = get_member_to_change(workplace, user_id)
    try:
        STEPS[step].do(membership=member, act=act_of(request))
    except (PeopleRefused, SubscriptionRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, STEPS[step].done % {"person": member.user})
    return redirect(workplace.url("user", user_id))


def _touched(
    request: PortalRequest, among: Iterable[Subscription], wanted: Collection[Subscription]
) -> list[Subscription]:
    """Return those whose box was changed, so that what others did meanwhile stays."""
    if "was" not in request.POST:
        return list(among)
    was = set(request.POST.getlist("was"))
    return [each for each in among if (each in wanted) != (str(each.public_id) in was)]


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
        "assignable": [(s, s.public_id in names, licences.why_not_given(s)) for s in among],
        "others": [licence for licence in held if licence.subscription.public_id not in ours],
        "roles_form": roles_form or RolesForm(initial={"roles": member.roles}),
        "restorable_until": people.restorable_until(member, at=act_of(request).at),
        "urls": {
            what: workplace.url(f"user-{what}", member.public_id)
            for what in ("licences", "roles", *STEPS)
        },
    }
    return render(request, "subscriptions/user.html", context)
