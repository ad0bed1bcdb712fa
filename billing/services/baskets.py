"""Several recommended items at once: priced together, bought together or not at all."""

from collections.abc import Sequence

from django.db import transaction

from tenants.acts import Act
from tenants.models import Tenant

from ..models import Order, Quote, RecommendedItem
from . import orders, quotes


@transaction.atomic
def quote_items(*, items: Sequence[RecommendedItem], tenant: Tenant, act: Act) -> list[Quote]:
    """
    Return a quote for each item, all fixed for the same 30 minutes.

    :raises SubscriptionRefused, NoPrice: if one of them cannot be bought; then none is quoted
    """
    return [
        quotes.quote(
            kind=Quote.QuoteKind.NEW,
            tenant=tenant,
            offer=item.offer,
            segment=item.segment,
            duration=item.duration,
            plan=item.plan,
            seats=item.seats,
            recommended=item,
            act=act,
        )
        for item in items
    ]


@transaction.atomic
def confirm_all(*, quotes: Sequence[Quote], act: Act) -> list[Order]:
    """
    Carry out every quote at its price, or none.

    :raises QuoteExpired, QuoteStale: see `orders.confirm`
    :raises SubscriptionRefused: if one is no longer possible, with the reason
    """
    return [orders.confirm(quote=quote, act=act) for quote in quotes]
