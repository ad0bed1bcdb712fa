"""Automatic renewal of many subscriptions at once, with a result for each."""

from collections.abc import Iterable
from dataclasses import dataclass

from tenants.acts import Act

from ..models import Subscription
from .errors import SubscriptionRefused
from .states import set_auto_renew


@dataclass(frozen=True, slots=True)
class AutoRenewResult:
    """What became of one row: changed, or why not, in words for the person who asked."""

    subscription: Subscription
    refusal: str

    @property
    def is_changed(self) -> bool:
        return not self.refusal


def set_auto_renew_many(
    *, subscriptions: Iterable[Subscription], is_on: bool, act: Act
) -> list[AutoRenewResult]:
    """
    Turn automatic renewal of each on or off; one that is refused stops no other.

    Each in its own transaction, in the order of their tenants and ids. The results come in
    the order that was given.
    """
    asked = list(subscriptions)
    results = {}
    for subscription in sorted(asked, key=lambda each: (each.tenant_id, each.pk)):
        try:
            set_auto_renew(subscription=subscription, is_on=is_on, act=act)
        except SubscriptionRefused as refused:
            results[subscription.pk] = AutoRenewResult(subscription, str(refused))
        else:
            results[subscription.pk] = AutoRenewResult(subscription, "")
    return [results[subscription.pk] for subscription in asked]
