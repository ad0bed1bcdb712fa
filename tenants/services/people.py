"""Who belongs to an organisation, and with which roles."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.mail import get_connection
from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint

from ..acts import Act
from ..domain.names import split_person_name
from ..letters import new_user_letter, password_letter
from ..models import CalendarFeed, Membership, Tenant, User
from ..roles import ROLE_LABELS, Action, Role
from . import activity
from .errors import (
    AlreadyAMember,
    IsDisabled,
    LastAdmin,
    LetterNotSent,
    NotDisabled,
    RestoreTooLate,
    RolesDoNotFit,
)

RESTORABLE = timedelta(days=30)


@transaction.atomic
def add_member(
    *,
    tenant: Tenant,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str = "en",
    act: Act,
) -> Membership:
    """
    Give the person with this e-mail roles in `tenant`; make the person if there is none.

    A new person has no password: only a link mailed to the address can set one, which is
    why the address counts as verified from the start. Somebody disabled more than 30 days
    ago comes back as if new.

    :raises AlreadyAMember: if the person is in the tenant, or was disabled lately
    :raises RolesDoNotFit: if an organisation of this kind does not have the roles
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or _new_person(email, name, language)
    return _join(tenant=tenant, user=user, roles=roles, act=act)


@transaction.atomic
def invite_member(
    *,
    tenant: Tenant,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str = "en",
    act: Act,
) -> Membership:
    """
    Add a person as `add_member` does and mail them how to sign in.

    :raises PeopleRefused: as `add_member`; or if the mail was not taken: nothing is made then
    """
    membership = add_member(
        tenant=tenant, email=email, name=name, roles=roles, language=language, act=act
    )
    try:
        new_user_letter(membership=membership, by=act.organisation, language=language).send()
    except OSError as error:
        raise LetterNotSent from error
    return membership


def mail_new_members(members: Iterable[Membership], *, by: Tenant, language: str) -> None:
    """
    Mail people who were added without a letter, as by an import, how to sign in.

    :raises OSError: if the mail server refused one
    """
    get_connection().send_messages(
        [new_user_letter(membership=member, by=by, language=language) for member in members]
    )


@transaction.atomic
def join_as_first_admin(*, tenant: Tenant, user: User, act: Act) -> Membership:
    """Make the person who signed up and named `tenant` its Tenant admin."""
    return _join(tenant=tenant, user=user, roles=[Role.TENANT_ADMIN], act=act)


@transaction.atomic
def change_roles(*, membership: Membership, roles: Iterable[Role], act: Act) -> None:
    """
    Replace the person's roles.

    :raises IsDisabled: if the person is
    :raises LastAdmin: if nobody would administer the tenant any more
    :raises RolesDoNotFit: if an organisation of this kind does not have them
    """
    membership = _locked(membership)
    if membership.is_disabled:
        raise IsDisabled
    before = membership.role_names
    membership.roles = sorted(role.value for role in roles)
    _save(membership, "roles")
    if not membership.may(Action.SEE_CUSTOMERS):
        CalendarFeed.objects.filter(membership=membership).delete()
    _record(
        membership,
        act,
        "member.roles_changed",
        f"changed the roles of {membership.user} to {membership.role_names}",
        before={"roles": before},
        after={"roles": membership.role_names},
    )


@transaction.atomic
def disable_member(*, membership: Membership, act: Act) -> None:
    """
    Close the organisation to the person, from their next request on.

    The address of their calendar dies too, and a restored person makes a new one.

    :raises IsDisabled: if the person is
    :raises LastAdmin: if nobody would administer the tenant any more
    """
    membership = _locked(membership)
    if membership.is_disabled:
        raise IsDisabled
    membership.disabled_at = act.at
    _save(membership, "disabled_at")
    CalendarFeed.objects.filter(membership=membership).delete()
    _record(membership, act, "member.disabled", f"disabled {membership.user}")


def restorable_until(membership: Membership, *, at: datetime) -> datetime | None:
    """Return until when a disabled person can be restored; None if not, or no more."""
    if membership.disabled_at is None:
        return None
    until = membership.disabled_at + RESTORABLE
    return until if at <= until else None


