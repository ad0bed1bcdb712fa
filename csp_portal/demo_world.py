"""
The demo world: one vendor, two partners, their customers, and eight months of business.

Everything that happened is done through the services, day by day, as people would have
done it: the invoices of the demo are what the close of each month made of it.
"""

from collections.abc import Callable
from datetime import date, timedelta

from billing.models import Invoice
from billing.services import closing, orders, price_lists, quotes
from csp_portal.demo_catalogue import catalogue, import_other_channels
from csp_portal.demo_indirect import diary as diary_of_going_indirect
from csp_portal.demo_lifecycle import lifecycle
from csp_portal.demo_lists import tags_and_views
from csp_portal.demo_people import Cast, act, moment, people
from csp_portal.demo_sell import diary as diary_of_northwind
from csp_portal.demo_states import diary as diary_of_states
from csp_portal.demo_tier import diary as diary_of_two_tier
from csp_portal.demo_transfers import open_transfer
from csp_portal.demo_users import users_and_licences
from csp_portal.shared.dates import add_months
from relationships.domain.agreements import TEMPLATE_VERSIONS
from relationships.services import agreements, customers, invitations
from subscriptions.models import Offer, Subscription
from tenants.acts import Act
from tenants.models import Tenant

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


def seed(*, today: date) -> bool:
    """
    Build the world as it is on `today`; return False if there is one already.

    The year of business begins on the 14th of the month eight months before `today`.
    """
    if Tenant.objects.filter(is_vendor=True).exists():
        return False
    first = add_months(today.replace(day=14), -8)
    cast = people(first)
    catalogue(first, today)
    import_other_channels(first, today)
    _live_through(cast, first, today)
    _as_people_do(cast, today)
    tags_and_views(cast, today)
    lifecycle(cast, today)
    open_transfer(cast, today)
    users_and_licences(cast, today)
    return True


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


def _diary(cast: Cast, first: date, today: date) -> list[tuple[date, Callable[[date], None]]]:
    """Return what happened: (day, what to do). Nothing is later than `today`."""
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

        def take_on(  # noqa: PLR0917 -- defaults bind the loop's values
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
        (
            today - timedelta(days=12),
            lambda day: _invite(cast, "Contoso", "tom@contoso.example", day),
        ),
        (today - timedelta(days=9), lambda day: _invite(cast, "Fabricators GmbH", "", day)),
        (today - timedelta(days=3), lambda day: _invite(cast, "City Power & Light", "", day)),
        (today - timedelta(days=1), lambda day: _invite(cast, "", "", day)),
    ]
    entries += diary_of_northwind(cast, today)
    entries += diary_of_two_tier(first, today)
    entries += diary_of_states(cast, first, today)
    entries += diary_of_going_indirect(first, today)
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
    agreements.attest_customer_agreement(
        partner=cast.fabrikam,
        customer=cast.northwind,
        name=str(cast.carl),
        email=cast.carl.email,
        agreed_on=day,
        template_version=TEMPLATE_VERSIONS[1],
        act=act(cast.ada, day),
    )
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
    cast: Cast,
    tenant: Tenant,
    title: str,
    seats: int,
    day: date,
    *,
    base: Subscription | None = None,
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
