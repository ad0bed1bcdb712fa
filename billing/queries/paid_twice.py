"""What a new subscription would be paid beside: said before the click."""

from collections.abc import Iterable

from django.db.models import QuerySet

from subscriptions.models import Subscription
from subscriptions.queries.replaced import does_already, would_replace

from ..models import Quote


def paid_beside(quote: Quote) -> dict[str, QuerySet[Subscription]]:
    """
    Return `would_replace`, what an order through CSP leaves running from other channels.

    For what a customer buys from the vendor `does_already`: what it has through CSP. Nothing
    for a change of what runs.
    """
    if quote.offer is None:
        return {}
    if quote.partner is None:
        return {"does_already": does_already(quote.offer, tenant=quote.tenant)}
    return {"would_replace": would_replace(quote.offer, tenant=quote.tenant)}


def held_beside(quotes: Iterable[Quote]) -> list[Subscription]:
    """Return what the customer has through CSP that does the same as any of these, once each."""
    found = [each for quote in quotes for each in paid_beside(quote).get("does_already", [])]
    return list({each.pk: each for each in found}.values())
