"""Search over what the acting organisation may see: the beginnings of words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from billing.models import Invoice
from billing.queries.invoice_list import numbered
from csp_portal.lists import COUNTED_ROWS
from relationships.queries.relationships import customers_of
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

from .all_subscriptions import offers_matching, subscriptions_of_customers
from .customers import matching

MOST = 20


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    note: str
    url: str
    icon: str


def found_customers(partner: Partner, q: str) -> list[Hit]:
    """
    Return the first customers that match.

    It asks for as many as a list: for a few only, the planner would walk all names in order
    and read the words of each, instead of asking the index of words.
    """
    found = matching(customers_of(partner), q).order_by(Lower("customer__name"), "customer_id")
    names = found.values_list("customer__name", "customer__domain", "customer__public_id")
    return [
        Hit(name, domain, reverse("home:customer-subscriptions", args=[public_id]), "people")
        for name, domain, public_id in list(names[:COUNTED_ROWS])[:MOST]
    ]


def sold_subscriptions(partner: Partner, q: str) -> list[Hit]:
    """
    Return what `partner` sold, or resold, to customers it still has, by the offer's title or SKU.

    Through the offers, which are few, and never by the title of a million subscriptions.
    """
    offers = offers_matching(q)
    if not offers:
        return []
    found = subscriptions_of_customers(partner).involving(partner).filter(offer__in=offers)
    return _hits(found.select_related("tenant").order_by("-pk")[:MOST], partner)


def held_subscriptions(tenant: Tenant, q: str) -> list[Hit]:
    """Return what `tenant` holds, in all channels."""
    found = Subscription.objects.of_tenant(tenant).filter(
        _begins("title", q) | Q(offer__sku__istartswith=q) | Q(reference__istartswith=q)
    )
    return _hits(found.select_related("tenant").order_by("title", "pk")[:MOST], None)


def found_invoices(visible: QuerySet[Invoice], q: str, *, on: date) -> list[Hit]:
    """Return invoices whose number begins so, or is that one of this year or the two before."""
    found = visible.filter(numbered(q, on=on)).select_related("seller", "buyer")
    return [
        Hit(
            str(i.number),
            f"{i.seller.name} → {i.buyer.name}",
            reverse("billing:invoice", args=[i.public_id]),
            "receipt",
        )
        for i in found.order_by("-issued_on", "number", "pk")[:MOST]
    ]


def _begins(name: str, q: str) -> Q:
    """Return the condition that a word of the column begins so."""
    return Q(**{f"{name}__istartswith": q}) | Q(**{f"{name}__icontains": f" {q}"})


def _hits(found: Iterable[Subscription], partner: Partner | None) -> list[Hit]:
    return [Hit(s.title, s.tenant.name, _panel(s, partner), "box") for s in found]


def _panel(subscription: Subscription, partner: Partner | None) -> str:
    page = (
        reverse("home:customer-subscriptions", args=[subscription.tenant.public_id])
        if partner
        else reverse("home:my-subscriptions")
    )
    return f"{page}?panel={subscription.public_id}"
