"""2-tier in the demo: a provider, its reseller, their customers, and requests in every state."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from billing.models import OrderRequest, Price
from billing.services import order_requests, orders, quotes
from csp_portal.demo_people import TierCast, act, two_tier_people
from csp_portal.shared.dates import add_months
from relationships.domain.agreements import TEMPLATE_VERSIONS
from relationships.models import Relationship
from relationships.services import agreements, customers, invitations, reseller_invitations
from subscriptions.models import Offer, Subscription
from tenants.models import Tenant

Entry = tuple[date, Callable[[date], None]]


def diary(first: date, today: date) -> list[Entry]:
    """Return what happened between the two: (day, what to do)."""
    cast = two_tier_people(first)
    return [
        (first, lambda day: _link(cast, day)),
        (first + timedelta(days=3), lambda day: _take_on_relecloud(cast, day)),
        (add_months(first, 2), lambda day: _take_on_vanarsdel(cast, day)),
        (today - timedelta(days=20), lambda day: _ordered_request(cast, day)),
        (today - timedelta(days=8), lambda day: _declined_request(cast, day)),
        (today - timedelta(days=7), lambda day: _invite_both(cast, day)),
        (today - timedelta(days=6), lambda day: _offer_to_resell(cast, day)),
        (today - timedelta(days=5), lambda day: _changed_request(cast, day)),
        (today - timedelta(days=2), lambda day: _open_request(cast, day)),
    ]


def _link(cast: TierCast, day: date) -> None:
    offer, _ = reseller_invitations.invite_reseller(
        provider=cast.wingtip,
        discount_percent=Decimal(10),
        customer_name="Litware Consulting",
        email=cast.lars.email,
        act=act(cast.gwen, day),
    )
    reseller_invitations.accept_link(
        invitation=offer, tenant=cast.litware.tenant, act=act(cast.lars, day)
    )


def _take_on_relecloud(cast: TierCast, day: date) -> None:
    invitation, _ = invitations.invite(
        partner=cast.wingtip,
        reseller=cast.litware,
        sent_by=cast.litware,
        has_delegated_admin=True,
        customer_name="Relecloud",
        email=cast.rita.email,
        act=act(cast.lena, day),
    )
    invitations.accept(invitation=invitation, tenant=cast.relecloud, act=act(cast.rita, day))
    agreements.attest_customer_agreement(
        partner=cast.wingtip,
        customer=cast.relecloud,
        name=str(cast.rita),
        email=cast.rita.email,
        agreed_on=day,
        template_version=TEMPLATE_VERSIONS[1],
        act=act(cast.lena, day),
    )
    _order(cast, cast.relecloud, "Business Premium", 48, day)
    _order(cast, cast.relecloud, "Power BI Pro", 12, day)


def _take_on_vanarsdel(cast: TierCast, day: date) -> None:
    relationship = customers.create_customer(
        partner=cast.wingtip,
        reseller=cast.litware,
        name="VanArsdel Furniture",
        domain="vanarsdel.example",
        country="DE",
        currency="EUR",
        street="Marktplatz 3",
        postal_code="24103",
        city="Kiel",
        admin_email="it@vanarsdel.example",
        admin_name="IT Department",
        attested_on=day,
        act=act(cast.lena, day),
    )
    _order(cast, relationship.customer, "Business Standard", 31, day)


def _order(cast: TierCast, tenant: Tenant, title: str, seats: int, day: date) -> None:
    quote = quotes.quote(
        kind="new",
        partner=cast.wingtip,
        tenant=tenant,
        offer=Offer.objects.get(title=title),
        seats=seats,
        act=act(cast.wes, day),
    )
    orders.confirm(quote=quote, act=act(cast.wes, day))


def _seats(cast: TierCast, seats: int, note: str, day: date) -> OrderRequest:
    sold = Subscription.objects.sold_by(cast.wingtip).get(
        tenant=cast.relecloud, title="Business Premium"
    )
    return order_requests.ask_for_seats(
        relationship=_relationship(cast),
        subscription=sold,
        seats=seats,
        note=note,
        act=act(cast.lena, day),
    )


def _new(cast: TierCast, title: str, seats: int, note: str, day: date) -> OrderRequest:
    listed = Price.objects.filter(
        offer__title=title,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        price_list__effective_on__lte=day,
        price_list__scheduled_at__isnull=False,
        price_list__market=cast.wingtip.tenant.country,
        price_list__currency=cast.wingtip.tenant.currency,
    ).select_related("offer")
    return order_requests.ask_for_offer(
        relationship=_relationship(cast),
        price=listed.order_by("-price_list__effective_on", "pk")[0],
        seats=seats,
        note=note,
        act=act(cast.lena, day),
    )


def _relationship(cast: TierCast) -> Relationship:
    return (
        Relationship.objects.active()
        .select_related("partner__tenant", "reseller__tenant", "customer")
        .get(customer=cast.relecloud)
    )


def _ordered_request(cast: TierCast, day: date) -> None:
    asked = _seats(cast, 54, "Six people start on Monday.", day)
    quote = order_requests.approve(request=asked, act=act(cast.wes, day))
    orders.confirm(quote=quote, act=act(cast.wes, day))


def _declined_request(cast: TierCast, day: date) -> None:
    asked = _new(cast, "Office Suite E5", 3, "For the board.", day)
    order_requests.decline(
        request=asked, reason="Premium covers what they need.", act=act(cast.wes, day)
    )


def _changed_request(cast: TierCast, day: date) -> None:
    asked = _new(cast, "Exchange Online Plan 2", 4, "Shared mailboxes.", day)
    order_requests.change(
        request=asked, seats=5, note="They have five mailboxes.", act=act(cast.wes, day)
    )


def _open_request(cast: TierCast, day: date) -> None:
    asked = _seats(cast, 60, "A second office opens.", day)
    order_requests.write(
        request=asked, text="Needed before the end of the month.", act=act(cast.lena, day)
    )


def _invite_both(cast: TierCast, day: date) -> None:
    invitations.invite(
        partner=cast.wingtip,
        reseller=cast.litware,
        sent_by=cast.wingtip,
        has_delegated_admin=False,
        customer_name="Munson's Pickles",
        act=act(cast.wes, day),
    )


def _offer_to_resell(cast: TierCast, day: date) -> None:
    reseller_invitations.invite_reseller(
        provider=cast.wingtip,
        discount_percent=Decimal("7.5"),
        customer_name="Tailspin Partners",
        email="nora@tailspin.example",
        act=act(cast.gwen, day),
    )
