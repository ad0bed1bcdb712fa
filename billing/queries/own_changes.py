"""Why a customer cannot do something with a subscription, said before it tries."""

from django.utils.translation import gettext as _

from subscriptions.models import Subscription
from subscriptions.services.errors import NoTermHere, SubscriptionRefused, TrialIsFixed
from subscriptions.services.owners import require_owner
from subscriptions.services.support import require_no_support_needed
from tenants.acts import Act

from ..models import LockedPrice, Quote
from .consequences import can_start


def why_not(*, kind: str, subscription: Subscription, act: Act) -> SubscriptionRefused | None:
    """Return what the service would refuse it with, as far as it is known before; else None."""
    try:
        require_owner(subscription, act)
        if not can_start(kind=kind, subscription=subscription):
            return _over(subscription)
        if kind == Quote.QuoteKind.SEATS and not subscription.terms.exists():
            return NoTermHere(subscription.title)
        if kind == Quote.QuoteKind.CANCEL:
            require_no_support_needed(subscription, act)
    except SubscriptionRefused as refusal:
        return refusal
    return None


def why_no_next_term(*, subscription: Subscription, act: Act) -> SubscriptionRefused | None:
    """Return why the customer cannot change what it will be from its next term on; else None."""
    try:
        require_owner(subscription, act)
    except SubscriptionRefused as refusal:
        return refusal
    if not subscription.is_live:
        return _over(subscription)
    if subscription.is_trial:
        return TrialIsFixed()
    if not LockedPrice.objects.filter(subscription=subscription).exists():
        return NoTermHere(subscription.title)
    return None


def _over(subscription: Subscription) -> SubscriptionRefused:
    return SubscriptionRefused(
        _("%(title)s is %(state)s. To have the service again, buy it anew.")
        % {"title": subscription.title, "state": subscription.get_state_display().lower()}
    )
