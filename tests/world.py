"""
The cast: people and companies that tests share.

Cirrus is the vendor. Fabrikam is a direct partner: Ada sells and reads its invoices, Sam
only sells, Helen helps, Gita runs the house. Northwind is Fabrikam's customer to be, Carl
administers it, Bea reads its bills, Mia works there. Tailspin is another partner with
Nora; she must never see anything of theirs. Contoso has Tom and no partner. Woodgrove is
a Syndication tenant.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from subscriptions.models import Offer
from tenants.acts import Act
from tenants.models import Partner, Tenant, User
from tenants.roles import Role

from . import make

TODAY = date(2026, 11, 22)


@dataclass
class World:
    cirrus: Tenant
    fabrikam: Partner
    ada: User
    sam: User
    helen: User
    gita: User
    tailspin: Partner
    nora: User
    northwind: Tenant
    carl: User
    bea: User
    mia: User
    contoso: Tenant
    tom: User
    woodgrove: Tenant
    wanda: User
    premium: Offer
    phone: Offer

    def act(self, by: User | None = None, on: date = TODAY) -> Act:
        """Return an act of `by` (Ada unless told otherwise) at noon of `on`."""
        by = by or self.ada
        membership = by.memberships.select_related("tenant__partner").order_by("id").first()
        return Act(
            by=by,
            organisation=membership.tenant if membership else None,
            at=datetime.combine(on, time(12), tzinfo=UTC),
            on=on,
        )


def build_world() -> World:
    cirrus = make.tenant("Cirrus", domain="vendor.example", is_vendor=True)
    fabrikam = make.partner("Fabrikam Cloud", domain="fabrikam.example", mpn_id="4711001")
    tailspin = make.partner("Tailspin Partners", domain="tailspin.example", mpn_id="4711002")
    northwind = make.tenant("Northwind Traders", domain="northwind.example")
    contoso = make.tenant("Contoso", domain="contoso.example")
    woodgrove = make.tenant("Woodgrove Bank", domain="woodgrove.example")
    return World(
        cirrus=cirrus,
        fabrikam=fabrikam,
        ada=make.member(
            "ada", fabrikam.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN, last="Keller"
        ),
        sam=make.member("sam", fabrikam.tenant, Role.SALES_AGENT, last="Okafor"),
        helen=make.member("helen", fabrikam.tenant, Role.HELPDESK_AGENT, last="Marsh"),
        gita=make.member("gita", fabrikam.tenant, Role.GLOBAL_ADMIN, last="Rao"),
        tailspin=tailspin,
        nora=make.member(
            "nora", tailspin.tenant, Role.ADMIN_AGENT, Role.BILLING_ADMIN, last="Lind"
        ),
        northwind=northwind,
        carl=make.member("carl", northwind, Role.TENANT_ADMIN, last="Novak"),
        bea=make.member("bea", northwind, Role.BILLING_READER, last="Fischer"),
        mia=make.member("mia", northwind, Role.MEMBER, last="Sato"),
        contoso=contoso,
        tom=make.member("tom", contoso, Role.TENANT_ADMIN, last="Berg"),
        woodgrove=woodgrove,
        wanda=make.member("wanda", woodgrove, Role.TENANT_ADMIN, last="Cole"),
        premium=make.offer("Business Premium", "CFQ7TTC0LCHC:0002"),
        phone=make.offer("Teams Phone Standard", "CFQ7TTC0LH0T:0001", is_add_on=True),
    )