@transaction.atomic
def restore_member(*, membership: Membership, act: Act) -> None:
    """
    Open the organisation to the person again, with the roles they had.

    :raises NotDisabled: if the person is not
    :raises RestoreTooLate: after 30 days
    """
    membership = _locked(membership)
    if membership.disabled_at is None:
        raise NotDisabled
    if restorable_until(membership, at=act.at) is None:
        raise RestoreTooLate(RESTORABLE.days)
    membership.disabled_at = None
    _save(membership, "disabled_at")
    _record(membership, act, "member.restored", f"restored {membership.user}")


@transaction.atomic
def reset_password(*, membership: Membership, language: str = "en", act: Act) -> None:
    """
    Mail the person a link to set a new password. The old one works until they do.

    :raises IsDisabled: if the person is
    :raises LetterNotSent: if the mail server refused it
    """
    membership = _locked(membership)
    if membership.is_disabled:
        raise IsDisabled
    try:
        password_letter(membership=membership, by=act.organisation, language=language).send()
    except OSError as error:
        raise LetterNotSent from error
    what = f"sent {membership.user} a link to set a new password"
    _record(membership, act, "member.password_reset", what)


@transaction.atomic
def remove_member(*, membership: Membership, act: Act) -> None:
    """
    Take all roles in the tenant from the person; it holds from the next request on.

    :raises LastAdmin: if nobody would administer the tenant any more
    """
    kept = Membership(
        public_id=membership.public_id, tenant=membership.tenant, user=membership.user
    )
    before = membership.role_names
    try:
        with transaction.atomic():
            membership.delete()
    except IntegrityError as error:
        raise _refusal(error) from error
    _record(kept, act, "member.removed", f"removed {kept.user}", before={"roles": before})


def _locked(membership: Membership) -> Membership:
    """Return the membership as it is now, locked after its tenant."""
    list(
        Tenant.objects.select_for_update(no_key=True)
        .filter(pk=membership.tenant_id)
        .values_list("pk")
    )
    return (
        Membership.objects.select_for_update(of=("self",))
        .select_related("tenant", "user")
        .get(pk=membership.pk)
    )


def _save(membership: Membership, *fields: str) -> None:
    try:
        with transaction.atomic():
            membership.save(update_fields=fields)
    except IntegrityError as error:
        raise _refusal(error) from error


def _new_person(email: str, name: str, language: str) -> User:
    first, last = split_person_name(name)
    user = User.objects.create_user(
        email, None, first_name=first, last_name=last, language=language
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(*, tenant: Tenant, user: User, roles: Iterable[Role], act: Act) -> Membership:
    wanted = sorted(set(roles))
    values = {"roles": [role.value for role in wanted], "disabled_at": None}
    long_gone = Membership.objects.filter(
        tenant=tenant, user=user, disabled_at__lt=act.at - RESTORABLE
    ).first()
    try:
        with transaction.atomic():
            membership, _is_new = Membership.objects.update_or_create(
                pk=long_gone.pk if long_gone else None,
                defaults={"tenant": tenant, "user": user, **values},
            )
    except IntegrityError as error:
        raise _refusal(error) from error
    _record(
        membership,
        act,
        "member.added",
        f"added {user} as {', '.join(ROLE_LABELS[role] for role in wanted)}",
        after={"email": user.email, "roles": [str(role) for role in wanted]},
    )
    return membership


def _record(
    membership: Membership,
    act: Act,
    action: str,
    summary: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    activity.record_on_behalf(
        tenant=membership.tenant,
        act=act,
        action=action,
        about=membership.public_id,
        summary=summary,
        before=before,
        after=after,
    )


def _refusal(error: IntegrityError) -> Exception:
    refusals: dict[str, type[Exception]] = {
        "tenants_keep_an_admin": LastAdmin,
        "tenants_one_membership_per_person_and_tenant": AlreadyAMember,
        "tenants_roles_fit_the_organisation": RolesDoNotFit,
    }
    kind = refusals.get(broken_constraint(error))
    return kind() if kind else error
