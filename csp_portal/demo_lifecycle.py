"""The demo's lifecycle: a change that waits for the next term, and an offer no longer sold."""

from datetime import date, timedelta

from billing.services import next_terms
from csp_portal.demo_people import Cast, act
from subscriptions.models import Offer, Subscription

WITHDRAWN = "Project Plan 3"


def lifecycle(cast: Cast, today: date) -> None:
    """Northwind takes fewer seats from its next term on; Litware's offer is withdrawn."""
    premium = Subscription.objects.csp().get(tenant=cast.northwind, title="Business Premium")
    next_terms.schedule(
        subscription=premium, seats=premium.seats - 4, act=act(cast.ada, today - timedelta(days=2))
    )
    Offer.objects.filter(title=WITHDRAWN).update(state=Offer.OfferState.WITHDRAWN)
