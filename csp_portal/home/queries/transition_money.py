"""What the two subscriptions of a transition cost, as far as the viewer has part in it (R9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from billing.models import LockedPrice, Price, PriceList
from csp_portal.shared.money import minor_units, round_money
from subscriptions.models import Subscription, Term
from tenants.models import Tenant

DAYS_OF_A_YEAR = 365
MONTHS_OF_A_YEAR = 12
# Where an amount comes from.
BILLED, LISTED = "billed", "listed"


@dataclass(frozen=True, slots=True)
class Spent:
    """
    What one of the two costs: per month now, and over the days that both ran.

    `source` is "billed" if the portal bills it (the locked price counts), else "listed": the
    list price of today. Over a span it is the monthly price × 12 × days / 365, rounded once;
    of what moved to other sellers, each one's price counts for the days it sold.
    """

    per_month: Decimal
    so_far: Decimal
    currency: str
    source: str

    @property
    def is_billed(self) -> bool:
        return self.source == BILLED


@dataclass(frozen=True, slots=True)
class Prices:
    """What is known of prices: locked ones the viewer has part in, and list prices of today."""

    locked: Mapping[int, LockedPrice]
    listed: Mapping[int, Price]

    def of_old(self, old: Subscription, days: int) -> Spent | None:
        return self._spent([(old, days)])

    def of_new(self, rows: list[tuple[Subscription, int]]) -> Spent | None:
        """Return what a CSP one costs, by its rows and how many days each counts."""
        return self._spent(rows)

    def _spent(self, rows: list[tuple[Subscription, int]]) -> Spent | None:
        """
        Sum up the rows of one currency, that of the last row; the viewer's own ones only.

        A move into another market may change the currency: two of them make no sum.
        """
        present = self._monthly(rows[-1][0])
        if present is None:
            return None
        per_month, currency, source = present
        exact = Fraction(0)
        for row, days in rows:
            known = self._monthly(row)
            if known is not None and known[1] == currency:
                exact += known[0] * MONTHS_OF_A_YEAR * days / DAYS_OF_A_YEAR
        decimals = minor_units(currency)
        return Spent(
            per_month=round_money(per_month, decimals),
            so_far=round_money(exact, decimals),
            currency=currency,
            source=source,
        )

    def _monthly(self, row: Subscription) -> tuple[Fraction, str, str] | None:
        """Return the exact monthly price of all its seats, its currency, and where it is from."""
        if (locked := self.locked.get(row.pk)) is not None:
            exact = Fraction(locked.unit_price) * row.seats / locked.period_months
            return exact, locked.currency, BILLED
        if (listed := self.listed.get(row.pk)) is not None:
            return Fraction(listed.erp) * row.seats, listed.price_list.currency, LISTED
        return None


def prices_for(
    viewer: Tenant, *, held: Iterable[Subscription], rows: Iterable[Subscription], on: date
) -> Prices:
    """Return the prices of the old ones and of all rows that the new ones are or were."""
    held = list(held)
    return Prices(
        locked=_locked([*held, *rows], viewer, on),
        listed=_listed([old for old in held if old.tenant_id == viewer.pk], on),
    )


def _locked(
    subscriptions: Iterable[Subscription], viewer: Tenant, on: date
) -> Mapping[int, LockedPrice]:
    """
    Return what `viewer` pays for each, or as a partner what it bills for it.

    Never the price of a leg that the viewer has no part in (R9): a partner finds none for
    what the customer bought elsewhere, nor for what another partner sold before a transfer.
    """
    found = (
        LockedPrice.objects.filter(
            Q(seller=viewer) | Q(buyer=viewer), subscription__in=[s.pk for s in subscriptions]
        )
        .filter(term__starts_on__lte=on)
        .select_related("term")
        .order_by("term__number", "leg")
    )
    return {price.subscription_id: price for price in found}


def _listed(held: Iterable[Subscription], on: date) -> dict[int, Price]:
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
