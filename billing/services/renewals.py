"""What becomes of subscriptions whose term is over, and of those suspended for too long."""

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from subscriptions.domain.lifecycle import SUSPENSION_DAYS, State
from subscriptions.models import Subscription
from subscriptions.queries import with_terms
from subscriptions.services import lifecycle
from tenants.acts import Act
from tenants.models import Tenant

from . import next_terms

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RenewalReport:
    """How many subscriptions became what; add-ons count with their base, not by themselves."""

    renewed: int = 0
    expired: int = 0
    cancelled: int = 0
    failures: list[tuple[Subscription, str]] = field(default_factory=list)


def renew_due(*, act: Act) -> RenewalReport:
    """
    Renew, expire or cancel every subscription with terms of ours that is due on `act.on`.

    On the day its term ends an active subscription gets the next term at the price in force
    that day, however late this runs, with the changes scheduled for it. It expires if
    automatic renewal is off, its offer is withdrawn, or the list no longer has it. One that
    is suspended at its term's end, or for 90 days, is cancelled. Each in its own transaction:
    one that fails is reported, the others go on, and the next run tries it again.
    """
    report = RenewalReport()
    act = replace(act, organisation=None)  # it is the portal's doing, whoever started the run
    for subscription in _suspended_too_long(act) + _over(act):
        try:
            _settle(subscription, report=report, act=act)
        except Exception as error:
            log.exception("renewing subscription %s failed", subscription.public_id)
            report.failures.append((subscription, f"{type(error).__name__}: {error}"))
    return report


def settle(subscription: Subscription, *, act: Act) -> None:
    """Bring one subscription to `act.on`, as `renew_due` would: for whoever needs it at once."""
    _settle(subscription, report=RenewalReport(), act=act)


def _suspended_too_long(act: Act) -> list[Subscription]:
    latest = act.on - timedelta(days=SUSPENSION_DAYS)
    suspended = with_terms().filter(
        state=State.SUSPENDED, suspended_on__lte=latest, ends_on__gt=act.on
    )
    # a base first: its add-ons are cancelled with it
    return list(suspended.order_by(F("base_id").asc(nulls_first=True), "pk"))


def _over(act: Act) -> list[Subscription]:
    over = with_terms().live().filter(ends_on__lte=act.on, base__isnull=True)
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
            assert now.ends_on is not None  # it has a term
            if act.on < now.ends_on:
                return
            if next_terms.renew_or_expire(subscription=now, act=act):
                report.renewed += 1
            else:
                report.expired += 1
                return


def _locked(subscription: Subscription) -> Subscription:
    """Return it as it is now. Lock order: the tenant, then the subscription."""
    Tenant.objects.select_for_update(no_key=True).get(pk=subscription.tenant_id)
    return (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tenant", "offer", "partner__tenant")
        .get(pk=subscription.pk)
    )


def _is_to_be_cancelled(subscription: Subscription, act: Act) -> bool:
    assert subscription.ends_on is not None  # it has a term
    since = subscription.suspended_on or act.on
    return subscription.ends_on <= act.on or act.on - since >= timedelta(days=SUSPENSION_DAYS)
