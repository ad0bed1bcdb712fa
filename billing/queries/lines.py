"""A line of an invoice, a quote or a preview, as plain values that can be shown and explained."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from ..models import Charge


@dataclass(frozen=True, slots=True)
class Line:
    """
    One charge on one leg, with everything it says about itself. Stored values only.

    `period_from` to `period_until` (half-open) is the full billing period, whose `divisor`
    days `unit_price` pays for; it is charged from `charged_from`, `days` of them. A period
    charge (rule 1) has no fact: `fact_kind` is empty and `changed_on` None. `reseller` is the
    one of record, in 2-tier.
    """

    leg: int
    charge_type: str
    currency: str
    offer_title: str
    offer_sku: str
    subscription_id: UUID
    customer_id: UUID
    customer_name: str
    customer_domain: str
    customer_country: str
    plan: str
    segment: str
    duration: str
    term_starts_on: date
    term_ends_on: date
    period_from: date
    period_until: date
    charged_from: date
    seats: int
    unit_price: Decimal
    price_source: str
    amount: Decimal
    fact_kind: str = ""
    fact_id: UUID | None = None
    changed_on: date | None = None
    seats_before: int | None = None
    seats_after: int | None = None
    changed_by: str = ""
    reason: str = ""
    order_id: UUID | None = None
    ordered_on: date | None = None
    reseller: str = ""

    @property
    def charge_type_label(self) -> str:
        return str(Charge.ChargeType(self.charge_type).label)

    @property
    def days(self) -> int:
        return (self.period_until - self.charged_from).days

    @property
    def divisor(self) -> int:
        return (self.period_until - self.period_from).days

    @property
    def last_day(self) -> date:
        """The last day charged, as screens show it."""
        return date.fromordinal(self.period_until.toordinal() - 1)

    @property
    def is_prorated(self) -> bool:
        return self.charged_from != self.period_from


# What `line_of` reads besides the charge itself.
RELATED = (
    "locked_price__term",
    "locked_price__subscription__tenant",
    "locked_price__subscription__reseller__tenant",
    "seat_change__by",
    "seat_change__order_line__order",
)


def chronological(charges: QuerySet[Charge]) -> QuerySet[Charge]:
    """Return them as invoices list them: by customer's subscription, day and event."""
    return charges.select_related(*RELATED).order_by(
        "charged_from", "locked_price__subscription_id", "id"
    )


def line_of(charge: Charge) -> Line:
    locked = charge.locked_price
    term, subscription, change = locked.term, locked.subscription, charge.seat_change
    order_line = getattr(change, "order_line", None) if change else None
    return Line(
        leg=locked.leg,
        charge_type=charge.charge_type,
        currency=locked.currency,
        offer_title=locked.offer_title,
        offer_sku=locked.offer_sku,
        subscription_id=subscription.public_id,
        customer_id=subscription.tenant.public_id,
        customer_name=subscription.tenant.name,
        customer_domain=subscription.tenant.domain,
        customer_country=subscription.tenant.country,
        plan=locked.plan,
        segment=locked.segment,
        duration=term.duration,
        term_starts_on=term.starts_on,
        term_ends_on=term.ends_on,
        period_from=charge.period_from,
        period_until=charge.period_until,
        charged_from=charge.charged_from,
        seats=charge.seats,
        unit_price=locked.unit_price,
        price_source=locked.price_source,
        amount=charge.amount,
        fact_kind=change.kind if change else "",
        fact_id=change.public_id if change else None,
        changed_on=change.effective_on if change else None,
        seats_before=change.seats_before if change else None,
        seats_after=change.seats_after if change else None,
        changed_by=str(change.by) if change and change.by else "",
        reason=change.reason if change else "",
        order_id=order_line.order.public_id if order_line else None,
        ordered_on=order_line.order.placed_at.date() if order_line else None,
        reseller=subscription.reseller.tenant.name if subscription.reseller else "",
    )
