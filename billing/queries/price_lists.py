"""Which price lists there are, and what is on them. Nothing here writes."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from subscriptions.models import Offer

from ..models import Price, PriceList
from ..models.price_lists import PriceListQuerySet


@dataclass(frozen=True, slots=True)
class PriceFilter:
    """What somebody looks for on a list; empty fields do not narrow."""

    text: str = ""
    family: str = ""
    segment: str = ""
    duration: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The lists of a market as partners see them on a day; each group newest first."""

    in_force: PriceList | None
    upcoming: list[PriceList]
    history: list[PriceList]


def visible_lists(*, market: str, currency: str, at: datetime) -> PriceListQuerySet:
    """Return the lists of a market that partners may see at that moment (R13)."""
    return PriceList.objects.visible_at(at).for_market(market=market, currency=currency)


def lists_to_announce(*, at: datetime) -> PriceListQuerySet:
    """Return the visible lists that partners have not been told of yet, the oldest first."""
    return (
        PriceList.objects.visible_at(at)
        .filter(published_at__isnull=True)
        .order_by("effective_on", "pk")
    )


def list_in_force(*, market: str, currency: str, on: date) -> PriceList | None:
    return PriceList.objects.for_market(market=market, currency=currency).in_force_on(on).first()


def overview(lists: PriceListQuerySet, *, on: date) -> Overview:
    """Sort `lists`, which must be visible ones of one market, by what they are on `on`."""
    ordered = list(lists.order_by("-effective_on"))
    started = [each for each in ordered if each.effective_on <= on]
    return Overview(
        in_force=started[0] if started else None,
        upcoming=[each for each in ordered if each.effective_on > on],
        history=started[1:],
    )


def list_before(price_list: PriceList) -> PriceList | None:
    """Return the list that `price_list` follows: the scheduled one before it."""
    return (
        PriceList.objects.for_market(market=price_list.market, currency=price_list.currency)
        .filter(scheduled_at__isnull=False, effective_on__lt=price_list.effective_on)
        .order_by("-effective_on")
        .first()
    )


def state_of(price_list: PriceList, *, in_force: PriceList | None, on: date) -> str:
    """Return "draft", "upcoming", "in_force" or "superseded"; `in_force` is its market's list."""
    if price_list.scheduled_at is None:
        return "draft"
    if price_list.effective_on > on:
        return "upcoming"
    return "in_force" if in_force is not None and in_force == price_list else "superseded"


def prices_of(price_list: PriceList, wanted: PriceFilter) -> QuerySet[Price]:
    """Return the list's rows that match, by offer title, with the offer loaded."""
    rows = Price.objects.filter(price_list=price_list).select_related("offer", "price_list")
    if wanted.text:
        rows = rows.filter(
            Q(offer__title__icontains=wanted.text) | Q(offer__sku__icontains=wanted.text)
        )
    exact = {
        "offer__product_family": wanted.family,
        "segment": wanted.segment,
        "duration": wanted.duration,
        "plan": wanted.plan,
    }
    return rows.filter(**{field: value for field, value in exact.items() if value}).order_by(
        "offer__title", "offer_id", "segment", "-duration", "-plan", "valid_from"
    )


def families_of(*lists: PriceList) -> list[str]:
    """Return the product families on these lists, sorted."""
    listed = Price.objects.filter(price_list__in=lists, offer=OuterRef("pk"))
    return list(
        Offer.objects.filter(Exists(listed))
        .exclude(product_family="")
        .values_list("product_family", flat=True)
        .distinct()
        .order_by("product_family")
    )
