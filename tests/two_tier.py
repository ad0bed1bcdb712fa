"""
The 2-tier cast, for tests that need one: a provider, a reseller, their customer.

Wingtip Distribution is the provider: Wes sells and reads invoices, Gwen runs the house.
Litware Consulting resells for it at 10 % off ERP: Lena sells and reads invoices, Sol sells,
Lars runs the house. Relecloud is their customer, administered by Rita.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relationships.models import Relationship, ResellerLink
from relationships.services import invitations, reseller_invitations
from tenants.models import Partner, Tenant, User
from tenants.roles import Kind, Role

from . import make
from .world import World

LINKED_ON = date(2026, 1, 5)


@dataclass
class TwoTier:
    world: World
    wingtip: Partner
    wes: User
    gwen: User
    litware: Partner
    lena: User
    sol: User
    lars: User
    relecloud: Tenant
    rita: User
    link: ResellerLink
    relationship: Relationship


def link(
    world: World,
    provider: Partner,
    reseller: Partner,
    *,
    by: User,
    accepted_by: User,
    discount: str = "10",
    on: date = LINKED_ON,
) -> ResellerLink:
    invitation, _token = reseller_invitations.invite_reseller(
        provider=provider, discount_percent=Decimal(discount), act=world.act(by, on)
    )
    return reseller_invitations.accept_link(
        invitation=invitation, tenant=reseller.tenant, act=world.act(accepted_by, on)
    )


def two_tier(world: World) -> TwoTier:
    """Add the provider, its reseller and their customer to `world`."""
    wingtip = make.partner(
        "Wingtip Distribution",
        domain="wingtip.example",
        mpn_id="4711003",
        kind=Kind.INDIRECT_PROVIDER,
    )
    litware = make.partner(
        "Litware Consulting",
        domain="litware-consulting.example",
        mpn_id="4711004",
        kind=Kind.INDIRECT_RESELLER,
    )
    relecloud = make.tenant("Relecloud", domain="relecloud.example")
    wes = make.member("wes", wingtip.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN, last="Hart")
    gwen = make.member("gwen", wingtip.tenant, Role.GLOBAL_ADMIN, last="Moss")
    lena = make.member("lena", litware.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN, last="Vogt")
    sol = make.member("sol", litware.tenant, Role.SALES_AGENT, last="Reyes")
    lars = make.member("lars", litware.tenant, Role.GLOBAL_ADMIN, last="Thom")
    rita = make.member("rita", relecloud, Role.TENANT_ADMIN, last="Alves")
    agreed = link(world, wingtip, litware, by=gwen, accepted_by=lars)
    invitation, _token = invitations.invite(
        partner=wingtip,
        reseller=litware,
        sent_by=litware,
        has_delegated_admin=True,
        act=world.act(lena, LINKED_ON),
    )
    relationship = invitations.accept(
        invitation=invitation, tenant=relecloud, act=world.act(rita, LINKED_ON)
    )
    relecloud.refresh_from_db()
    make.customer_agreement(wingtip, relecloud, on=LINKED_ON)
    return TwoTier(
        world=world,
        wingtip=wingtip,
        wes=wes,
        gwen=gwen,
        litware=litware,
        lena=lena,
        sol=sol,
        lars=lars,
        relecloud=relecloud,
        rita=rita,
        link=agreed,
        relationship=relationship,
    )
