"""What a seat costs on a day, by the price list in force. Nothing here writes."""

from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from subscriptions.models import Offer

from ..models import Price, PriceList


class NoPrice(Exception):
    """The price list in force on that day does not have the offer on these conditions."""


def price_on(
    *,
    offer: Offer,
    segment: str,
    duration: str,
    plan: str,
    market: str,
    currency: str,
    on: date,
    seen_at: datetime | None = None,
) -> Price:
    """
    Return the row of the list in force on `on`, with its list and offer loaded.

    Where the list has several rows with overlapping validity, the one that started last
    counts. For a day ahead give `seen_at`, the present moment: a list that partners may not
    see yet (R13) is then left out, and its predecessor's price is returned instead.

    :raises NoPrice: if there is none
    """
    price = (
        _in_force(market=market, currency=currency, on=on, seen_at=seen_at)
        .filter(offer=offer, segment=segment, duration=duration, plan=plan)
        .order_by(F("valid_from").desc(nulls_last=True))
        .first()
    )
    if price is None:
        raise NoPrice(f"{offer} ({segment}, {duration}, {plan}) in {market} {currency} on {on}")
    return price


def prices_for_sale(*, market: str, currency: str, on: date) -> QuerySet[Price]:
    """
    Return what can be ordered on `on`: one row per offer, segment, term and plan.

    In no particular order; offer and price list are loaded. Trials and offers that are not
    available are left out (R11).
    """
    later = Price.objects.filter(
        price_list=OuterRef("price_list"),
        offer=OuterRef("offer"),
        segment=OuterRef("segment"),
        duration=OuterRef("duration"),
        plan=OuterRef("plan"),
        valid_from__gt=Coalesce(OuterRef("valid_from"), Value(date.min)),
        valid_from__lte=on,
    ).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on))
    return (
        _in_force(market=market, currency=currency, on=on)
        .filter(offer__in=Offer.objects.for_sale())
        .exclude(Exists(later))
    )


def _in_force(
    *, market: str, currency: str, on: date, seen_at: datetime | None = None
) -> QuerySet[Price]:
    lists = PriceList.objects.for_market(market=market, currency=currency).in_force_on(on)
    if seen_at is not None:
        lists = lists.visible_at(seen_at)
    return (
        Price.objects.filter(price_list=lists.values("pk")[:1])
        .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=on))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on))
        .select_related("offer", "price_list")
    )
