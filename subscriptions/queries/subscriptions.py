from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from tenants.models import Tenant

from ..domain.channels import Channel
from ..domain.lifecycle import LIVE
from ..models import SeatChange, Subscription, Term
from ..models.subscriptions import SubscriptionQuerySet

_CHANNEL_ORDER = (
    Channel.CSP,
    Channel.DIRECT,
    Channel.ADVISOR,
    Channel.OPEN,
    Channel.EA,
    Channel.SYNDICATION,
)


_BOUGHT_HERE = (Channel.DIRECT, Channel.ADVISOR, Channel.OPEN)


def subscriptions_of(tenant: Tenant) -> QuerySet[Subscription]:
    """
    Return all a tenant holds, in no order: see `in_families`.

    It shows what R9 lets a CSP partner see of other channels, and there is nothing more to
    see here: subscriptions know no price.
    """
    return Subscription.objects.of_tenant(tenant).select_related(
        "offer",
        "base__offer",
        "partner__tenant",
        "reseller__tenant",
        "partner_of_record__tenant",
    )


def in_families(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return them with CSP first, live before ended, add-ons right under their base."""
    return sorted(subscriptions, key=_place)


def _place(subscription: Subscription) -> tuple[object, ...]:
    base = subscription.base or subscription
    return (
        _CHANNEL_ORDER.index(Channel(subscription.channel)),
        base.state not in LIVE,
        base.title,
        base.pk,
        subscription.base_id is not None,
        subscription.title,
        subscription.pk,
    )


def with_terms() -> SubscriptionQuerySet:
    """Return what this portal keeps the terms of: all CSP, and what customers bought here."""
    has_term = Exists(Term.objects.filter(subscription=OuterRef("pk")))
    return Subscription.objects.filter(
        Q(channel=Channel.CSP) | Q(has_term, channel__in=_BOUGHT_HERE)
    )


def term_on(subscription: Subscription, day: date) -> Term | None:
    """Return the term that contains `day`, if there is one."""
    return subscription.terms.filter(starts_on__lte=day, ends_on__gt=day).first()  # no overlap


def history_of(subscription: Subscription) -> QuerySet[SeatChange]:
    """Return every fact of a CSP subscription, newest first."""
    return (
        SeatChange.objects.filter(term__subscription=subscription)
        .select_related("term", "by", "acting_for")
        .order_by("-effective_on", "-pk")
    )
