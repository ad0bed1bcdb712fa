"""
What a customer holds in all channels, as its CSP partner or the customer itself may see it.

R9: of other channels a partner sees offer, channel, state, seats, renewal and partner of
record, never a price. Prices here are the CSP leg's that the organisation has a part in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import LockedPrice
from billing.models.price_lists import Plan
from csp_portal.shared.dates import add_months
from csp_portal.shared.money import round_money
from subscriptions.domain.channels import RULES, Channel
from subscriptions.domain.lifecycle import LIVE, WHAT_USERS_CAN_DO, State
from subscriptions.models import SeatChange, Subscription, Term
from subscriptions.queries import subscriptions_of
from tenants.models import Tenant

ZERO = Decimal("0.00")
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription as a list shows it; `price` is None for whoever has no part in its leg."""

    subscription: Subscription
    price: LockedPrice | None
    billed_by: str
    supported_by: str
    is_locked: bool
    why_locked: str

    @property
    def per(self) -> str:
        if self.price is None:
            return ""
        return _("per year") if self.price.plan == Plan.ANNUAL else _("per month")

    @property
    def last_day(self) -> date | None:
        """The last day of the term, as screens show it."""
        ends_on = self.subscription.ends_on
        return ends_on - timedelta(days=1) if ends_on else None

    @property
    def monthly(self) -> Decimal:
        """What its billable seats cost per month; a yearly price counts a twelfth."""
        if self.price is None or self.subscription.state != State.ACTIVE:
            return ZERO
        whole = self.price.unit_price * self.subscription.seats / self.price.period_months
        return round_money(whole, self.price.minor_units)

    @property
    def is_ended(self) -> bool:
        return not self.subscription.is_live

    @property
    def renewal_words(self) -> str:
        if self.is_ended:
            return _("ended")
        return _("renews automatically") if self.subscription.auto_renew else _("ends then")

    @property
    def what_users_can_do(self) -> str:
        return WHAT_USERS_CAN_DO[State(self.subscription.state)]

    @property
    def line(self) -> str:
        """The second line under its title."""
        subscription = self.subscription
        if subscription.base:
            return _("Add-on to %s") % subscription.base.title
        if subscription.partner_of_record:
            return _("Partner of record: %s") % subscription.partner_of_record.tenant.name
        if subscription.note:
            return subscription.note
        return subscription.offer.sku if subscription.offer else subscription.reference


def rows_of(*, tenant: Tenant, viewer: Tenant, with_prices: bool, on: date) -> list[Row]:
    """
    Return every subscription of `tenant` for `viewer`: the tenant itself or its partner.

    Three queries, however many there are.
    """
    subscriptions = list(subscriptions_of(tenant))
    prices = _prices(subscriptions, viewer, on) if with_prices else {}
    return [_row(s, viewer, prices.get(s.pk)) for s in subscriptions]


def _prices(
    subscriptions: Iterable[Subscription], viewer: Tenant, on: date
) -> Mapping[int, LockedPrice]:
    """Return the running price of each CSP subscription, on the leg to the customer."""
    found = (
        LockedPrice.objects.filter(
            Q(seller=viewer) | Q(buyer=viewer),
            subscription__in=[s.pk for s in subscriptions if s.is_csp],
            term__starts_on__lte=on,
            term__ends_on__gt=on,
        )
        .select_related("term")
        .order_by("leg")
    )
    return {price.subscription_id: price for price in found}


def _row(subscription: Subscription, viewer: Tenant, price: LockedPrice | None) -> Row:
    rules = RULES[Channel(subscription.channel)]
    partner = subscription.partner.tenant.name if subscription.partner else ""
    is_mine = subscription.partner is not None and subscription.partner.tenant_id == viewer.pk
    return Row(
        subscription=subscription,
        price=price,
        billed_by=_capital(rules.billed_by.format(partner=partner)),
        supported_by=_capital(rules.managed_by.format(partner=partner)),
        is_locked=not is_mine,
        why_locked=rules.why_read_only.format(partner=partner),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Renewal:
    row: Row
    last_day: date
    days: int


def renewals_within(rows: Iterable[Row], *, on: date, days: int = 30) -> list[Renewal]:
    found = []
    for row in rows:
        ends_on = row.subscription.ends_on
        if (
            ends_on
            and row.subscription.state in LIVE
            and on <= ends_on <= on + timedelta(days=days)
        ):
            last_day = ends_on - timedelta(days=1)
            found.append(Renewal(row, last_day, max((last_day - on).days, 0)))
    return sorted(found, key=lambda renewal: renewal.last_day)


def revenue_by_month(*, tenant: Tenant, seller: Tenant, on: date) -> list[tuple[date, Decimal]]:
    """
    Return what the CSP subscriptions cost per month, at the end of each of twelve months.

    The last one is `on`'s, as of that day. Suspended seats count nothing; a yearly price
    counts a twelfth a month. Three queries.
    """
    prices = list(
        LockedPrice.objects.filter(seller=seller, buyer=tenant)
        .select_related("term")
        .order_by("id")
    )
    changes: dict[int, list[SeatChange]] = {}
    for change in SeatChange.objects.filter(term__in=[price.term_id for price in prices]).order_by(
        "effective_on", "id"
    ):
        changes.setdefault(change.term_id, []).append(change)
    first = add_months(on.replace(day=1), -11)
    months = [add_months(first, index) for index in range(12)]
    return [
        (
            month,
            sum(
                (
                    _monthly(price, changes.get(price.term_id, []), _last(month, on))
                    for price in prices
                ),
                ZERO,
            ),
        )
        for month in months
    ]


def _last(month: date, on: date) -> date:
    return min(add_months(month, 1) - timedelta(days=1), on)


def _monthly(price: LockedPrice, changes: Iterable[SeatChange], day: date) -> Decimal:
    term: Term = price.term
    if day not in term.period:
        return ZERO
    seats = term.opening_seats + sum(c.billable_delta for c in changes if c.effective_on <= day)
    return round_money(price.unit_price * seats / price.period_months, price.minor_units)
