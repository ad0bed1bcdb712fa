"""What a new subscription would be paid beside: said before the click."""

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
