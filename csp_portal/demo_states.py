"""Organisations of the demo in states of their own: a suspended partner, a customer that left."""

from collections.abc import Callable
from datetime import date, timedelta

from billing.services import orders, quotes, recommendations
from billing.services.baskets import confirm_all, quote_items
from csp_portal.demo_people import Cast, StatesCast, act, states_people
from relationships.models import Relationship
from relationships.services import customers, ending, suspensions
from subscriptions.models import Offer, Subscription
from tenants.acts import Act
from tenants.models import Partner, Tenant, User

Entry = tuple[date, Callable[[date], None]]
LEFT = "tasmanian.example"


def diary(cast: Cast, first: date, today: date) -> list[Entry]:
    """Return what happened: (day, what to do)."""
    others = states_people(first)
    return [
        (first + timedelta(days=12), lambda day: _sell(cast.fabrikam, cast.ada, LEFT, day)),
        (first + timedelta(days=60), lambda day: _sell_lamna(others, day)),
        (today - timedelta(days=40), lambda day: _leave(cast, day)),
        (today - timedelta(days=18), lambda day: _advise(others, day)),
        (today - timedelta(days=9), lambda day: _suspend(others, day)),
    ]


def _sell_lamna(cast: StatesCast, day: date) -> None:
    _sell(cast.alpine, cast.ivo, "lamna.example", day)


def _sell(partner: Partner, by: User, domain: str, day: date) -> None:
    """Take on a customer and sell it twenty seats."""
    name = {LEFT: "Tasmanian Traders", "lamna.example": "Lamna Healthcare"}[domain]
    relationship = customers.create_customer(
        partner=partner,
        name=name,
        domain=domain,
        country="DE",
        currency="EUR",
        street="Hafenstraße 2",
        postal_code="26122",
        city="Oldenburg",
        admin_email=f"it@{domain}",
        admin_name="IT Department",
        attested_on=day,
        act=act(by, day),
    )
    quote = quotes.quote(
        kind="new",
        partner=partner,
        tenant=relationship.customer,
        offer=Offer.objects.get(title="Business Standard"),
        seats=20,
        act=act(by, day),
    )
    orders.confirm(quote=quote, act=act(by, day))


def _leave(cast: Cast, day: date) -> None:
    """Tasmanian Traders closes: Fabrikam cancels what is left and ends the relationship."""
    by = act(cast.ada, day)
    kept = Relationship.objects.active().get(partner=cast.fabrikam, customer__domain=LEFT)
    quote = quotes.quote(
        kind="cancel",
        partner=cast.fabrikam,
        tenant=kept.customer,
        subscription=Subscription.objects.get(tenant=kept.customer),
        reason="The company closes",
        act=by,
    )
    orders.confirm(quote=quote, act=by)
    ending.end_relationship(relationship=kept, reason="The company closes", act=by)


def _advise(cast: StatesCast, day: date) -> None:
    """Southridge, which only advises, recommends to Contoso, which buys."""
    made, _token = recommendations.recommend(
        partner=cast.southridge,
        items=[recommendations.Advice(offer=Offer.objects.get(title="Visio Plan 2"), seats=6)],
        customer_name="Contoso",
        email="tom@contoso.example",
        act=act(cast.ines, day),
    )
    contoso = Tenant.objects.get(domain="contoso.example")
    by = act(User.objects.get(email="tom@contoso.example"), day + timedelta(days=1))
    items = list(made.items.all())
    confirm_all(quotes=quote_items(items=items, tenant=contoso, act=by), act=by)


def _suspend(cast: StatesCast, day: date) -> None:
    olga = User.objects.get(email="olga@vendor.example")
    suspensions.suspend_partner(
        partner=cast.alpine,
        reason="overdue",
        note="Two invoices are more than 60 days overdue.",
        starts_on=day,
        act=Act(by=olga, organisation=None, at=act(cast.ivo, day).at, on=day),
    )
