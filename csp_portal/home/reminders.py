"""Reminding both sides of what is paid twice. Nothing is ever cancelled here."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef

from billing.services.term_notices import readers
from csp_portal.shared.letters import absolute, compose
from relationships.models import Relationship
from subscriptions.models import Subscription, SubscriptionNotice
from tenants.acts import Act
from tenants.models import Tenant, User
from tenants.services import activity

from .queries.transitions import REMINDED_EVERY, Case, cases_of, open_cases

log = logging.getLogger(__name__)

SHOWN = 50
Kind = SubscriptionNotice.Kind


def remind_of_transitions(*, act: Act) -> int:
    """
    Mail the customer's admins and its CSP partner about each open case; return how many cases.

    A case is told of when it begins and then every 14 days at most. The customer reads both
    sums, the partner only its days (R9). Safe to repeat, and twice at once.
    """
    served = Relationship.objects.active().values("customer")
    with transaction.atomic():
        # the vendor's row is the turnstile: a second run waits here and finds all told
        Tenant.objects.select_for_update(no_key=True).vendor()
        recently = SubscriptionNotice.objects.filter(
            subscription=OuterRef("pk"), kind=Kind.TWICE, sent_on__gt=act.on - REMINDED_EVERY
        )
        olds = list(open_cases(Tenant.objects.filter(pk__in=served)).filter(~Exists(recently)))
        _write(olds, act=act)
        partners = _cases(olds, act, with_prices=False)
    _mail(_by_tenant(partners), to_partner=True)
    _mail(_of_customers(partners, act), to_partner=False)
    return len(olds)


def _cases(olds: Sequence[Subscription], act: Act, *, with_prices: bool) -> list[Case]:
    if not olds:
        return []
    return cases_of(olds, viewer=olds[0].tenant, with_prices=with_prices, on=act.on)


def _write(olds: Sequence[Subscription], *, act: Act) -> None:
    SubscriptionNotice.objects.bulk_create(
        SubscriptionNotice(
            subscription=old,
            kind=Kind.TWICE,
            about_on=act.on,
            days=0,
            sent_on=act.on,
            sent_at=act.at,
        )
        for old in olds
    )
    entries = [
        activity.Entry(
            old.tenant_id,
            old.public_id,
            f"{old.title}: paid twice, beside the CSP subscription that replaces it",
        )
        for old in olds
    ]
    if entries:
        activity.record_many(act=act, action="subscription.paid-twice", entries=entries)


def _by_tenant(cases: Iterable[Case]) -> dict[int, list[Case]]:
    """Return each selling organisation's cases: partner and, in 2-tier, reseller."""
    found: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        sellers = [case.new.partner, case.new.reseller] if case.new else []
        for seller in sellers:
            if seller is not None:
                found[seller.tenant_id].append(case)
    return found


def _of_customers(cases: Iterable[Case], act: Act) -> dict[int, list[Case]]:
    """Return each customer's cases anew, now with the sums that only it may read."""
    olds: dict[int, list[Subscription]] = defaultdict(list)
    for case in cases:
        olds[case.old.tenant_id].append(case.old)
    return {pk: _cases(held, act, with_prices=True) for pk, held in olds.items()}


def _mail(by_tenant: dict[int, list[Case]], *, to_partner: bool) -> None:
    for person in readers(by_tenant):
        letter = _letter(person.user, by_tenant[person.tenant_id], to_partner=to_partner)
        try:
            letter.send()
        except (SMTPException, OSError):
            log.exception("a reminder could not be mailed to %s", person.public_id)


def _letter(to: User, cases: Sequence[Case], *, to_partner: bool) -> EmailMultiAlternatives:
    return compose(
        to=to.email,
        template="home/paid_twice",
        language=to.language,
        context={
            "cases": cases[:SHOWN],
            "count": len(cases),
            "more": max(len(cases) - SHOWN, 0),
            "to_partner": to_partner,
            "url": absolute("home:transitions"),
        },
    )
