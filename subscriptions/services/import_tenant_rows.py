"""The rows of a file of tenants, read one by one."""

import re
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import Row
from tenants.acts import Act
from tenants.domain.countries import MARKETS, currency_of
from tenants.domain.names import (
    DomainNotAllowed,
    NameNotAllowed,
    allowed_company_name,
    allowed_domain,
    split_person_name,
)
from tenants.models import Tenant

from .import_cells import Cells

REQUIRED = ("Company name", "Primary domain name")
OPTIONAL = (
    "Microsoft ID",
    "Relationship",
    "Country",
    "Currency",
    "Street",
    "Postal code",
    "City",
    "Tax ID",
    "Further domains",
    "Admin e-mail",
    "Admin name",
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
CURRENCIES = {currency.lower(): currency for _name, currency in MARKETS.values()}
COUNTRIES = {country.lower(): country for country in MARKETS}


@dataclass(frozen=True, slots=True)
class TenantRow:
    line: int
    tenant: Tenant
    domains: tuple[str, ...]  # the default one first
    admin_email: str
    admin_name: str
    has_relationship: bool
    has_country: bool

    def identities(self) -> list[tuple[str, object]]:
        """Return the column and value of everything that belongs to one tenant only."""
        return [
            ("Microsoft ID", self.tenant.public_id),
            ("Primary domain name", self.domains[0]),
            *(("Further domains", domain) for domain in self.domains[1:]),
        ]


def parse_tenant(line: int, row: Row, *, country: str, act: Act) -> TenantRow:
    cells = Cells(row)
    own_country = cells.one_of("Country", COUNTRIES) if row["Country"] else country
    if not own_country and not row["Country"]:
        cells.fault("Country", _("Missing."))
    if not row["Currency"]:
        currency = currency_of(own_country or "")
    else:
        currency = cells.one_of("Currency", CURRENCIES) or ""
    tenant = Tenant(
        public_id=_public_id(cells, row["Microsoft ID"]),
        name=_name(cells),
        country=own_country or "",
        currency=currency,
        street=cells.text("Street", longest=200),
        postal_code=cells.text("Postal code", longest=20),
        city=cells.text("City", longest=100),
        tax_id=cells.text("Tax ID", longest=40),
        created_at=act.at,
    )
    further = [part for part in row["Further domains"].split(";") if part.strip()]
    domains = [_domain(cells, "Primary domain name", row["Primary domain name"])]
    domains += [_domain(cells, "Further domains", part) for part in further]
    tenant.domain = domains[0]
    if len(set(domains)) < len(domains):
        cells.fault("Further domains", _("Names a domain twice."))
    admin_email, admin_name = _admin(cells, row)
    cells.finish()
    return TenantRow(
        line=line,
        tenant=tenant,
        domains=tuple(domains),
        admin_email=admin_email,
        admin_name=admin_name,
        has_relationship=bool(row["Relationship"]),
        has_country=bool(row["Country"]),
    )


def _public_id(cells: Cells, text: str) -> UUID:
    if not text:
        return uuid4()
    if not _UUID.fullmatch(text):
        cells.fault(
            "Microsoft ID", _("Not an ID of the form 00000000-0000-0000-0000-000000000000.")
        )
        return uuid4()
    return UUID(text)


def _name(cells: Cells) -> str:
    text = cells.text("Company name", longest=200, required=True)
    try:
        return allowed_company_name(text) if cells.is_good("Company name") else ""
    except NameNotAllowed as error:
        cells.fault("Company name", _("Not allowed: %(why)s.") % {"why": error.problem.value})
        return ""


def _domain(cells: Cells, column: str, text: str) -> str:
    try:
        return allowed_domain(text)
    except DomainNotAllowed as error:
        why = error.problem.value if text else _("it is missing")
        cells.fault(column, _("Not allowed: %(why)s.") % {"why": why})
        return text


def _admin(cells: Cells, row: Row) -> tuple[str, str]:
    email = row["Admin e-mail"].lower()
    name = cells.text("Admin name", longest=200)
    if name and not email:
        cells.fault("Admin e-mail", _("Missing for this name."))
    if not email.isascii():
        cells.fault("Admin e-mail", _("Contains letters outside a-z."))
    elif email:
        try:
            validate_email(email)
        except ValidationError:
            cells.fault("Admin e-mail", _("Not an e-mail address."))
    first, last = split_person_name(name)
    if max(len(first), len(last)) > 150:  # noqa: PLR2004 -- User.first_name, User.last_name
        cells.fault("Admin name", _("Longer than %(count)d characters.") % {"count": 150})
    return email, name
