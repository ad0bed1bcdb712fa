"""The demo's lifecycle: a scheduled change, an offer no longer sold, and a transition."""

from datetime import date, timedelta

from billing.services import next_terms
from csp_portal.demo_people import Cast, act
from subscriptions.models import Offer, OfferEquivalence, Subscription

WITHDRAWN = "Project Plan 3"


def lifecycle(cast: Cast, today: date) -> None:
    """Northwind takes fewer seats from its next term on; Litware's offer is withdrawn."""
    premium = Subscription.objects.csp().get(tenant=cast.northwind, title="Business Premium")
    next_terms.schedule(
        subscription=premium, seats=premium.seats - 4, act=act(cast.ada, today - timedelta(days=2))
    )
    own = Subscription.objects.get(
        tenant=cast.northwind, channel="direct", title="Visio Plan 2", is_trial=False
    )
    next_terms.schedule(
        subscription=own, seats=own.seats + 2, act=act(cast.carl, today - timedelta(days=1))
    )
    # Northwind's advisor sold it mailboxes, which Business Premium has as well: paid twice
    OfferEquivalence.objects.create(
        offer=Offer.objects.get(title="Exchange Online Plan 1"),
        replacement=Offer.objects.get(title="Business Premium"),
        note="Business Premium includes it",
    )
    Offer.objects.filter(title=WITHDRAWN).update(state=Offer.OfferState.WITHDRAWN)
