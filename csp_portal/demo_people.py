"""The demo's people and their organisations."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from csp_portal.demo_accounts import PASSWORD
from csp_portal.operators import make_groups
from csp_portal.shared.dates import add_months
from relationships.services import agreements
from tenants.acts import Act
from tenants.models import Domain, Membership, Partner, Tenant, User
from tenants.roles import Kind, Role

# One in each group of csp_portal/operators.py, in its order.
OPERATORS = ("Karin Lund", "Felix Moor", "Suri Das")


@dataclass(frozen=True, slots=True)
class Cast:
    vendor: Tenant
    fabrikam: Partner
    tailspin: Partner
    northwind: Tenant
    ada: User
    nora: User
    carl: User


def moment(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour, 12), tzinfo=ZoneInfo(settings.BUSINESS_TIME_ZONE))


def act(by: User, on: date) -> Act:
    membership = by.memberships.select_related("tenant__partner").order_by("id").first()
    return Act(
        by=by,
        organisation=membership.tenant if membership else None,
        at=moment(on).astimezone(UTC),
        on=on,
    )


def people(first: date) -> Cast:
    vendor = _tenant("Cirrus", "vendor.example", "Dublin", first, country="IE", is_vendor=True)
    fabrikam = _partner("Fabrikam Cloud", "fabrikam.example", "Berlin", "4711001", first)
    tailspin = _partner("Tailspin Partners", "tailspin.example", "Stuttgart", "4711002", first)
    northwind = _tenant("Northwind Traders", "northwind.example", "Berlin", first)
    contoso = _tenant("Contoso", "contoso.example", "Potsdam", first)
    woodgrove = _tenant("Woodgrove Bank", "woodgrove.example", "Mainz", first)
    ada = _person("Ada Keller", fabrikam.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN)
    _person("Sam Okafor", fabrikam.tenant, Role.SALES_AGENT)
    _person("Helen Marsh", fabrikam.tenant, Role.HELPDESK_AGENT)
    _person("Gita Rao", fabrikam.tenant, Role.GLOBAL_ADMIN)
    nora = _person("Nora Lind", tailspin.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN)
    carl = _person("Carl Novak", northwind, Role.TENANT_ADMIN)
    _person("Bea Fischer", northwind, Role.BILLING_READER)
    _person("Mia Sato", northwind, Role.MEMBER)
    _person("Tom Berg", contoso, Role.TENANT_ADMIN)
    _person("Wanda Cole", woodgrove, Role.TENANT_ADMIN)
    _person("Olga Brandt", None, is_staff=True, is_superuser=True, domain="vendor.example")
    for group, name in zip(make_groups(), OPERATORS, strict=True):
        _person(name, None, is_staff=True, domain="vendor.example").groups.add(group)
    return Cast(vendor, fabrikam, tailspin, northwind, ada, nora, carl)


@dataclass(frozen=True, slots=True)
class TierCast:
    """A provider and its reseller: who runs each house, and who sells there."""

    wingtip: Partner
    gwen: User
    wes: User
    litware: Partner
    lars: User
    lena: User
    relecloud: Tenant
    rita: User


def two_tier_people(first: date) -> TierCast:
    wingtip = _partner(
        "Wingtip Distribution",
        "wingtip.example",
        "Hannover",
        "4711003",
        first,
        kind=Kind.INDIRECT_PROVIDER,
    )
    litware = _partner(
        "Litware Consulting",
        "litware-consulting.example",
        "Jena",
        "4711004",
        first,
        kind=Kind.INDIRECT_RESELLER,
    )
    relecloud = _tenant("Relecloud", "relecloud.example", "Kiel", first)
    return TierCast(
        wingtip=wingtip,
        gwen=_person("Gwen Moss", wingtip.tenant, Role.GLOBAL_ADMIN),
        wes=_person("Wes Hart", wingtip.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN),
        litware=litware,
        lars=_person("Lars Thom", litware.tenant, Role.GLOBAL_ADMIN),
        lena=_person("Lena Vogt", litware.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN),
        relecloud=relecloud,
        rita=_person("Rita Alves", relecloud, Role.TENANT_ADMIN),
    )


@dataclass(frozen=True, slots=True)
class IndirectCast:
    """A direct partner that goes indirect, and the provider its customers follow it to."""

    messenger: Partner
    cora: User
    wingtip: Partner
    gwen: User


def going_indirect_people(first: date) -> IndirectCast:
    """Return them; the provider is the one of `two_tier_people`, made before."""
    messenger = _partner(
        "Consolidated Messenger", "consolidated.example", "Konstanz", "4711005", first
    )
    roles = (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.BILLING_ADMIN)
    return IndirectCast(
        messenger=messenger,
        cora=_person("Cora Weiss", messenger.tenant, *roles),
        wingtip=Partner.objects.get(mpn_id="4711003"),
        gwen=User.objects.get(email="gwen@wingtip.example"),
    )


@dataclass(frozen=True, slots=True)
class StatesCast:
    """A partner that is suspended, and an advisor that sells nothing itself."""

    alpine: Partner
    ivo: User
    southridge: Partner
    ines: User


def states_people(first: date) -> StatesCast:
    alpine = _partner("Alpine Systems", "alpine-systems.example", "Kempten", "4711006", first)
    southridge = _partner(
        "Southridge Advisory", "southridge.example", "Passau", "4711007", first, kind=Kind.ADVISOR
    )
    return StatesCast(
        alpine=alpine,
        ivo=_person("Ivo Brandl", alpine.tenant, Role.ADMIN_AGENT, Role.GLOBAL_ADMIN),
        southridge=southridge,
        ines=_person("Ines Roth", southridge.tenant, Role.SALES_AGENT, Role.GLOBAL_ADMIN),
    )


def _tenant(name: str, domain: str, city: str, first: date, **fields: object) -> Tenant:
    tenant = Tenant.objects.create(
        **{
            "name": name,
            "domain": domain,
            "country": "DE",
            "currency": "EUR",
            "street": "Hauptstraße 1",
            "postal_code": "10115",
            "city": city,
            "created_at": moment(add_months(first, -6)),
            **fields,
        }
    )
    Domain.objects.create(tenant=tenant, name=domain)
    return tenant


def _partner(
    name: str,
    domain: str,
    city: str,
    mpn_id: str,
    first: date,
    *,
    kind: Kind = Kind.DIRECT_PARTNER,
) -> Partner:
    tenant = _tenant(name, domain, city, first, tax_id=f"DE{mpn_id}99")
    partner = Partner.objects.create(
        tenant=tenant,
        mpn_id=mpn_id,
        kind=kind,
        joined_on=add_months(first, -18),
    )
    joined = partner.joined_on
    agreements.sign(partner=partner, act=Act.of_the_portal(at=moment(joined), on=joined))
    return partner


_PASSWORD_HASH: list[str] = []


def _person(
    name: str, tenant: Tenant | None, *roles: Role, domain: str = "", **fields: bool
) -> User:
    first, last = name.split()
    email = f"{first.lower()}@{domain or (tenant.domain if tenant else '')}"
    if not _PASSWORD_HASH:  # hashing is slow on purpose; once is enough for one password
        _PASSWORD_HASH.append(make_password(PASSWORD))
    user = User.objects.create(
        email=email, first_name=first, last_name=last, password=_PASSWORD_HASH[0], **fields
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if tenant:
        Membership.objects.create(user=user, tenant=tenant, roles=[r.value for r in roles])
    return user
