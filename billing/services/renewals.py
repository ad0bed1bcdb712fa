"""What becomes of subscriptions whose term is over, and of those suspended for too long."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from subscriptions.domain.lifecycle import SUSPENSION_DAYS, State
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from tenants.acts import Act
from tenants.models import Tenant

from ..models import LockedPrice, PriceList
from ..queries.prices import NoPrice, price_on
from .charging import lock_prices

log = logging.getLogger(__name__)


class NoPriceList(Exception):
    """No list at all is in force in the partner's market, so nothing says what it costs."""


@dataclass(slots=True)
class RenewalReport:
    """How many subscriptions became what; add-ons count with their base, not by themselves."""

    renewed: int = 0
    expired: int = 0
    cancelled: int = 0
    failures: list[tuple[Subscription, str]] = field(default_factory=list)


def renew_due(*, act: Act) -> RenewalReport:
    """
    Renew, expire or cancel every CSP subscription that is due on `act.on`.

    On the day its term ends an active subscription gets the next term at the price in force
    that day, however late this runs. It expires if automatic renewal is off or the list no
    longer has its offer. One that is suspended at its term's end, or for 90 days, is
    cancelled. Each in its own transaction: one that fails is reported, the others go on,
    and the next run tries it again.
    """
    report = RenewalReport()
    for subscription in _suspended_too_long(act) + _over(act):
        try:
            _settle(subscription, report=report, act=act)
        except Exception as error:
            log.exception("renewing subscription %s failed", subscription.public_id)
            report.failures.append((subscription, f"{type(error).__name__}: {error}"))
    return report


def _suspended_too_long(act: Act) -> list[Subscription]:
    latest = act.on - timedelta(days=SUSPENSION_DAYS)
    suspended = Subscription.objects.csp().filter(
        state=State.SUSPENDED, suspended_on__lte=latest, ends_on__gt=act.on
    )
    # a base first: its add-ons are cancelled with it
    return list(suspended.order_by(F("base_id").asc(nulls_first=True), "pk"))


def _over(act: Act) -> list[Subscription]:
    over = Subscription.objects.csp().live().filter(ends_on__lte=act.on, base__isnull=True)
    return list(over.order_by("ends_on", "pk"))


def _settle(subscription: Subscription, *, report: RenewalReport, act: Act) -> None:
    """Repeat until its term runs on `act.on`: after a standstill several may be due."""
    while True:
        with transaction.atomic():
            now = _locked(subscription)
            if not now.is_live:
                return
            if now.state == State.SUSPENDED:
                if not _is_to_be_cancelled(now, act):
                    return
                lifecycle.cancel(subscription=now, reason="suspended for too long", act=act)
                report.cancelled += 1
                return
            assert now.ends_on is not None  # a CSP subscription has a term
            if act.on < now.ends_on:
                return
            if not now.auto_renew or not _is_listed(now):
                lifecycle.expire(subscription=now, act=act)
                report.expired += 1
                return
            _renew(now, act=act)
            report.renewed += 1


def _locked(subscription: Subscription) -> Subscription:
    """Return it as it is now. Lock order: the tenant, then the subscription."""
    Tenant.objects.select_for_update(no_key=True).get(pk=subscription.tenant_id)
    return (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tenant", "offer", "partner__tenant")
        .get(pk=subscription.pk)
    )


def _is_to_be_cancelled(subscription: Subscription, act: Act) -> bool:
    assert subscription.ends_on is not None  # a CSP subscription has a term
    since = subscription.suspended_on or act.on
    return subscription.ends_on <= act.on or act.on - since >= timedelta(days=SUSPENSION_DAYS)


def _renew(subscription: Subscription, *, act: Act) -> None:
    for add_on in subscription.add_ons.filter(state=State.ACTIVE, auto_renew=True).order_by("pk"):
        if not _is_listed(add_on):
            lifecycle.expire(subscription=add_on, act=act)
    for term in lifecycle.renew(subscription=subscription, act=act):
        before = _locked_price_before(term.subscription)
        lock_prices(term=term, segment=before.segment, plan=before.plan)


def _is_listed(subscription: Subscription) -> bool:
    """
    Tell whether the list in force on the day its term ends still has its offer.

    :raises NoPriceList: if there is no list at all; that is no reason to end a service
    """
    offer, partner, day = subscription.offer, subscription.partner, subscription.ends_on
    assert offer is not None  # subscriptions_csp_has_its_partner_and_offer
    assert partner is not None  # the same
    assert day is not None  # a CSP subscription has a term
    market, currency = partner.tenant.country, partner.tenant.currency
    lists = PriceList.objects.for_market(market=market, currency=currency)
    if not lists.in_force_on(day).exists():
        raise NoPriceList(f"{market} {currency} on {day}")
    before = _locked_price_before(subscription)
    try:
        price_on(
            offer=offer,
            segment=before.segment,
            duration=before.term.duration,
            plan=before.plan,
            market=market,
            currency=currency,
            on=day,
        )
    except NoPrice:
        return False
    return True


def _locked_price_before(subscription: Subscription) -> LockedPrice:
    """Return the price of the newest term that has one: it says segment and billing plan."""
    return (
        LockedPrice.objects.filter(subscription=subscription)
        .select_related("term")
        .order_by("-term__number", "leg")[0]
    )
