"""Search over what the acting organisation may see: the beginning of any word."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from billing.models import Invoice
from relationships.queries.relationships import customers_of
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

MOST = 20


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    note: str
    url: str
    icon: str


def found_customers(partner: Partner, q: str) -> list[Hit]:
    found = (
        customers_of(partner)
        .filter(
            Q(customer__name__istartswith=q)
            | Q(customer__name__icontains=f" {q}")
            | Q(customer__domain__istartswith=q)
        )
        .order_by("customer__name", "pk")[:MOST]
    )
    return [
        Hit(
            r.customer.name,
            r.customer.domain,
            reverse("home:customer", args=[r.customer.public_id]),
            "people",
        )
        for r in found
    ]


def found_subscriptions(q: str, *, partner: Partner | None, tenant: Tenant) -> list[Hit]:
    """Return what a partner sold, or what a tenant holds."""
    mine = (
        Subscription.objects.sold_by(partner).filter(
            tenant__in=customers_of(partner).values("customer")
        )
        if partner
        else Subscription.objects.of_tenant(tenant)
    )
    found = (
        mine.filter(
            Q(title__istartswith=q) | Q(title__icontains=f" {q}") | Q(offer__sku__istartswith=q)
        )
        .select_related("tenant")
        .order_by("title", "tenant__name", "pk")[:MOST]
    )
    return [Hit(s.title, s.tenant.name, _panel(s, partner), "box") for s in found]


def _panel(subscription: Subscription, partner: Partner | None) -> str:
    page = (
        reverse("home:customer-subscriptions", args=[subscription.tenant.public_id])
        if partner
        else reverse("home:my-subscriptions")
    )
    return f"{page}?panel={subscription.public_id}"


def found_invoices(q: str, *, tenant: Tenant) -> list[Hit]:
    found = (
        Invoice.objects.filter(Q(seller=tenant) | Q(buyer=tenant), number__startswith=q)
        .select_related("seller", "buyer")
        .order_by("-issued_on", "number", "pk")[:MOST]
    )
    return [
        Hit(
            str(i.number),
            f"{i.seller.name} → {i.buyer.name}",
            reverse("billing:invoice", args=[i.public_id]),
            "receipt",
        )
        for i in found
    ]
