"""Up to a hundred users from a CSV file: good rows are made, bad ones reported by their line."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import CsvRefused, Row, read_csv
from tenants.acts import Act
from tenants.models import Membership, Tenant
from tenants.roles import CUSTOMER_ROLES, ROLE_LABELS, Role
from tenants.services import people
from tenants.services.errors import PeopleRefused

from ..models import Subscription
from . import licences
from .errors import SubscriptionRefused
from .users import require_own_address

MAX_USERS = 100
MAX_BYTES = 200_000
REQUIRED = ("Email", "Name")
OPTIONAL = ("Roles", "Licence")
BY_LABEL = {ROLE_LABELS[role].casefold(): role for role in CUSTOMER_ROLES}


class RowRefused(Exception):
    """Why a row makes no user."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row, or would: `problem` is empty if it was good."""

    line: int
    email: str
    name: str
    roles: str
    licence: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class UsersImport:
    rows: list[RowOutcome]
    notices: tuple[str, ...]

    @property
    def good(self) -> int:
        return sum(not row.problem for row in self.rows)

    @property
    def bad(self) -> int:
        return len(self.rows) - self.good


@transaction.atomic
def import_users(
    *,
    tenant: Tenant,
    file: BinaryIO,
    assignable: Iterable[Subscription],
    may_set_roles: bool,
    language: str = "en",
    act: Act,
    is_dry_run: bool = False,
) -> UsersImport:
    """
    Make a user of every good row, with a licence if it names one; report the others.

    A dry run does all of it and rolls it back, so that the preview is what would happen, to
    the last free seat. The letters go out after the commit.

    :raises CsvRefused: if it is no such file: not UTF-8, no header, a column missing, too long
    """
    rows = read_csv(
        file, required=REQUIRED, optional=OPTIONAL, max_rows=MAX_USERS, max_bytes=MAX_BYTES
    )
    by_title = {s.title.casefold(): s for s in assignable}
    outcomes: list[RowOutcome] = []
    made: list[Membership] = []
    for line, row, fault in _with_faults(rows):
        problem = fault
        if row is not None:
            try:
                with transaction.atomic():
                    membership = _make(tenant, row, by_title, may_set_roles=may_set_roles, act=act)
            except (RowRefused, PeopleRefused, SubscriptionRefused) as refusal:
                problem = str(refusal)
            else:
                made.append(membership)
        outcomes.append(_outcome(line, row or {}, problem))
    if is_dry_run:
        transaction.set_rollback(True)
    else:
        by = act.organisation or tenant
        letters = partial(people.mail_new_members, made, by=by, language=language)
        transaction.on_commit(letters, robust=True)  # without it an admin can send a link anew
    return UsersImport(sorted(outcomes, key=lambda o: o.line), rows.notices)


def _with_faults(rows: Iterable[tuple[int, Row]]) -> Iterable[tuple[int, Row | None, str]]:
    """Yield the rows that could be read, and what was wrong with those that could not."""
    try:
        for line, row in rows:
            yield line, row, ""
    except CsvRefused as refused:
        for problem in refused.problems:
            if not problem.line:
                raise
            yield problem.line, None, f"{problem.column}: {problem.message}".strip(": ")


def _make(
    tenant: Tenant, row: Row, by_title: dict[str, Subscription], *, may_set_roles: bool, act: Act
) -> Membership:
    email, name = row["Email"].lower(), row["Name"]
    try:
        validate_email(email)
    except ValidationError as error:
        raise RowRefused(_("This is no e-mail address.")) from error
    if not name:
        raise RowRefused(_("The name is missing."))
    require_own_address(tenant, email)
    roles = _roles(row["Roles"])
    if not may_set_roles and roles != [Role.MEMBER]:
        raise RowRefused(_("You may add Members only. Leave the roles empty."))
    membership = people.add_member(tenant=tenant, email=email, name=name, roles=roles, act=act)
    if row["Licence"]:
        subscription = by_title.get(row["Licence"].casefold())
        if subscription is None:
            raise RowRefused(
                _("There is no subscription “%(title)s” whose licences you can assign.")
                % {"title": row["Licence"]}
            )
        licences.assign(subscription=subscription, membership=membership, act=act)
    return membership


def _roles(text: str) -> list[Role]:
    """Return the roles a cell names, separated by semicolons; a Member if it is empty."""
    words = [word.strip() for word in text.split(";") if word.strip()]
    unknown = [word for word in words if word.casefold() not in BY_LABEL]
    if unknown:
        raise RowRefused(
            _("“%(word)s” is no role here. Write %(roles)s, separated by semicolons.")
            % {
                "word": unknown[0],
                "roles": ", ".join(ROLE_LABELS[r] for r in sorted(CUSTOMER_ROLES)),
            }
        )
    return [BY_LABEL[word.casefold()] for word in words] or [Role.MEMBER]


def _outcome(line: int, row: Row, problem: str) -> RowOutcome:
    return RowOutcome(
        line=line,
        email=row.get("Email", ""),
        name=row.get("Name", ""),
        roles=row.get("Roles", "") or (ROLE_LABELS[Role.MEMBER] if row else ""),
        licence=row.get("Licence", ""),
        problem=problem,
    )
