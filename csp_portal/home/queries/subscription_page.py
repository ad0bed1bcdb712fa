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
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import LockedPrice
from billing.models.price_lists import Plan
from csp_portal.shared.money import round_money
from subscriptions.domain.channels import RULES, Channel, ChannelRules
from subscriptions.domain.lifecycle import (
    LIVE,
    SUSPENSION_DAYS,
    WHAT_USERS_CAN_DO,
    FactKind,
    State,
)
from subscriptions.models import SeatChange, Subscription, Term
from subscriptions.queries import in_families, subscriptions_of
from subscriptions.queries.replaced import is_beside_csp, with_known_offer, with_replacement
from subscriptions.services.owners import CUSTOMERS_OWN
from tenants.models import Tenant

from .channel_words import supported_by, what_the_customer_can_do
from .renewal_words import renewal_words

ZERO = Decimal("0.00")
SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """
    A subscription as a list shows it on the day `on`.

    `price` is None for whoever has no part in its leg; `suspension` is the fact, if it is
    suspended and the organisation may know who did it; `is_locked` if another sells it.
    `partner` bills and supports it, `provider` transacts it: two names in 2-tier, where
    `is_resold` says that the viewer is the reseller, which asks for changes.
    `sees_all` is true for the tenant itself and for who sells it: to others reference and
    note stay hidden, for people write agreements and cards there (R9).
    """

    subscription: Subscription
    on: date
    price: LockedPrice | None
    suspension: SeatChange | None
    partner: str
    provider: str
    is_locked: bool
    is_resold: bool
    sees_all: bool
    # Paid twice: the CSP one that does the same as this, or all that this one replaces.
    replaced_by: Subscription | None = None
    replaces: tuple[Subscription, ...] = ()

    @property
    def is_sold_through(self) -> bool:
        """Whether the viewer sells it to a reseller, which bills the customer."""
        is_two_tier = self.provider != self.partner
        return is_two_tier and not self.is_locked and not self.is_resold

    @property
    def per(self) -> str:
        if self.price is None:
            return ""
        return _("per year") if self.price.plan == Plan.ANNUAL else _("per month")

    @property
    def term_words(self) -> str:
        """Return "1 year, billed monthly" of a row that has a price."""
        if self.price is None:
            return ""
        length = Term.Duration(self.price.term.duration).label
        plan = _("billed up front") if self.price.plan == Plan.ANNUAL else _("billed monthly")
        return f"{length}, {plan}"

    @property
    def last_day(self) -> date | None:
        """The last day of the term, as screens show it; what moved away has no more days."""
        ends_on = None if self.is_moved else self.subscription.ends_on
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
    def is_moved(self) -> bool:
        """Whether it goes on as another row, with another seller."""
        return self.subscription.state == State.TRANSFERRED

    @property
    def is_ending(self) -> bool:
        """Whether it ends for good within a month."""
        return (
            self.last_day is not None
            and not self.subscription.renews
            and (self.last_day - self.on).days <= SOON_DAYS
        )

    @property
    def renewal_tone(self) -> str:
        if self.is_ended:
            return "past"
        return "soon" if self.is_ending else "plain"

    @property
    def renewal_words(self) -> str:
        words = renewal_words(self.subscription, on=self.on)
        if self.is_ended or self.last_day is None or not self.is_ending:
            return words
        days = max((self.last_day - self.on).days, 0)
        in_days = ngettext("in %d day", "in %d days", days) % days
        return f"{in_days}, {words}"

    @property
    def billed_by(self) -> str:
        return _capital(self._rules.billed_by.format(partner=self.partner))

    @property
    def managed_by(self) -> str:
        return _capital(self._rules.managed_by.format(partner=self.provider))

    @property
    def supported_by(self) -> str:
        if self.is_moved:
            return _("Nobody any more")
        return supported_by(Channel(self.subscription.channel), partner=self.partner)

    @property
    def what_you_can_do(self) -> str:
        """What the customer can do with it; with a CSP one nothing but ask (R10)."""
        if self.is_moved:
            return _("Nothing: it goes on with another seller")
        return what_the_customer_can_do(Channel(self.subscription.channel), partner=self.partner)

    @property
    def why_locked(self) -> str:
        return self._rules.why_read_only.format(partner=self.partner)

    @property
    def is_customers_own(self) -> bool:
        """Whether the customer itself changes it here; its Tenant admins do, readers do not."""
        return self.subscription.channel in CUSTOMERS_OWN

    @property
    def is_managed_by_others(self) -> bool:
        """Whether whoever sold it manages it, so that anybody at the customer can only ask."""
        return self.subscription.channel in {Channel.CSP, Channel.SYNDICATION}

    @property
    def can_move_to_csp(self) -> bool:
        """Whether a CSP subscription could take its place: there is a checklist for that."""
        return is_beside_csp(self.subscription)

    @property
    def what_users_can_do(self) -> str:
        return WHAT_USERS_CAN_DO[State(self.subscription.state)]

    @property
    def old_ones(self) -> tuple[Subscription, ...]:
        """Which are to be cancelled, if it is paid twice: this one, or what it replaces."""
        return (self.subscription,) if self.replaced_by else self.replaces

    @property
    def old_one(self) -> Subscription | None:
        return next(iter(self.old_ones), None)

    @property
    def new_one(self) -> Subscription | None:
        return self.replaced_by or (self.subscription if self.replaces else None)

    @property
    def kept_until(self) -> date | None:
        """The last day of a suspended one's data: it is cancelled on the day after."""
        since, ends_on = self.subscription.suspended_on, self.subscription.ends_on
        if self.subscription.state != State.SUSPENDED or since is None:
            return None
        day = since + timedelta(days=SUSPENSION_DAYS)
        return min(day, ends_on or day) - timedelta(days=1)

    @property
    def line(self) -> str:
        """The second line under its title."""
        subscription = self.subscription
        if subscription.base:
            return _("Add-on to %s") % subscription.base.title
        if self.suspension:
            return _suspended_by(self.suspension)
        if subscription.partner_of_record:
            return _("Partner of record: %s") % subscription.partner_of_record.tenant.name
        return self.note or self.sku

    @property
    def note(self) -> str:
        return self.subscription.note if self.sees_all else ""

    @property
    def sku(self) -> str:
        """The offer's SKU; without an offer the other system's reference."""
        if self.subscription.offer:
            return self.subscription.offer.sku
        return self.subscription.reference if self.sees_all else ""

    @property
    def _rules(self) -> ChannelRules:
        return RULES[Channel(self.subscription.channel)]


