"""
Transitions to CSP: what is held from another channel beside the CSP one that replaces it.

The programme moves nothing by itself: the customer buys anew and cancels the old one, and
pays both until then. Everything here is read from the data; nothing is ticked by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Lower

from relationships.queries.relationships import customers_of
from subscriptions.models import Subscription, SubscriptionNotice
from subscriptions.queries.replaced import beside_csp, held_twice, with_replacement
from tenants.models import Partner, Tenant

from .transition_money import Prices, Spent, prices_for
from .transition_spans import Spans, spans_of

# Customers up to which all are looked through for each page.
MANY_CUSTOMERS = 2_000
MOST_SEEN = 10_000
REMINDED_EVERY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Case:
    """
    One subscription of another channel, `old`, and the CSP one that replaces it, `new`.

    Both run from `since` on, for `days` until today or until the old one ended (`ended_on`,
    the first day without it). Prices are None for whoever has no part in them (R9), or if
    nothing is known. `moved_on` is the day since when the present sellers have the CSP one,
    if it moved to them within those days.
    """

    old: Subscription
    new: Subscription | None
    since: date | None
    ended_on: date | None
    days: int
    old_spent: Spent | None = None
    new_spent: Spent | None = None
    moved_on: date | None = None

    @property
    def is_open(self) -> bool:
        return self.new is not None and self.old.is_live


def open_cases(
    tenants: QuerySet[Tenant] | list[int], *, partner: Partner | None = None
) -> QuerySet[Subscription]:
    """Return the old subscription of each case in which two are paid for one use."""
    found = held_twice(tenants, partner=partner)
    return found.select_related(
        "tenant", "offer", "partner_of_record__tenant", "partner__tenant"
    ).order_by(Lower("tenant__name"), "tenant_id", "title", "pk")


def open_cases_seen(
    partner: Partner, *, on: date, size: int | None = None
) -> QuerySet[Subscription]:
    """
    Return a partner's open cases: found now, or of very many customers by the daily run.

    Looking through a hundred thousand customers takes seconds. Beyond `MANY_CUSTOMERS` only
    what the run of the last 14 days reminded of is looked at again, so that a case shows up
    a day after it began; one that is over is gone at once. `size` is about how many
    customers there are, if the caller knows.
    """
    customers = customers_of(partner).values("customer_id")
    if size is None:
        size = customers[: MANY_CUSTOMERS + 1].count()
    if size <= MANY_CUSTOMERS:
        return open_cases(Tenant.objects.filter(pk__in=customers), partner=partner)
    told = SubscriptionNotice.objects.filter(
        kind=SubscriptionNotice.Kind.TWICE,
        sent_on__gt=on - REMINDED_EVERY,
        subscription__tenant__in=customers,
    )
    ids = list(told.values_list("subscription_id", flat=True).distinct()[:MOST_SEEN])
    return open_cases(Tenant.objects.filter(pk__in=customers), partner=partner).filter(pk__in=ids)


def counts_by_tenant(
    tenants: QuerySet[Tenant] | list[int], *, partner: Partner | None = None
) -> dict[int, int]:
    """Return how many open cases each tenant has; those without are left out."""
    counts: dict[int, int] = {}
    if tenants == []:
        return counts
    for tenant_id in held_twice(tenants, partner=partner).values_list("tenant_id", flat=True):
        counts[tenant_id] = counts.get(tenant_id, 0) + 1
    return counts


def case_of(old: Subscription, *, partner: Partner | None = None) -> Subscription:
    """Return `old` again as `cases_of` needs it, whatever state it is in."""
    found = with_replacement(beside_csp().filter(pk=old.pk), partner=partner)
    return found.select_related(
        "tenant", "offer", "partner_of_record__tenant", "partner__tenant"
    ).get()


def cases_of(
    olds: Iterable[Subscription], *, viewer: Tenant, with_prices: bool, on: date
) -> list[Case]:
    """
    Return the case of each, in order: at most five queries, however many there are.

    `viewer` is the customer, who sees both sums, or a partner, who sees only what it sells.
    A CSP one that moved to other sellers is one subscription: the days before count, and each
    seller's price for its own days. That takes two queries more.
    """
    held = list(olds)
    new_ids = {_new_id(old) for old in held} - {None}
    news = (
        Subscription.objects.select_related("offer", "partner__tenant", "reseller__tenant")
        .filter(pk__in=new_ids)
        .in_bulk()
    )
    spans = spans_of(held, news.values(), on=on)
    rows = [stretch.row for stretches in spans.stretches.values() for stretch in stretches]
    prices = prices_for(viewer, held=held, rows=rows, on=on) if with_prices else None
    return [_case(old, news.get(_new_id(old) or 0), spans, prices, on) for old in held]


def _case(
    old: Subscription, new: Subscription | None, spans: Spans, prices: Prices | None, on: date
) -> Case:
    since, ended_on = spans.both_since(old, new), spans.ended.get(old.pk)
    until = ended_on or on
    days = max((until - since).days, 0) if since else 0
    case = Case(old=old, new=new, since=since, ended_on=ended_on, days=days)
    if prices is not None:
        case = replace(case, old_spent=prices.of_old(old, days))
    if new is None or since is None:
        return case
    stretches = spans.stretches[new.pk]
    if stretches[-1].starts_on > since:
        case = replace(case, moved_on=stretches[-1].starts_on)
    if prices is None:
        return case
    counted = [(stretch.row, stretch.days_in(since, until)) for stretch in stretches]
    return replace(case, new_spent=prices.of_new(counted))


def _new_id(old: Subscription) -> int | None:
    found: int | None = getattr(old, "replaced_by_id", None)
    return found
