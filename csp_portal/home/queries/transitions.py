"""
Transitions to CSP: what is held from another channel beside the CSP one that replaces it.

The programme moves nothing by itself: the customer buys anew and cancels the old one, and
pays both until then. Everything here is read from the data; nothing is ticked by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Lower

from billing.models import LockedPrice, Price, PriceList
from csp_portal.shared.money import minor_units, round_money
from relationships.queries.relationships import customers_of
from subscriptions.domain.lifecycle import FactKind
from subscriptions.models import SeatChange, Subscription, SubscriptionNotice, Term
from subscriptions.queries.replaced import beside_csp, held_twice, with_replacement
from tenants.models import Activity, Partner, Tenant

DAYS_OF_A_YEAR = 365
MONTHS_OF_A_YEAR = 12
# Customers up to which all are looked through for each page.
MANY_CUSTOMERS = 2_000
MOST_SEEN = 10_000
REMINDED_EVERY = timedelta(days=14)
# Where an amount comes from.
BILLED, LISTED = "billed", "listed"


@dataclass(frozen=True, slots=True)
class Spent:
    """
    What one of the two costs: per month now, and over the days that both ran.

    `source` is "billed" if the portal bills it (the locked price counts), else "listed": the
    list price of today. Over a span it is the monthly price × 12 × days / 365, rounded once.
    """

    per_month: Decimal
    so_far: Decimal
    currency: str
    source: str

    @property
    def is_billed(self) -> bool:
        return self.source == BILLED


@dataclass(frozen=True, slots=True)
class Case:
    """
    One subscription of another channel, `old`, and the CSP one that replaces it, `new`.

    Both run from `since` on, for `days` until today or until the old one ended (`ended_on`,
    the first day without it). Prices are None for whoever has no part in them (R9), or if
    nothing is known.
    """

    old: Subscription
    new: Subscription | None
    since: date | None
    ended_on: date | None
    days: int
    old_spent: Spent | None = None
    new_spent: Spent | None = None

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
    """
    held = list(olds)
    new_ids = {_new_id(old) for old in held} - {None}
    news = (
        Subscription.objects.select_related("offer", "partner__tenant", "reseller__tenant")
        .filter(pk__in=new_ids)
        .in_bulk()
    )
    first = _first_days([*(old.pk for old in held), *news])
    ended, logged = _ends(held), _logged_ends(held)
    spans = {}
    for old in held:
        new = news.get(_new_id(old) or 0)
        since = (
            max(first.get(new.pk, new.starts_on), first.get(old.pk, old.starts_on)) if new else None
        )
        last = _ended_on(old, ended.get(old.pk), logged.get(str(old.public_id)), on)
        days = max(((last or on) - since).days, 0) if since else 0
        spans[old.pk] = (new, since, last, days)
    prices = _prices(held, news.values(), viewer, on) if with_prices else {}
    listed = _list_prices([o for o in held if o.tenant_id == viewer.pk], on) if with_prices else {}
    return [
        Case(
            old,
            *spans[old.pk],
            _spent(old, prices.get(old.pk), listed.get(old.pk), spans[old.pk][3]),
            _spent(new, prices.get(new.pk), None, spans[old.pk][3])
            if (new := spans[old.pk][0])
            else None,
        )
        for old in held
    ]


def _new_id(old: Subscription) -> int | None:
    found: int | None = getattr(old, "replaced_by_id", None)
    return found


def _first_days(ids: Iterable[int]) -> Mapping[int, date]:
    """Return the first day of each one's first term; a subscription's own is its running term's."""
    terms = Term.objects.filter(subscription__in=list(ids)).order_by().values("subscription_id")
    return dict(terms.annotate(first=Min("starts_on")).values_list("subscription_id", "first"))


def _ends(held: Iterable[Subscription]) -> Mapping[int, SeatChange]:
    facts = SeatChange.objects.filter(
        kind__in=[FactKind.CANCELLED, FactKind.EXPIRED],
        term__subscription__in=[old.pk for old in held if not old.is_live],
    )
    return {
        fact.term.subscription_id: fact
        for fact in facts.select_related("term", "by").order_by("effective_on", "pk")
    }


def _logged_ends(held: Iterable[Subscription]) -> Mapping[str, date]:
    """Return the day that imported ones were cancelled here: those have no facts, but a log."""
    gone = [str(old.public_id) for old in held if not old.is_live]
    if not gone:
        return {}
    rows = Activity.objects.filter(
        tenant__in={old.tenant_id for old in held},
        action__in=["subscription.cancelled", "subscription.ended-elsewhere"],
        about__in=gone,
    )
    return {about: at.date() for about, at in rows.values_list("about", "at")}


def _ended_on(
    old: Subscription, fact: SeatChange | None, logged: date | None, on: date
) -> date | None:
    """Return the first day without it; of one that ended elsewhere its term's end."""
    if old.is_live:
        return None
    if fact is None:
        return logged or min(old.ends_on or on, on)
    if fact.kind == FactKind.EXPIRED:
        return fact.term.ends_on
    return fact.effective_on


def _prices(
    held: Iterable[Subscription], news: Iterable[Subscription], viewer: Tenant, on: date
) -> Mapping[int, LockedPrice]:
    """
    Return what `viewer` pays for each, or as a partner what the customer pays it.

    Never the price of a leg that the viewer has no part in (R9): a partner finds none for
    what the customer bought elsewhere.
    """
    ids = [each.pk for each in (*held, *news)]
    found = (
        LockedPrice.objects.filter(Q(seller=viewer) | Q(buyer=viewer), subscription__in=ids)
        .filter(term__starts_on__lte=on)
        .select_related("term")
        .order_by("term__number", "leg")
    )
    return {price.subscription_id: price for price in found}


def _list_prices(held: Iterable[Subscription], on: date) -> dict[int, Price]:
    """Return today's list price, per seat and month, of what the portal does not bill."""
    wanted = {
        old.pk: (getattr(old, "known_offer_id", None), old.tenant.country, old.tenant.currency)
        for old in held
    }
    offers = {offer for offer, _country, _currency in wanted.values() if offer}
    if not offers:
        return {}
    in_force = (
        PriceList.objects.in_force_on(on)
        .order_by("market", "currency", "-effective_on")
        .distinct("market", "currency")
    )
    prices = {
        (price.offer_id, price.price_list.market, price.price_list.currency): price
        for price in Price.objects.filter(
            price_list__in=list(in_force),
            offer__in=offers,
            segment="commercial",
            duration=Term.Duration.YEAR,
            plan="monthly",
        ).select_related("price_list")
    }
    return {pk: prices[key] for pk, key in wanted.items() if key in prices}


def _spent(
    subscription: Subscription, locked: LockedPrice | None, listed: Price | None, days: int
) -> Spent | None:
    if locked is not None:
        exact = Fraction(locked.unit_price) * subscription.seats / locked.period_months
        currency, source = locked.currency, BILLED
    elif listed is not None:
        exact = Fraction(listed.erp) * subscription.seats
        currency, source = listed.price_list.currency, LISTED
    else:
        return None
    decimals = minor_units(currency)
    return Spent(
        per_month=round_money(exact, decimals),
        so_far=round_money(exact * MONTHS_OF_A_YEAR * days / DAYS_OF_A_YEAR, decimals),
        currency=currency,
        source=source,
    )
