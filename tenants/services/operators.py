"""The vendor's operators: who is one, and in which groups; see csp_portal/operators.py."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from ..acts import Act
from ..models import Tenant, User
from . import activity
from .errors import PeopleRefused


class OwnRights(PeopleRefused):
    """Nobody locks themselves out, or lets themselves in further."""

    def __init__(self) -> None:
        super().__init__(_("Another superuser changes your own rights. Nothing was changed."))


@transaction.atomic
def appoint(*, user: User, is_operator: bool, groups: Iterable[Group], act: Act) -> None:
    """
    Let `user` into the operators' pages with exactly these groups, or out of them.

    :raises OwnRights: if somebody asks for themselves
    """
    if act.by is not None and act.by.pk == user.pk:
        raise OwnRights
    kept = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = {"operator": kept.is_staff, "groups": _names(kept.groups.all())}
    kept.is_staff = is_operator
    kept.save(update_fields=["is_staff"])
    kept.groups.set(groups if is_operator else [])
    names = _names(kept.groups.all())
    words = f"is an operator: {', '.join(names) or 'no group'}"
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="operator.appointed",
        about=kept.email,
        summary=f"{kept} {words if is_operator else 'is no operator any more'}",
        before=before,
        after={"operator": kept.is_staff, "groups": names},
    )


def _names(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)
