"""A partner creates the tenant of a new customer."""

from datetime import date

from django.db import transaction

from tenants.acts import Act
from tenants.letters import welcome_letter
from tenants.models import Partner
from tenants.roles import Role
from tenants.services import people, tenants

from ..domain.agreements import TEMPLATE_VERSIONS
from ..models import Relationship
from .agreements import attest_customer_agreement
from .answers import establish
from .errors import (
    DomainNotAllowed,
    DomainTaken,
    MailNotSent,
    NameNotAllowed,
    NotLinked,
    PartnerMayNotSell,
)
from .links import require_link
from .log import record_for_both
from .standing import require_may_sell

__all__ = [
    "DomainNotAllowed",
    "DomainTaken",
    "MailNotSent",
    "NameNotAllowed",
    "NotLinked",
    "PartnerMayNotSell",
    "create_customer",
]


@transaction.atomic
def create_customer(
    *,
    partner: Partner,
    name: str,
    domain: str,
    country: str,
    currency: str,
    street: str = "",
    postal_code: str = "",
    city: str = "",
    tax_id: str = "",
    admin_email: str,
    admin_name: str,
    attested_on: date,
    language: str = "en",
    reseller: Partner | None = None,
    act: Act,
) -> Relationship:
    """
    Create a customer's tenant with its first Tenant admin and the relationship.

    The admin gets a mail with a link to set a password. Who attested that the customer
    agreed, and on which day, stays on the relationship: it is the record of consent.

    :raises PartnerMayNotSell: if the partner does not transact with customers
    :raises SellingRefused: if the partner may start nothing new
    :raises NotLinked: if it is for a reseller too, whose link with the partner has ended
    :raises NameNotAllowed: if the company-name rules forbid the name
    :raises DomainNotAllowed: if it is no domain, or one of public mailboxes
    :raises DomainTaken: if the domain belongs to a tenant
    :raises MailNotSent: if the mail server refused the mail; there is no customer then
    """
    if not partner.may_transact:
        raise PartnerMayNotSell
    require_may_sell(partner=partner, customer=None, on=act.on)
    if reseller is not None:
        require_may_sell(partner=reseller, customer=None, on=act.on)
        require_link(provider=partner, reseller=reseller)
    customer = tenants.create_tenant(
        name=name,
        domain=domain,
        country=country,
        currency=currency,
        street=street,
        postal_code=postal_code,
        city=city,
        tax_id=tax_id,
        act=act,
    )
    admin = people.add_member(
        tenant=customer,
        email=admin_email,
        name=admin_name,
        roles=[Role.TENANT_ADMIN],
        language=language,
        act=act,
    )
    relationship = establish(
        Relationship(
            partner=partner,
            reseller=reseller,
            customer=customer,
            has_delegated_admin=True,
            started_on=act.on,
            attested_by=act.by,
            attested_on=attested_on,
        )
    )
    attest_customer_agreement(
        partner=partner,
        customer=customer,
        name=admin_name,
        email=admin_email,
        agreed_on=attested_on,
        template_version=TEMPLATE_VERSIONS[0],
        act=act,
    )
    try:
        welcome_letter(
            user=admin.user,
            tenant=customer,
            invited_by=(reseller or partner).tenant,
            language=language,
        ).send()
    except OSError as error:
        raise MailNotSent from error
    through = f", through {reseller}" if reseller else ""
    record_for_both(
        partner=partner.tenant,
        reseller=reseller.tenant if reseller else None,
        customer=customer,
        act=act,
        action="customer.created",
        about=customer.public_id,
        for_partner=f"created the customer {customer.name} ({customer.domain})",
        for_customer=f"became the CSP partner, {partner}{through}; agreement attested",
        after={"domain": customer.domain, "attested_on": attested_on},
    )
    return relationship
