"""
The demo world: one vendor, two partners, their customers, and eight months of business.

Everything that happened is done through the services, day by day, as people would have
done it: the invoices of the demo are what the close of each month made of it.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from billing.domain.calendar import publication_day
from billing.models import Invoice, Price, PriceList
from billing.services import closing, orders, price_lists, quotes
from csp_portal.demo_accounts import PASSWORD
from csp_portal.shared.dates import add_months
from relationships.services import customers, invitations
from subscriptions.models import Offer, Subscription
from subscriptions.services import imports
from tenants.acts import Act
from tenants.models import Domain, Membership, Partner, Tenant, User
from tenants.roles import Kind, Role

# title, SKU, family, partner price and ERP per seat and month, fields of the offer
OFFERS: list[tuple[str, str, str, str, str, dict[str, object]]] = [
    ("Business Basic", "CFQ7TTC0LH18:0001", "Business", "4.72", "5.60", {}),
    ("Business Standard", "CFQ7TTC0LDPB:0001", "Business", "9.83", "11.70", {}),
    ("Business Premium", "CFQ7TTC0LCHC:0002", "Business", "17.30", "20.60", {"seat_maximum": 300}),
    ("Office Suite E1", "CFQ7TTC0LF8Q:0001", "Enterprise", "7.90", "9.40", {}),
    ("Office Suite E3", "CFQ7TTC0LF8R:0001", "Enterprise", "18.70", "22.20", {}),
    ("Office Suite E5", "CFQ7TTC0LF8S:0002", "Enterprise", "29.50", "35.10", {}),
    ("Exchange Online Plan 1", "CFQ7TTC0LH16:0001", "Exchange", "3.11", "3.70", {}),
    ("Exchange Online Plan 2", "CFQ7TTC0LH1P:0001", "Exchange", "6.22", "7.40", {}),
    ("Mobility and Security E3", "CFQ7TTC0LHT4:0001", "Security", "6.80", "8.10", {}),
    ("Project Plan 3", "CFQ7TTC0HDB0:0002", "Project", "21.60", "25.70", {}),
    ("Visio Plan 2", "CFQ7TTC0HD32:0001", "Visio", "10.80", "12.80", {}),
    ("Power BI Pro", "CFQ7TTC0L3PB:0001", "Data", "7.90", "9.40", {}),
    ("Teams Phone Standard", "CFQ7TTC0LH0T:0001", "Teams", "6.30", "7.50", {"is_add_on": True}),
    ("Audio Conferencing", "CFQ7TTC0LHSL:0001", "Teams", "2.90", "3.40", {"is_add_on": True}),
    ("Archiving", "CFQ7TTC0LH0J:0001", "Exchange", "2.10", "2.50", {"is_add_on": True}),
]

# Companies of Fabrikam beside Northwind: name, domain, city, offer, seats
COMPANIES = [
    ("Adatum Logistics", "adatum.example", "Hamburg", "Business Standard", 42),
    ("Alpine Ski House", "alpineski.example", "Garmisch", "Business Basic", 18),
    ("Bellows College", "bellows.example", "Leipzig", "Office Suite E3", 240),
    ("Blue Yonder Airlines", "blueyonder.example", "Frankfurt", "Office Suite E5", 125),
    ("Coho Vineyard", "coho.example", "Trier", "Business Premium", 12),
    ("Fourth Coffee", "fourthcoffee.example", "Bremen", "Business Basic", 64),
    ("Graphic Design Institute", "graphicdesign.example", "Weimar", "Business Premium", 33),
    ("Humongous Insurance", "humongous.example", "Köln", "Office Suite E3", 480),
    ("Litware Labs", "litware.example", "Jena", "Project Plan 3", 9),
    ("Lucerne Publishing", "lucerne.example", "München", "Business Standard", 27),
    ("Margie's Travel", "margies.example", "Rostock", "Exchange Online Plan 2", 15),
    ("Proseware", "proseware.example", "Dresden", "Power BI Pro", 21),
    ("School of Fine Art", "fineart.example", "Kassel", "Office Suite E1", 96),
    ("Trey Research", "trey.example", "Göttingen", "Mobility and Security E3", 54),
    ("Wide World Importers", "wideworld.example", "Lübeck", "Business Premium", 150),
]


@dataclass(frozen=True, slots=True)
class Cast:
    vendor: Tenant
    fabrikam: Partner
    tailspin: Partner
    northwind: Tenant
    ada: User
    nora: User
    carl: User


def seed(*, today: date) -> bool:
    """
    Build the world as it is on `today`; return False if there is one already.

    The year of business begins on the 14th of the month eight months before `today`.
    """
    if Tenant.objects.filter(is_vendor=True).exists():
        return False
    first = add_months(today.replace(day=14), -8)
    cast = _people(first)
    _catalogue(first, today)
    _import_other_channels(cast, first, today)
    _live_through(cast, first, today)
    _as_people_do(cast, today)
    return True


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


def _people(first: date) -> Cast:
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
    return Cast(vendor, fabrikam, tailspin, northwind, ada, nora, carl)


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


def _partner(name: str, domain: str, city: str, mpn_id: str, first: date) -> Partner:
    tenant = _tenant(name, domain, city, first, tax_id=f"DE{mpn_id}99")
    return Partner.objects.create(
        tenant=tenant,
        mpn_id=mpn_id,
        kind=Kind.DIRECT_PARTNER,
        joined_on=add_months(first, -18),
    )


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


def _catalogue(first: date, today: date) -> None:
    """A list for every month from before the first to two months ahead; the last is a draft."""
    offers = {
        title: Offer.objects.create(
            **{"title": title, "sku": sku, "product_family": family, "state": "available", **fields}
        )
        for title, sku, family, _, _, fields in OFFERS
    }
    month = add_months(first.replace(day=1), -1)
    last = add_months(today.replace(day=1), 2)
    index = 0
    while month <= last:
        prices = {
            offers[title]: (_priced(cost, index, n), _priced(erp, index, n))
            for n, (title, _, _, cost, erp, _) in enumerate(OFFERS)
        }
        scheduled = publication_day(month) - timedelta(days=3)
        _price_list(month, prices, scheduled if scheduled <= today else None)
        month = add_months(month, 1)
        index += 1


def _priced(price: str, index: int, offer: int) -> Decimal:
    """Prices rise a little, a few at a time; Business Premium never moves in the first year."""
    amount = Decimal(price)
    if offer != 2 and index >= 6 and offer % 4 == index % 4:  # noqa: PLR2004 -- made up
        amount = (amount * Decimal("1.04")).quantize(Decimal("0.01"))
    if index >= 10:  # noqa: PLR2004 -- the two lists that are still ahead
        amount = (amount * Decimal("1.03")).quantize(Decimal("0.01"))
    return amount


def _price_list(
    month: date, prices: dict[Offer, tuple[Decimal, Decimal]], scheduled: date | None
) -> None:
    created = PriceList.objects.create(
        market="DE",
        currency="EUR",
        effective_on=month,
        visible_from=datetime.combine(
            publication_day(month), time(), tzinfo=ZoneInfo(settings.BUSINESS_TIME_ZONE)
        ),
        created_at=moment(scheduled or publication_day(month)),
        source_name=f"price-list-{month:%Y-%m}.csv",
    )
    Price.objects.bulk_create(
        Price(
            price_list=created,
            offer=offer,
            segment="commercial",
            duration=duration,
            plan=plan,
            unit_price=cost * times,
            erp=erp * times,
        )
        for offer, (cost, erp) in prices.items()
        for duration, plan, times in (
            ("P1Y", "monthly", 1),
            ("P1Y", "annual", 12),
            ("P1M", "monthly", 1),
        )
    )
    if scheduled:
        created.scheduled_at = moment(scheduled)
        created.save(update_fields=["scheduled_at"])


OTHER_CHANNELS = """\
Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Assigned,Start,End,Auto renew,Trial,Partner of record,Note
DIR-20881,Office Suite E3,210,Active,,northwind.example,direct,187,{a},{a1},yes,no,,
DIR-20882,Power BI Pro,12,In grace period,,northwind.example,direct,12,{b},{b1},no,no,,Payment failed
ADV-77120,Exchange Online Plan 1,35,Active,,northwind.example,advisor,31,{c},{c1},yes,no,4711001,
ADV-77121,Project Plan 3,8,Active,,northwind.example,advisor,8,{d},{d1},yes,no,4711002,
71043982,Office Suite E1 Open licence,25,Active,,northwind.example,open,9,{e},{e1},no,no,,Agreement 71043982
EA-5500142,Windows Enterprise,120,Active,,northwind.example,ea,104,{d},{d3},no,no,,Enrolment 5500142
DIR-30417,Business Standard,16,Active,,contoso.example,direct,14,{d},{d1},yes,no,,
ADV-30418,Exchange Online Plan 2,5,Active,,contoso.example,advisor,5,{c},{c1},yes,no,4711001,
SYN-90011,Office Suite E3,60,Active,,woodgrove.example,syndication,58,{c},{c1},yes,no,,
"""


def _import_other_channels(cast: Cast, first: date, today: date) -> None:
    starts = {
        "a": add_months(today, -10) + timedelta(days=16),
        "b": add_months(today, -12) + timedelta(days=20),
        "c": add_months(today, -11) + timedelta(days=10),
        "d": add_months(today, -9),
        "e": add_months(today, -12) + timedelta(days=9),
    }
    values = {name: start.isoformat() for name, start in starts.items()}
    values |= {f"{name}1": add_months(start, 12).isoformat() for name, start in starts.items()}
    values |= {f"{name}3": add_months(start, 36).isoformat() for name, start in starts.items()}
    text = OTHER_CHANNELS.format(**values)
    imports.import_subscriptions(
        file=io.BytesIO(text.encode()),
        act=Act.of_the_portal(at=moment(first), on=first),
    )


def _live_through(cast: Cast, first: date, today: date) -> None:
    """Play the diary in order; close each month when it is over."""
    diary = sorted(_diary(cast, first, today), key=lambda entry: entry[0])
    month_end = add_months(first.replace(day=1), 1)
    for day, happens in diary:
        while month_end <= day:
            _turn_of_month(month_end)
            month_end = add_months(month_end, 1)
        happens(day)
    while month_end <= today:
        _turn_of_month(month_end)
        month_end = add_months(month_end, 1)


def _as_people_do(cast: Cast, today: date) -> None:
    """Licences are in use, letters were sent as the months closed, and old bills are paid."""
    for sold in Subscription.objects.csp().order_by("id"):
        in_use = sold.seats - sold.seats // 12 - 1
        Subscription.objects.filter(pk=sold.pk).update(assigned_seats=max(in_use, 0))
    older = Invoice.objects.filter(month__lt=add_months(today.replace(day=1), -1))
    for invoice in older.order_by("id"):
        mailed = moment(invoice.issued_on, 1)
        Invoice.objects.filter(pk=invoice.pk).update(
            mailed_at=mailed,
            paid_on=min(invoice.due_on - timedelta(days=2), today),
            paid_by=cast.ada,
        )


def _turn_of_month(day: date) -> None:
    portal = Act.of_the_portal(at=moment(day, 0), on=day)
    price_lists.publish_due(act=portal)
    closing.close_due(act=portal)


def _diary(
    cast: Cast, first: date, today: date
) -> list[tuple[date, Callable[[date], None]]]:
    """What happened: (day, what to do). Nothing is later than `today`."""
    entries: list[tuple[date, Callable[[date], None]]] = [
        (first, lambda day: _take_on_northwind(cast, day)),
        (
            add_months(first, 2) + timedelta(days=18),
            lambda day: _add_on(cast, "Teams Phone Standard", 20, day),
        ),
        (
            add_months(first, 3) + timedelta(days=6),
            lambda day: _order(cast, cast.northwind, "Mobility and Security E3", 40, day),
        ),
        (add_months(first, 6) + timedelta(days=6), lambda day: _seats(cast, 60, day)),
        (today - timedelta(days=4), lambda day: _suspend(cast, "Mobility and Security E3", day)),
    ]
    for index, (name, domain, city, title, seats) in enumerate(COMPANIES):
        start = first + timedelta(days=5 + index * 13)

        def take_on(
            day: date,
            name: str = name,
            domain: str = domain,
            city: str = city,
            title: str = title,
            seats: int = seats,
        ) -> None:
            customer = _new_customer(cast, name, domain, city, day)
            _order(cast, customer, title, seats, day)

        entries.append((min(start, today - timedelta(days=2)), take_on))
    entries += [
        (today - timedelta(days=12), lambda day: _invite(cast, "Contoso", "tom@contoso.example", day)),
        (today - timedelta(days=9), lambda day: _invite(cast, "Fabricators GmbH", "", day)),
        (today - timedelta(days=3), lambda day: _invite(cast, "City Power & Light", "", day)),
        (today - timedelta(days=1), lambda day: _invite(cast, "", "", day)),
    ]
    return entries


def _take_on_northwind(cast: Cast, day: date) -> None:
    invitation, _ = invitations.invite(
        partner=cast.fabrikam,
        has_delegated_admin=True,
        customer_name="Northwind Traders",
        email=cast.carl.email,
        act=act(cast.ada, day),
    )
    invitations.accept(invitation=invitation, tenant=cast.northwind, act=act(cast.carl, day))
    cast.northwind.refresh_from_db()
    _order(cast, cast.northwind, "Business Premium", 54, day)


def _new_customer(cast: Cast, name: str, domain: str, city: str, day: date) -> Tenant:
    relationship = customers.create_customer(
        partner=cast.fabrikam,
        name=name,
        domain=domain,
        country="DE",
        currency="EUR",
        street="Marktplatz 3",
        postal_code="20095",
        city=city,
        admin_email=f"it@{domain}",
        admin_name="IT Department",
        attested_on=day,
        act=act(cast.ada, day),
    )
    return relationship.customer


def _order(
    cast: Cast, tenant: Tenant, title: str, seats: int, day: date, base: Subscription | None = None
) -> None:
    quote = quotes.quote(
        kind="new",
        partner=cast.fabrikam,
        tenant=tenant,
        offer=Offer.objects.get(title=title),
        base=base,
        seats=seats,
        act=act(cast.ada, day),
    )
    orders.confirm(quote=quote, act=act(cast.ada, day))


def _sold(cast: Cast, title: str) -> Subscription:
    return Subscription.objects.sold_by(cast.fabrikam).get(tenant=cast.northwind, title=title)


def _add_on(cast: Cast, title: str, seats: int, day: date) -> None:
    _order(cast, cast.northwind, title, seats, day, base=_sold(cast, "Business Premium"))


def _seats(cast: Cast, seats: int, day: date) -> None:
    quote = quotes.quote(
        kind="seats",
        partner=cast.fabrikam,
        tenant=cast.northwind,
        subscription=_sold(cast, "Business Premium"),
        seats=seats,
        act=act(cast.ada, day),
    )
    orders.confirm(quote=quote, act=act(cast.ada, day))


def _suspend(cast: Cast, title: str, day: date) -> None:
    quote = quotes.quote(
        kind="suspend",
        partner=cast.fabrikam,
        tenant=cast.northwind,
        subscription=_sold(cast, title),
        reason="Project on hold",
        act=act(cast.ada, day),
    )
    orders.confirm(quote=quote, act=act(cast.ada, day))


def _invite(cast: Cast, name: str, email: str, day: date) -> None:
    invitations.invite(
        partner=cast.fabrikam,
        has_delegated_admin=True,
        customer_name=name,
        email=email,
        act=act(cast.ada, day),
    )
