"""Telling people of what renews, ends, or is cancelled soon: each step once, by mail and log."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from smtplib import SMTPException

from django.db import transaction

from subscriptions.models import SubscriptionNotice
from tenants.acts import Act
from tenants.models import Membership, Tenant
from tenants.roles import Action
from tenants.services import activity

from ..notice_letters import notice_letter
from ..queries.term_notices import Due, Kind, candidates, due_notices

log = logging.getLogger(__name__)

AT_A_TIME = 1_000
LOOK_AFTER = (Action.ORDER, Action.REQUEST_ORDERS, Action.ACCEPT_INVITATIONS)
ACTIONS = {
    Kind.RENEWS: "subscription.renews-soon",
    Kind.EXPIRES: "subscription.expires-soon",
    Kind.KEPT: "subscription.cancelled-soon",
}
WORDS = {
    Kind.RENEWS: "{title}: renews in {days}, on {day}",
    Kind.EXPIRES: "{title}: ends in {days}; {last} is its last day",
    Kind.KEPT: "{title}: suspended; it is cancelled in {days}, on {day}",
}


def notify_due(*, act: Act) -> int:
    """
    Tell the seller and the customer of every step that is due on `act.on`; return how many.

    A thousand subscriptions in a transaction, which writes what was told; the mails follow
    its commit, one to each person about all of it. Safe to repeat, and twice at once.
    """
    ids = list(candidates(on=act.on).values_list("pk", flat=True))
    return sum(
        _notify(ids[start : start + AT_A_TIME], act=act) for start in range(0, len(ids), AT_A_TIME)
    )


@transaction.atomic
def _notify(ids: Sequence[int], *, act: Act) -> int:
    # the vendor's row is the turnstile: a second run waits here and finds everybody told
    Tenant.objects.select_for_update(no_key=True).vendor()
    held = candidates(on=act.on).filter(pk__in=ids)
    due = due_notices(held, on=act.on, at=act.at)
    SubscriptionNotice.objects.bulk_create(
        SubscriptionNotice(
            subscription=each.subscription,
            kind=each.kind,
            about_on=each.about_on,
            days=each.days,
            sent_on=act.on,
            sent_at=act.at,
        )
        for each in due
    )
    for kind in Kind:
        entries = [
            activity.Entry(tenant.pk, each.subscription.public_id, _in_words(each, act))
            for each in due
            if each.kind == kind
            for tenant in _concerned(each)
        ]
        if entries:
            activity.record_many(act=act, action=ACTIONS[kind], entries=entries)
    transaction.on_commit(lambda: _mail(due), robust=True)
    return len(due)


def _in_words(due: Due, act: Act) -> str:
    return WORDS[Kind(due.kind)].format(
        title=due.subscription.title,
        days=_days((due.about_on - act.on).days),
        day=due.about_on,
        last=due.last_day,
    )


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _concerned(due: Due) -> list[Tenant]:
    """Return who is told: partner, reseller and the customer."""
    subscription = due.subscription
    partners = [p for p in (subscription.partner, subscription.reseller) if p is not None]
    return [*(partner.tenant for partner in partners), subscription.tenant]


def _mail(due: Iterable[Due]) -> None:
    by_tenant: dict[int, list[Due]] = defaultdict(list)
    tenants: dict[int, Tenant] = {}
    for each in due:
        for tenant in _concerned(each):
            tenants[tenant.pk] = tenant
            by_tenant[tenant.pk].append(each)
    for person in readers(tenants):
        letter = notice_letter(to=person.user, due=by_tenant[person.tenant_id])
        try:
            letter.send()
        except (SMTPException, OSError):
            log.exception("a notice could not be mailed to %s", person.public_id)


def readers(tenants: Iterable[int]) -> list[Membership]:
    """
    Return who looks after subscriptions: who orders at a partner, Tenant admins.

    At a reseller nobody orders; whoever asks its provider to does. Disabled people read nothing.
    """
    members = Membership.objects.active().filter(tenant__in=list(tenants), user__is_active=True)
    return [
        member
        for member in members.select_related("user", "tenant__partner").order_by("tenant", "pk")
        if any(member.may(action) for action in LOOK_AFTER)
    ]
