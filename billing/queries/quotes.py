"""The lines of a quote: what a change will cost, leg by leg, as the quote stores and shows it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Self

from csp_portal.shared.money import round_money
from tenants.models import Tenant

from ..models import Charge, Quote
from .explain import explain
from .lines import line_of


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """
    One charge that confirming the quote makes.

    `per_month` is what the subscription costs on this leg afterwards, per month (a twelfth
    of a yearly price). `renews_on` is the day its term ends. `words` is the arithmetic.
    """

    leg: int
    seller: str
    seller_id: str
    buyer: str
    buyer_id: str
    currency: str
    offer: str
    charge_type: str
    seats: int
    unit_price: Decimal
    plan: str
    period_from: date
    period_until: date
    charged_from: date
    days: int
    divisor: int
    amount: Decimal
    per_month: Decimal
    renews_on: date
    words: str

    @property
    def last_day(self) -> date:
        """The last day charged, as screens show it."""
        return date.fromordinal(self.period_until.toordinal() - 1)

    def to_json(self) -> dict[str, Any]:
        """Return strings and integers only, equal for equal lines."""
        return {
            name: value if isinstance(value, int) else str(value)
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        parse: dict[Any, Any] = {Decimal: Decimal, date: date.fromisoformat}
        values = {
            field.name: parse.get(field.type, lambda value: value)(stored[field.name])
            for field in fields(cls)
        }
        return cls(**values)


def quote_lines(quote: Quote, *, organisation: Tenant) -> list[QuoteLine]:
    """Return the lines of the legs that `organisation` buys or sells on, in their order."""
    own = str(organisation.public_id)
    lines = [QuoteLine.from_json(line) for line in quote.lines]
    return [line for line in lines if own in {line.seller_id, line.buyer_id}]


def lines_of_charges(charges: Iterable[Charge]) -> list[QuoteLine]:
    return [_line(charge) for charge in charges]


def without_words(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return stored lines as they bind: the words may be in another language."""
    return [{name: v for name, v in line.items() if name != "words"} for line in lines]


def _line(charge: Charge) -> QuoteLine:
    locked, line = charge.locked_price, line_of(charge)
    seats_after = locked.term.billable_seats
    per_month = locked.unit_price * seats_after / locked.period_months
    return QuoteLine(
        leg=locked.leg,
        seller=locked.seller.name,
        seller_id=str(locked.seller.public_id),
        buyer=locked.buyer.name,
        buyer_id=str(locked.buyer.public_id),
        currency=locked.currency,
        offer=locked.offer_title,
        charge_type=charge.charge_type,
        seats=charge.seats,
        unit_price=locked.unit_price,
        plan=locked.plan,
        period_from=charge.period_from,
        period_until=charge.period_until,
        charged_from=charge.charged_from,
        days=line.days,
        divisor=line.divisor,
        amount=charge.amount,
        per_month=round_money(per_month, locked.minor_units),
        renews_on=locked.term.ends_on,
        words=explain(line),
    )
