"""
Rows for tests. A maker fills in what the database insists on, and nothing else.

Money and dates are fixed, never random. What a service can do, tests let it do: there is
no maker for a charge, an invoice or an accepted invitation.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress

from billing.models import PriceList
from csp_portal.shared.dates import add_months
from relationships.models import AgreementEvent, CustomerAgreement, Relationship
from subscriptions.models import Offer, Subscription
from tenants.models import Domain, Membership, Partner, Tenant, User
from tenants.roles import Kind, Role

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
PASSWORD = "correct-horse-battery"


def tenant(name: str, *, domain: str, **fields: Any) -> Tenant:
    created = Tenant.objects.create(
        name=name,
        domain=domain,
        **{"country": "DE", "currency": "EUR", "city": "Berlin", "created_at": LONG_AGO, **fields},
    )
    Domain.objects.create(tenant=created, name=domain)
    return created


def partner(
    name: str, *, domain: str, mpn_id: str, kind: Kind = Kind.DIRECT_PARTNER, **fields: Any
) -> Partner:
    """Return a partner with its programme agreement, signed on the day it joined."""
    made = Partner.objects.create(
        tenant=tenant(name, domain=domain, **fields),
        mpn_id=mpn_id,
        kind=kind,
        joined_on=date(2024, 9, 1),
    )
    AgreementEvent.objects.create(
        partner=made, kind="signed", side="partner", on=made.joined_on, at=LONG_AGO
    )
    return made


def member(first: str, tenant: Tenant, *roles: Role, last: str = "") -> User:
    """Return a person who can sign in with `PASSWORD` as first@domain."""
    user = User.objects.create_user(
        f"{first}@{tenant.domain}", PASSWORD, first_name=first.title(), last_name=last
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(user=user, tenant=tenant, roles=[role.value for role in roles])
    return user


def relationship(
    partner: Partner, customer: Tenant, *, on: date = date(2026, 1, 1), **fields: Any
) -> Relationship:
    """Return an active relationship as a partner that made the customer's tenant has it."""
    Tenant.objects.filter(pk=customer.pk).update(exclusive_channel="csp")
    customer.refresh_from_db()
    return Relationship.objects.create(
        partner=partner,
        customer=customer,
        has_delegated_admin=True,
        started_on=on,
        attested_by=User.objects.filter(memberships__tenant=partner.tenant).order_by("id").first(),
        attested_on=on,
        **fields,
    )


def customer_agreement(
    partner: Partner, customer: Tenant, *, on: date = date(2026, 1, 1)
) -> CustomerAgreement:
    """Return the partner's word that the customer agreed, which a first order needs."""
    by = User.objects.filter(memberships__tenant=partner.tenant).order_by("id").first()
    return CustomerAgreement.objects.create(
        partner=partner,
        customer=customer,
        name="Carl Novak",
        email=f"carl@{customer.domain}",
        agreed_on=on,
        template_version="2025-09",
        attested_at=LONG_AGO,
        attested_by=by,
    )


def offer(title: str, sku: str, **fields: Any) -> Offer:
    return Offer.objects.create(title=title, sku=sku, **{"state": "available", **fields})


def price_list(
    effective_on: date,
    prices: dict[Offer, tuple[str, str]],
    *,
    currency: str = "EUR",
    market: str = "DE",
) -> PriceList:
    """
    Return a scheduled list. `prices`: offer -> (partner price, ERP), per seat and month.

    Each becomes P1Y monthly, P1Y annual (12 times) and P1M monthly.
    """
    visible = datetime.combine(effective_on, datetime.min.time(), tzinfo=UTC)
    visible = visible.fromordinal(effective_on.toordinal() - 30).replace(tzinfo=UTC)
    created = PriceList.objects.create(
        market=market,
        currency=currency,
        effective_on=effective_on,
        visible_from=visible,
        created_at=LONG_AGO,
    )
    for of, (cost, erp) in prices.items():
        for duration, plan, times in (
            ("P1Y", "monthly", 1),
            ("P1Y", "annual", 12),
            ("P1M", "monthly", 1),
        ):
            created.prices.create(
                offer=of,
                segment="commercial",
                duration=duration,
                plan=plan,
                unit_price=Decimal(cost) * times,
                erp=Decimal(erp) * times,
            )
    created.scheduled_at = LONG_AGO
    created.save(update_fields=["scheduled_at"])
    return created


def other_channel(
    tenant: Tenant, channel: str, title: str, *, seats: int = 10, **fields: Any
) -> Subscription:
    """Return a subscription of a channel that is not CSP, as an import leaves it."""
    if channel == "syndication":
        Tenant.objects.filter(pk=tenant.pk).update(exclusive_channel="syndication")
    start = date(2026, 2, 20)
    return Subscription.objects.create(
        tenant=tenant,
        channel=channel,
        title=title,
        seats=seats,
        **{
            "state": "active",
            "starts_on": start,
            "ends_on": add_months(start, 12),
            "created_at": LONG_AGO,
            **fields,
        },
    )
