"""The users of a tenant: the list, a new one, licences for several at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.http import PortalRequest, act_of
from tenants.models import Membership
from tenants.permissions import requires, with_fresh_sign_in
from tenants.roles import Action, Role
from tenants.services.errors import AlreadyAMember, ForeignAddress, LetterNotSent, PeopleRefused

from ..forms import UserForm
from ..models import Subscription
from ..permissions import Workplace, get_member, get_open_workplace, get_workplace
from ..queries.licences import members_of, titles_by_member
from ..services import licences
from ..services.errors import SubscriptionRefused
from ..services.users import create_user

ONLY_LABELS = {
    "active": gettext_lazy("Active"),
    "disabled": gettext_lazy("Disabled"),
    "admins": gettext_lazy("Admins"),
}
# Giving one of these takes the password again, as changing roles does.
ADMIN_ROLES = frozenset({Role.TENANT_ADMIN})
PER_PAGE = (25, 50, 100)
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class UserRow:
    membership: Membership
    url: str
    titles: list[str]


@requires(Action.DELEGATED_ADMIN, Action.MANAGE_OWN_USERS)
@require_safe
def users(request: PortalRequest, customer_id: UUID | None = None) -> HttpResponse:
    workplace = get_workplace(request, customer_id)
    if not workplace.is_open:
        return render(request, "subscriptions/users_closed.html", base_context(workplace))
    assignable = list(workplace.assignable())
    licence = _named(assignable, request.GET.get("licence", ""))
    q, only = request.GET.get("q", "").strip()[:100], request.GET.get("only", "")
    found = members_of(workplace.tenant, typed=q, only=only, subscription=licence)
    size = request.GET.get("per_page", "")
    paginator = Paginator(found, int(size) if size in map(str, PER_PAGE) else PER_PAGE[0])
    page = paginator.get_page(request.GET.get("page"))
    titles = titles_by_member(page.object_list)
    context = base_context(workplace) | {
        "page": page,
        "rows": [
            UserRow(member, workplace.url("user", member.public_id), titles.get(member.pk, []))
            for member in page.object_list
        ],
        "assignable": assignable,
        "licence": licence,
        "only": [(code, label, code == only) for code, label in ONLY_LABELS.items()],
        "q": q,
        "is_filtered": bool(q or only or licence),
    }
    return render(request, "subscriptions/users.html", context)


@requires(Action.DELEGATED_ADMIN, Action.MANAGE_OWN_USERS)
@require_http_methods(["GET", "POST"])
def new_user(request: PortalRequest, customer_id: UUID | None = None) -> HttpResponse:
    workplace = get_open_workplace(request, customer_id)
    form = UserForm(
        request.POST or None,
        may_set_roles=workplace.may_set_roles,
        domains=", ".join(workplace.tenant.domains.order_by("name").values_list("name", flat=True)),
    )
    if form.is_valid():
        makes_admin = set(form.service_values()["roles"]) & ADMIN_ROLES
        add = with_fresh_sign_in(_add) if makes_admin else _add
        return add(request, workplace, form)
    return _new_user_page(request, workplace, form)


def _add(request: PortalRequest, workplace: Workplace, form: UserForm) -> HttpResponse:
    try:
        made = create_user(tenant=workplace.tenant, act=act_of(request), **form.service_values())
    except (ForeignAddress, AlreadyAMember, LetterNotSent) as refusal:
        form.add_error("email", str(refusal))
    except PeopleRefused as refusal:
        form.add_error(None, str(refusal))
    else:
        text = _("%(person)s was added and gets a letter with a link to sign in.")
        messages.success(request, text % {"person": made.user})
        return redirect(workplace.url("user", made.public_id))
    return _new_user_page(request, workplace, form)


def _new_user_page(request: PortalRequest, workplace: Workplace, form: UserForm) -> HttpResponse:
    context = base_context(workplace) | {"form": form}
    return render(request, "subscriptions/new_user.html", context)


@requires(Action.DELEGATED_ADMIN, Action.MANAGE_OWN_USERS)
@require_POST
def licences_of_several(request: PortalRequest, customer_id: UUID | None = None) -> HttpResponse:
    """Give the ticked people a seat of one subscription, or take it; say what was refused."""
    workplace = get_open_workplace(request, customer_id)
    subscription = _named(workplace.assignable(), request.POST.get("licence", ""))
    ticked = [_uuid(text) for text in request.POST.getlist("user")[:AT_ONCE]]
    if subscription is None or not ticked:
        messages.warning(request, _("Tick people and choose a subscription first."))
        return redirect(workplace.url("users"))
    is_assigning = request.POST.get("do") != "unassign"
    change = licences.assign if is_assigning else licences.unassign
    done = 0
    for member in [get_member(workplace, user_id) for user_id in ticked if user_id]:
        try:
            change(subscription=subscription, membership=member, act=act_of(request))
        except SubscriptionRefused as refusal:
            messages.warning(request, f"{member.user}: {refusal}")
        else:
            done += 1
    if done:
        words = (
            ngettext(
                "%(title)s: assigned to %(n)d person.", "%(title)s: assigned to %(n)d people.", done
            )
            if is_assigning
            else ngettext(
                "%(title)s: taken from %(n)d person.", "%(title)s: taken from %(n)d people.", done
            )
        )
        messages.success(request, words % {"title": subscription.title, "n": done})
    return redirect(workplace.url("users"))


def base_context(workplace: Workplace) -> dict[str, object]:
    """Return what every page about users knows: where it is, and the way to the others."""
    return {
        "workplace": workplace,
        "customer": workplace.tenant,
        "relationship": workplace.relationship,
        "is_resold": workplace.is_resold,
        "users_url": workplace.url("users"),
        "new_url": workplace.url("new-user"),
        "import_url": workplace.url("users-import"),
        "several_url": workplace.url("users-licences"),
    }


def _named(subscriptions: Iterable[Subscription], public_id: str) -> Subscription | None:
    return next((s for s in subscriptions if str(s.public_id) == public_id), None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
