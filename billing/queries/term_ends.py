"""Whether a subscription will have a next term, as far as price lists and wishes are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from subscriptions.models import Offer, ScheduledChange, Subscription, Term
from tenants.models import Tenant

from ..models import LockedPrice, Price, PriceList
from ..models.price_lists import Plan

# What a row of a price list is found by: offer, segment, term, billing plan.
Conditions = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class NextTerms:
    """
    What waits for the renewal of some subscriptions, and which of them have a next term.

    It asks what the renewal will (`services.next_terms`): the newest list known at `at` for
    the day must have the offer on its conditions. A wish that cannot be had is dropped and
    the subscription is renewed as it was, so it ends only if that cannot be had either.
    """

    changes: dict[int, ScheduledChange]
    prices: dict[int, LockedPrice]
    bases_of: dict[int, set[int]]
    lists: "_Lists"

    def has_one(self, each: Subscription) -> bool:
        """Tell whether the offer it has, or is scheduled to have, is sold for the next term."""
        return any(self._is_sold(each, change) for change in {self.changes.get(each.pk), None})

    def fits_its_base(self, add_on: Subscription) -> bool:
        """Tell whether it can be added to what its base will be; what is no add-on fits."""
        change = self.changes.get(add_on.base_id or 0)
        allowed = self.bases_of.get(add_on.offer_id or 0)
        return (
            change is None or change.offer_id is None or not allowed or (change.offer_id in allowed)
        )

    def _is_sold(self, each: Subscription, change: ScheduledChange | None) -> bool:
        offer = change.offer if change is not None and change.offer else each.offer
        if offer is None or offer.state == Offer.OfferState.WITHDRAWN:
            return False
        before = self.prices.get(each.pk)
        if before is None:
            return True  # the portal does not bill it, so no list has a say
        base_change = self.changes.get(each.base_id or 0)
        duration = (
            (base_change.duration if base_change else "")
            or (change.duration if change else "")
            or before.term.duration
        )
        plan = (change.plan if change else "") or before.plan
        if each.base_id and duration == Term.Duration.MONTH:
            plan = Plan.MONTHLY
        return self.lists.have(each, (offer.pk, before.segment, duration, plan))


def next_terms_of(subscriptions: Iterable[Subscription], *, at: datetime) -> NextTerms:
    """Read what that takes: two queries, one more for add-ons of bases that change their offer."""
    held = list(subscriptions)
    ids = {each.pk for each in held} | {each.base_id for each in held if each.base_id}
    changes = ScheduledChange.objects.open().filter(subscription__in=ids).select_related("offer")
    by_subscription = {change.subscription_id: change for change in changes}
    locked = (
        LockedPrice.objects.filter(subscription__in=ids)
        .select_related("term")
        .order_by("subscription_id", "-term__number", "leg")
        .distinct("subscription_id")
    )
    moved = [each for each in held if each.base_id in by_subscription]
    return NextTerms(
        changes=by_subscription,
        prices={price.subscription_id: price for price in locked},
        bases_of=_bases_of(moved) if moved else {},
        lists=_Lists(at),
    )


def _bases_of(add_ons: Iterable[Subscription]) -> dict[int, set[int]]:
    """Return the offers that each add-on's offer can be added to; none named means any."""
    through: Any = Offer.add_on_to.through
    pairs = through.objects.filter(from_offer__in=[each.offer_id for each in add_ons])
    found: dict[int, set[int]] = {}
    for add_on, base in pairs.values_list("from_offer_id", "to_offer_id"):
        found.setdefault(add_on, set()).add(base)
    return found


class _Lists:
    """The rows of the newest list known for a day; asks once per market and month."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._rows: dict[tuple[str, str, date], set[Conditions] | None] = {}

    def have(self, each: Subscription, wanted: Conditions) -> bool:
        assert each.ends_on is not None  # only what ends is asked about
        billed: Tenant = each.partner.tenant if each.partner else each.tenant
        key = (billed.country, billed.currency, each.ends_on.replace(day=1))
        if key not in self._rows:
            self._rows[key] = self._known(*key)
        rows = self._rows[key]
        return rows is None or wanted in rows

    def _known(self, market: str, currency: str, month: date) -> set[Conditions] | None:
        """Return what is on it; None if there is no list, for then nothing ends."""
        newest = (
            PriceList.objects.for_market(market=market, currency=currency)
            .visible_at(self._at)
            .in_force_on(month)
            .first()
        )
        if newest is None:
            return None
        rows = Price.objects.filter(price_list=newest)
        return set(rows.values_list("offer_id", "segment", "duration", "plan"))
