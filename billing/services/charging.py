"""Locked prices, and the charge that every fact makes on every leg (rule 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from csp_portal.shared.dates import Period, period_containing
from csp_portal.shared.money import minor_units, round_money
from relationships.queries.links import link_that_counts
from subscriptions.domain.lifecycle import FactKind
from subscriptions.models import SeatChange, Subscription, Term
from tenants.models import Tenant

from ..domain.discounts import less_percent
from ..domain.proration import not_below_zero, prorate
from ..models import Charge, LockedPrice, Price
from ..models.price_lists import Plan
from ..queries.prices import price_on

ZERO = Decimal("0.00")
CHARGE_TYPES = {
    FactKind.ORDERED: Charge.ChargeType.NEW,
    FactKind.SUSPENDED: Charge.ChargeType.SUSPEND,
    FactKind.REACTIVATED: Charge.ChargeType.REACTIVATE,
    FactKind.CANCELLED: Charge.ChargeType.CANCEL,
    FactKind.EXPIRED: Charge.ChargeType.CANCEL,
    FactKind.TRANSFERRED_OUT: Charge.ChargeType.TRANSFER,
    FactKind.TRANSFERRED_IN: Charge.ChargeType.TRANSFER,
}


@dataclass(frozen=True, slots=True)
class Leg:
    """
    Seller to buyer, and which price of a price list row the buyer pays.

    `terms` is what the price's source says after the list, such as ", ERP less 10 %".
    """

    number: int
    seller: Tenant
    buyer: Tenant
    price_of: Callable[[Price], Decimal]
    terms: str = ""


def legs_of(subscription: Subscription) -> list[Leg]:
    """
    Return the chain from the vendor to the customer.

    With a reseller there is a leg in the middle: the provider's price to it, which is the
    estimated retail price less what their link agreed. Direct and Advisor have one leg, at
    list price.
    """
    partner, reseller = subscription.partner, subscription.reseller
    vendor = Tenant.objects.vendor()
    if partner is None:
        return [Leg(1, vendor, subscription.tenant, lambda price: price.erp)]
    if reseller is not None:
        link = link_that_counts(provider=partner, reseller=reseller)
        discount = link.discount_percent
        return [
            Leg(1, vendor, partner.tenant, lambda price: price.unit_price),
            Leg(
                2,
                partner.tenant,
                reseller.tenant,
                lambda price: less_percent(price.erp, discount),
                f", ERP less {discount.normalize():f} %",
            ),
            Leg(3, reseller.tenant, subscription.tenant, lambda price: price.erp),
        ]
    return [
        Leg(1, vendor, partner.tenant, lambda price: price.unit_price),
        Leg(2, partner.tenant, subscription.tenant, lambda price: price.erp),
    ]


def billed_by_vendor(subscription: Subscription) -> Tenant:
    """Return whose market and currency count: the CSP partner's, else the customer's own."""
    return subscription.partner.tenant if subscription.partner else subscription.tenant


def lock_prices(
    *,
    term: Term,
    segment: str,
    plan: str,
    seen_at: datetime | None = None,
    priced_on: date | None = None,
) -> list[LockedPrice]:
    """
    Fix what `term` costs on each leg, to its end: the list in force on its first day counts.

    Currency and market are those of whom the vendor bills: see `billed_by_vendor`. `seen_at`
    is for previews of a later term: lists that partners cannot see at that moment are left
    out (R13). A term that was moved to this partner is `priced_on` the day it had begun.

    :raises NoPrice: if that list does not have the offer on these conditions
    """
    subscription = term.subscription
    offer, billed = subscription.offer, billed_by_vendor(subscription)
    assert offer is not None  # whatever has a term of ours has one
    currency = billed.currency
    price = price_on(
        offer=offer,
        segment=segment,
        duration=term.duration,
        plan=plan,
        market=billed.country,
        currency=currency,
        on=priced_on or term.starts_on,
        seen_at=seen_at,
    )
    is_yearly = plan == Plan.ANNUAL and term.duration == Term.Duration.YEAR
    effective_on = price.price_list.effective_on
    return LockedPrice.objects.bulk_create(
        LockedPrice(
            term=term,
            leg=leg.number,
            seller=leg.seller,
            buyer=leg.buyer,
            subscription=subscription,
            currency=currency,
            minor_units=minor_units(currency),
            plan=plan,
            period_months=12 if is_yearly else 1,
            segment=segment,
            unit_price=leg.price_of(price),
            price=price,
            price_source=f"price list {effective_on.day} {effective_on:%b %Y}{leg.terms}",
            offer_title=offer.title,
            offer_sku=offer.sku,
        )
        for leg in legs_of(subscription)
    )


def charge(*, change: SeatChange) -> list[Charge]:
    """
    Write what `change` costs, or credits, on every leg of its term: rule 2.

    A fact without billable seats, or of the day the term ends, costs nothing. The caller
    holds the lock on the subscription, so facts are charged in their order.
    """
    term = change.term
    if not change.billable_delta or change.effective_on not in term.period:
        return []
    locked_prices = term.locked_prices.select_related("seller", "buyer").order_by("leg")
    return Charge.objects.bulk_create(
        _charge_on(change=change, locked=locked) for locked in locked_prices
    )


def charge_type_of(change: SeatChange) -> Charge.ChargeType:
    kind = FactKind(change.kind)
    if kind in CHARGE_TYPES:
        return CHARGE_TYPES[kind]
    return Charge.ChargeType.ADD if change.billable_delta > 0 else Charge.ChargeType.REMOVE


def _charge_on(*, change: SeatChange, locked: LockedPrice) -> Charge:
    term = change.term
    period = period_containing(
        change.effective_on, term.period, anchor=term.anchor_on, months=locked.period_months
    )
    return Charge(
        locked_price=locked,
        seat_change=change,
        charge_type=charge_type_of(change),
        period_from=period.start,
        period_until=period.end,
        charged_from=change.effective_on,
        seats=change.billable_delta,
        amount=_amount(change=change, locked=locked, period=period),
    )


def _amount(*, change: SeatChange, locked: LockedPrice, period: Period) -> Decimal:
    """Return the prorated amount; a credit never exceeds what the period was charged."""
    undone = _undone_by(change)
    if undone is not None:
        amounts = Charge.objects.filter(seat_change=undone, locked_price=locked)
        return ZERO - (amounts.aggregate(sum=Sum("amount"))["sum"] or ZERO)
    amount = prorate(
        unit_price=locked.unit_price,
        seats=change.billable_delta,
        used=period.rest_from(change.effective_on),
        period=period,
        minor_units=locked.minor_units,
    )
    if amount >= 0:
        return amount
    return not_below_zero(
        amount, charged_so_far=_charged_so_far(change=change, locked=locked, period=period)
    )


def _undone_by(change: SeatChange) -> SeatChange | None:
    """Return the fact just before, if `change` takes exactly it back on the same day."""
    before = change.term.changes.exclude(pk=change.pk).order_by("-id").first()
    is_opposite = (
        before is not None
        and before.effective_on == change.effective_on
        and before.billable_delta == -change.billable_delta
    )
    return before if is_opposite else None


def _charged_so_far(*, change: SeatChange, locked: LockedPrice, period: Period) -> Decimal:
    """
    Return what the period costs before `change`: its period charge and the earlier changes.

    The period charge counts although the month's close writes it, maybe weeks later.
    """
    earlier = change.term.changes.exclude(pk=change.pk)
    seats = change.term.opening_seats + (
        earlier.filter(effective_on__lt=period.start).aggregate(sum=Sum("billable_delta"))["sum"]
        or 0
    )
    changes = Charge.objects.filter(
        seat_change__in=earlier, locked_price=locked, period_from=period.start
    )
    return round_money(locked.unit_price * seats, locked.minor_units) + (
        changes.aggregate(sum=Sum("amount"))["sum"] or ZERO
    )
