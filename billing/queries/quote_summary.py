"""A quote as its page shows it: what each side pays now and from then on, and the margin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from csp_portal.shared.dates import Period, month_of
from csp_portal.shared.money import format_money
from tenants.models import Tenant

from ..models import Quote
from .quotes import QuoteLine, quote_lines

LONGEST_MONTH = 31
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Recurring:
    """What the seats of the quote cost per full billing period, before and after."""

    is_yearly: bool
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """One seller and one buyer. `now` is the sum of the lines; below zero it is a credit."""

    seller: str
    buyer: str
    is_sale: bool
    currency: str
    lines: list[QuoteLine]
    now: Decimal
    recurring: list[Recurring]

    @property
    def is_credit(self) -> bool:
        return self.now < 0

    @property
    def size(self) -> Decimal:
        """What is paid or credited, without the sign: the words beside it say which."""
        return abs(self.now)


@dataclass(frozen=True, slots=True)
class QuoteSummary:
    """
    `sales` are the legs on which the organisation sells, `purchases` those on which it buys.

    The margin is what is left of both, per currency none if they differ. `invoice_on` is
    the date of the invoice that the lines will be on.
    """

    sales: list[Leg]
    purchases: list[Leg]
    currency: str
    margin_now: Decimal | None
    margin_recurring: list[Recurring]
    invoice_on: date

    @property
    def legs(self) -> list[Leg]:
        return [*self.sales, *self.purchases]

    @property
    def first_line(self) -> QuoteLine | None:
        """The line whose period the page shows: the first one that is sold."""
        return next((line for leg in self.legs for line in leg.lines), None)

    @property
    def renews_on(self) -> date | None:
        return self.first_line.renews_on if self.first_line else None

    @property
    def term_last_day(self) -> date | None:
        return self.renews_on - timedelta(days=1) if self.renews_on else None

    @property
    def charged(self) -> Decimal:
        """What the customer is charged now, or credited: on its own leg if it is the one to ask."""
        return _sum(self.sales or self.purchases)


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    before: str
    after: str


def summary_of(quote: Quote, *, organisation: Tenant) -> QuoteSummary:
    lines = quote_lines(quote, organisation=organisation)
    own = str(organisation.public_id)
    legs: dict[int, list[QuoteLine]] = {}
    for line in lines:
        legs.setdefault(line.leg, []).append(line)
    found = [_leg(quote, group, is_sale=group[0].seller_id == own) for group in legs.values()]
    sales = [leg for leg in found if leg.is_sale]
    purchases = [leg for leg in found if not leg.is_sale]
    is_comparable = bool(sales and purchases) and len({leg.currency for leg in found}) == 1
    return QuoteSummary(
        sales=sales,
        purchases=purchases,
        currency=found[0].currency if found else organisation.currency,
        margin_now=_sum(sales) - _sum(purchases) if is_comparable else None,
        margin_recurring=_margin(sales, purchases) if is_comparable else [],
        invoice_on=month_of(quote.on).end,
    )


def differences(old: Quote, new: Quote, *, organisation: Tenant) -> list[Difference]:
    """Return what a quote that was priced anew says differently; empty if nothing."""
    before = _facts(summary_of(old, organisation=organisation), old)
    after = _facts(summary_of(new, organisation=organisation), new)
    return [
        Difference(label, before.get(label, "–"), after.get(label, "–"))
        for label in dict.fromkeys([*before, *after])
        if before.get(label) != after.get(label)
    ]


def _leg(quote: Quote, lines: list[QuoteLine], *, is_sale: bool) -> Leg:
    return Leg(
        seller=lines[0].seller,
        buyer=lines[0].buyer,
        is_sale=is_sale,
        currency=lines[0].currency,
        lines=lines,
        now=sum((line.amount for line in lines), ZERO),
        recurring=_recurring(quote, lines),
    )


def _recurring(quote: Quote, lines: Iterable[QuoteLine]) -> list[Recurring]:
    sums: dict[bool, tuple[Decimal, Decimal]] = {}
    for line in lines:
        after = _seats_after(quote, line)
        is_yearly = line.divisor > LONGEST_MONTH
        so_far = sums.get(is_yearly, (ZERO, ZERO))
        sums[is_yearly] = (
            so_far[0] + line.unit_price * (after - line.seats),
            so_far[1] + line.unit_price * after,
        )
    return [Recurring(is_yearly, before, after) for is_yearly, (before, after) in sums.items()]


def _seats_after(quote: Quote, line: QuoteLine) -> int:
    """Return the billable seats the change leaves behind on the line's subscription."""
    match Quote.QuoteKind(quote.kind):
        case Quote.QuoteKind.SUSPEND | Quote.QuoteKind.CANCEL:
            return 0
        case Quote.QuoteKind.REACTIVATE:
            return line.seats
        case _:
            return quote.seats or 0


def _margin(sales: list[Leg], purchases: list[Leg]) -> list[Recurring]:
    sums: dict[bool, tuple[Decimal, Decimal]] = {}
    for sign, legs in ((1, sales), (-1, purchases)):
        for part in (part for leg in legs for part in leg.recurring):
            before, after = sums.get(part.is_yearly, (ZERO, ZERO))
            sums[part.is_yearly] = (before + sign * part.before, after + sign * part.after)
    return [Recurring(is_yearly, before, after) for is_yearly, (before, after) in sums.items()]


def _sum(legs: Iterable[Leg]) -> Decimal:
    return sum((leg.now for leg in legs), ZERO)


def _facts(summary: QuoteSummary, quote: Quote) -> dict[str, str]:
    facts = {_("Priced for"): f"{quote.on.day} {quote.on:%b %Y}"}
    for leg in summary.legs:
        pays = _("%(buyer)s pays %(seller)s") % {"buyer": leg.buyer, "seller": leg.seller}
        facts[pays] = format_money(leg.now, leg.currency)
        for line in leg.lines:
            each = _("%(buyer)s, per seat of %(offer)s") % {
                "buyer": leg.buyer,
                "offer": line.offer,
            }
            facts[each] = format_money(line.unit_price, leg.currency)
            period = Period(line.charged_from, line.period_until)
            facts[_("Period of %(offer)s") % {"offer": line.offer}] = (
                f"{period.start} – {period.last_day}"
            )
    return facts
