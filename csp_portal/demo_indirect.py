"""A direct partner of the demo goes indirect: its customers are at every step of the way."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from billing.services import orders, quotes
from billing.services.transfers import carry_out_due
from csp_portal.demo_people import IndirectCast, act, going_indirect_people, moment
from relationships.models import PlannedMove, Relationship
from relationships.services import customers, going_indirect, reseller_invitations, transfers
from subscriptions.models import Offer
from tenants.acts import Act
from tenants.queries.tenants import admins_of

Entry = tuple[date, Callable[[date], None]]

MOVED, WAITS, ASKED, NOT_ASKED = (
    "lakeshore.example",
    "firstup.example",
    "nodpublishers.example",
    "theater.example",
)
# name, domain, city, offer, seats
COMPANIES = [
    ("Lakeshore Retail", MOVED, "Konstanz", "Business Premium", 24),
    ("First Up Consultants", WAITS, "Lindau", "Business Standard", 11),
    ("Nod Publishers", ASKED, "Ulm", "Business Basic", 36),
    ("Theater Am Markt", NOT_ASKED, "Meersburg", "Exchange Online Plan 2", 7),
]


def diary(first: date, today: date) -> list[Entry]:
    """Return what happened between the two: (day, what to do)."""
    cast = going_indirect_people(first)
    moves_on = today - timedelta(days=5)
    return [
        (first + timedelta(days=40), lambda day: _take_on_all(cast, day)),
        (today - timedelta(days=16), lambda day: _link(cast, day)),
        (today - timedelta(days=12), lambda day: _ask(cast, day)),
        (today - timedelta(days=8), lambda day: _accept(cast, MOVED, moves_on, day)),
        (moves_on, _carry_out),
        (
            today - timedelta(days=3),
            lambda day: _accept(cast, WAITS, today + timedelta(days=9), day),
        ),
    ]


def _take_on_all(cast: IndirectCast, day: date) -> None:
    for name, domain, city, title, seats in COMPANIES:
        relationship = customers.create_customer(
            partner=cast.messenger,
            name=name,
            domain=domain,
            country="DE",
            currency="EUR",
            street="Seestraße 8",
            postal_code="78462",
            city=city,
            admin_email=f"it@{domain}",
            admin_name="IT Department",
            attested_on=day,
            act=act(cast.cora, day),
        )
        quote = quotes.quote(
            kind="new",
            partner=cast.messenger,
            tenant=relationship.customer,
            offer=Offer.objects.get(title=title),
            seats=seats,
            act=act(cast.cora, day),
        )
        orders.confirm(quote=quote, act=act(cast.cora, day))


def _link(cast: IndirectCast, day: date) -> None:
    offer, _ = reseller_invitations.invite_reseller(
        provider=cast.wingtip,
        discount_percent=Decimal(8),
        customer_name=cast.messenger.tenant.name,
        email=cast.cora.email,
        act=act(cast.gwen, day),
    )
    reseller_invitations.accept_link(
        invitation=offer, tenant=cast.messenger.tenant, act=act(cast.cora, day)
    )


def _ask(cast: IndirectCast, day: date) -> None:
    going_indirect.ask_to_follow(
        partner=cast.messenger,
        provider=cast.wingtip,
        relationships=Relationship.objects.active().filter(
            partner=cast.messenger, customer__domain__in=[MOVED, WAITS, ASKED]
        ),
        act=act(cast.cora, day),
    )


def _accept(cast: IndirectCast, domain: str, takes_effect_on: date, day: date) -> None:
    move = PlannedMove.objects.get(
        relationship__partner=cast.messenger, relationship__customer__domain=domain
    )
    transfers.request_transfer(
        invitation=move.invitation,
        relationship=move.relationship,
        takes_effect_on=takes_effect_on,
        act=act(admins_of(move.relationship.customer)[0], day),
    )


def _carry_out(day: date) -> None:
    carry_out_due(act=Act.of_the_portal(at=moment(day, 0), on=day))