def rows_of(*, tenant: Tenant, viewer: Tenant, with_prices: bool, on: date) -> list[Row]:
    """
    Return every subscription of `tenant` for `viewer`: the tenant itself or its partner.

    What moved away from another partner is between that one and the tenant. At most three
    queries, however many there are.
    """
    is_own = viewer.pk == tenant.pk
    partner = None if is_own else getattr(viewer, "partner", None)
    held = with_replacement(with_known_offer(subscriptions_of(tenant)), partner=partner)
    subscriptions = [
        s
        for s in in_families(held)
        if s.state != State.TRANSFERRED or is_own or _involves(s, viewer)
    ]
    for subscription in subscriptions:
        subscription.tenant = tenant
    prices = _prices(subscriptions, viewer, on) if with_prices else {}
    pairs = _paid_twice(subscriptions)
    replaced = {new.pk: tuple(o for o, n in pairs if n.pk == new.pk) for _old, new in pairs}
    replacing = {old.pk: new for old, new in pairs}
    suspensions = _suspensions([s for s in subscriptions if is_own or _involves(s, viewer)])
    return [
        Row(
            subscription=s,
            on=on,
            price=prices.get(s.pk),
            suspension=suspensions.get(s.pk),
            partner=s.seller.tenant.name if s.seller else "",
            provider=s.partner.tenant.name if s.partner else "",
            is_locked=not _involves(s, viewer),
            is_resold=_is_resold_by(s, viewer),
            sees_all=is_own or _involves(s, viewer),
            replaced_by=replacing.get(s.pk),
            replaces=replaced.get(s.pk, ()),
        )
        for s in subscriptions
    ]


def _paid_twice(subscriptions: list[Subscription]) -> list[tuple[Subscription, Subscription]]:
    """Return (old, new) of what is held from another channel beside CSP."""
    by_id: dict[int | None, Subscription] = {s.pk: s for s in subscriptions}
    pairs = [(s, by_id.get(getattr(s, "replaced_by_id", None))) for s in subscriptions]
    return [(old, new) for old, new in pairs if new is not None and is_beside_csp(old)]


def _involves(subscription: Subscription, viewer: Tenant) -> bool:
    """Tell whether the viewer transacts it, or is its reseller of record."""
    partner = subscription.partner
    is_sold = partner is not None and partner.tenant_id == viewer.pk
    return is_sold or _is_resold_by(subscription, viewer)


def _is_resold_by(subscription: Subscription, viewer: Tenant) -> bool:
    return subscription.reseller is not None and subscription.reseller.tenant_id == viewer.pk


def _prices(
    subscriptions: Iterable[Subscription], viewer: Tenant, on: date
) -> Mapping[int, LockedPrice]:
    """
    Return the running price of each subscription, on the viewer's leg nearest the customer.

    What it sells at, or buys at if it sells nothing: never a leg it has no part in.
    """
    found = (
        LockedPrice.objects.filter(
            Q(seller=viewer) | Q(buyer=viewer),
            subscription__in=[s.pk for s in subscriptions],
            term__starts_on__lte=on,
            term__ends_on__gt=on,
        )
        .select_related("term")
        .order_by("leg")
    )
    return {price.subscription_id: price for price in found}


def _suspensions(subscriptions: Iterable[Subscription]) -> dict[int, SeatChange]:
    suspended = [s.pk for s in subscriptions if s.is_csp and s.state == State.SUSPENDED]
    if not suspended:
        return {}
    facts = SeatChange.objects.filter(
        kind=FactKind.SUSPENDED, term__subscription__in=suspended
    ).select_related("term", "by")
    return {fact.term.subscription_id: fact for fact in facts.order_by("effective_on", "id")}


def _suspended_by(fact: SeatChange) -> str:
    return _("Suspended by %(person)s, %(day)s") % {
        "person": fact.by or _("the portal"),
        "day": date_format(fact.effective_on, "j M"),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Renewal:
    row: Row
    last_day: date
    days: int


def renewals_within(rows: Iterable[Row], *, on: date, days: int = SOON_DAYS) -> list[Renewal]:
    """Return what renews or ends by then, the first one first."""
    found = []
    for row in rows:
        ends_on = row.subscription.ends_on
        until = on + timedelta(days=days)
        if ends_on and row.subscription.state in LIVE and on <= ends_on <= until:
            last_day = ends_on - timedelta(days=1)
            found.append(Renewal(row, last_day, max((last_day - on).days, 0)))
    return sorted(found, key=lambda renewal: renewal.last_day)
