"""Who belongs to an organisation, and with which roles."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint

from ..acts import Act
from ..domain.names import split_person_name
from ..models import Membership, Tenant, User
from ..roles import ROLE_LABELS, Role
from . import activity
from .errors import AlreadyAMember, LastAdmin


@transaction.atomic
def add_member(
    *, tenant: Tenant, email: str, name: str, roles: Iterable[Role], act: Act
) -> Membership:
    """
    Give the person with this e-mail roles in `tenant`; make the person if there is none.

    A new person has no password: only a link mailed to the address can set one, which is
    why the address counts as verified from the start.

    :raises AlreadyAMember: if the person is in the tenant
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or _new_person(email, name)
    return _join(tenant=tenant, user=user, roles=roles, act=act)


@transaction.atomic
def join_as_first_admin(*, tenant: Tenant, user: User, act: Act) -> Membership:
    """Make the person who signed up and named `tenant` its Tenant admin."""
    return _join(tenant=tenant, user=user, roles=[Role.TENANT_ADMIN], act=act)


@transaction.atomic
def change_roles(*, membership: Membership, roles: Iterable[Role], act: Act) -> None:
    """
    Replace the person's roles.

    :raises LastAdmin: if nobody would administer the tenant any more
    """
    before = membership.role_names
    membership.roles = sorted(role.value for role in roles)
    try:
        with transaction.atomic():
            membership.save(update_fields=["roles"])
    except IntegrityError as error:
        raise _last_admin(error) from error
    activity.record(
        tenant=membership.tenant,
        act=act,
        action="member.roles_changed",
        about=membership.public_id,
        summary=f"changed the roles of {membership.user} to {membership.role_names}",
        before={"roles": before},
        after={"roles": membership.role_names},
    )


@transaction.atomic
def remove_member(*, membership: Membership, act: Act) -> None:
    """
    Take all roles in the tenant from the person; it holds from the next request on.

    :raises LastAdmin: if nobody would administer the tenant any more
    """
    about, tenant, user = membership.public_id, membership.tenant, membership.user
    before = membership.role_names
    try:
        with transaction.atomic():
            membership.delete()
    except IntegrityError as error:
        raise _last_admin(error) from error
    activity.record(
        tenant=tenant,
        act=act,
        action="member.removed",
        about=about,
        summary=f"removed {user}",
        before={"roles": before},
    )


def _new_person(email: str, name: str) -> User:
    first, last = split_person_name(name)
    user = User.objects.create_user(email, None, first_name=first, last_name=last)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(*, tenant: Tenant, user: User, roles: Iterable[Role], act: Act) -> Membership:
    wanted = sorted(set(roles))
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                tenant=tenant, user=user, roles=[role.value for role in wanted]
            )
    except IntegrityError as error:
        if broken_constraint(error) == "tenants_one_membership_per_person_and_tenant":
            raise AlreadyAMember from error
        raise
    activity.record(
        tenant=tenant,
        act=act,
        action="member.added",
        about=membership.public_id,
        summary=f"added {user} as {', '.join(ROLE_LABELS[role] for role in wanted)}",
        after={"email": user.email, "roles": [str(role) for role in wanted]},
    )
    return membership


def _last_admin(error: IntegrityError) -> Exception:
    return LastAdmin() if broken_constraint(error) == "tenants_keep_an_admin" else error
