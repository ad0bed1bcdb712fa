"""What a subscription can be from its next term on."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from subscriptions.models import Offer, Subscription

from ..models import Price, PriceList


def offers_for_next_term(
    *, subscription: Subscription, segment: str, at: datetime
) -> QuerySet[Offer]:
    """
    Return the offers on the newest list known at `at` for the day its term ends, by title.

    Its own offer is among them even if it is not for sale any more: keeping it is no change.
    """
    day = subscription.ends_on
    assert day is not None  # what is renewed has a term
    billed = subscription.partner.tenant if subscription.partner else subscription.tenant
    newest = (
        PriceList.objects.for_market(market=billed.country, currency=billed.currency)
        .visible_at(at)
        .in_force_on(day)
    )
    listed = Price.objects.filter(
        price_list=newest.values("pk")[:1], offer=OuterRef("pk"), segment=segment
    )
    others = Offer.objects.for_sale().filter(Exists(listed), is_add_on=False)
    own = Offer.objects.filter(subscriptions=subscription)
    return Offer.objects.filter(Q(pk__in=others) | Q(pk__in=own)).order_by("title", "pk")
