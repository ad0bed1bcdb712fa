"""How an organisation gets into the portal, and into the programme."""

from datetime import date

from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint

from ..acts import Act
from ..domain.names import allowed_company_name, allowed_domain
from ..models import Domain, Partner, Tenant
from ..roles import Kind
from . import activity
from .errors import DomainTaken, PartnerIdTaken

ONE_OWNER = {"tenants_domain_taken_once", "tenants_every_domain_taken_once"}


@transaction.atomic
def create_tenant(
    *,
    name: str,
    domain: str,
    country: str,
    currency: str,
    street: str = "",
    postal_code: str = "",
    city: str = "",
    tax_id: str = "",
    act: Act,
) -> Tenant:
    """
    Create an organisation with its default domain.

    :raises NameNotAllowed: if the company-name rules forbid the name
    :raises DomainNotAllowed: if it is no domain, or one of public mailboxes
    :raises DomainTaken: if the domain belongs to a tenant, two requests at once included
    """
    name = allowed_company_name(name)
    domain = allowed_domain(domain)
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(
                name=name,
                domain=domain,
                country=country,
                currency=currency,
                street=street,
                postal_code=postal_code,
                city=city,
                tax_id=tax_id,
                created_at=act.at,
            )
            Domain.objects.create(tenant=tenant, name=domain)
    except IntegrityError as error:
        if broken_constraint(error) in ONE_OWNER:
            raise DomainTaken from error
        raise
    activity.record(
        tenant=tenant,
        act=act,
        action="tenant.created",
        about=tenant.public_id,
        summary=f"created {name} ({domain})",
        after={"name": name, "domain": domain, "country": country, "currency": currency},
    )
    return tenant


@transaction.atomic
def enrol_partner(*, tenant: Tenant, mpn_id: str, kind: Kind, joined_on: date, act: Act) -> Partner:
    """
    Take a tenant into the reseller programme.

    :raises PartnerIdTaken: if the ID is somebody else's, or the tenant is a partner already
    """
    try:
        with transaction.atomic():
            partner = Partner.objects.create(
                tenant=tenant, mpn_id=mpn_id, kind=kind, joined_on=joined_on
            )
    except IntegrityError as error:
        raise PartnerIdTaken from error
    activity.record(
        tenant=tenant,
        act=act,
        action="partner.enrolled",
        about=tenant.public_id,
        summary=f"enrolled as {partner.get_kind_display().lower()}, partner ID {mpn_id}",
        after={"kind": str(kind), "mpn_id": mpn_id, "joined_on": joined_on},
    )
    return partner


@transaction.atomic
def change_company_data(
    *,
    tenant: Tenant,
    name: str,
    street: str,
    postal_code: str,
    city: str,
    tax_id: str,
    act: Act,
) -> None:
    """
    Correct name and address. Documents already issued keep what they say.

    :raises NameNotAllowed: if the company-name rules forbid the name
    """
    wanted = {
        "name": allowed_company_name(name),
        "street": street,
        "postal_code": postal_code,
        "city": city,
        "tax_id": tax_id,
    }
    kept = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    kept_values = {field: getattr(kept, field) for field in wanted}
    before = {field: value for field, value in kept_values.items() if value != wanted[field]}
    if not before:
        return
    for field in before:
        setattr(tenant, field, wanted[field])
    tenant.save(update_fields=list(before))
    activity.record(
        tenant=tenant,
        act=act,
        action="tenant.changed",
        about=tenant.public_id,
        summary=f"changed {', '.join(field.replace('_', ' ') for field in before)}",
        before=before,
        after={field: wanted[field] for field in before},
    )
