"""What becomes of a subscription when its term is over, in the few words a list has room for."""

from django.utils.translation import gettext as _

from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription


def renewal_words(subscription: Subscription) -> str:
    """Return "renews automatically", or why it does not; asks for `offer` and `base__offer`."""
    if not subscription.is_live:
        return _("ended")
    if subscription.state == State.SUSPENDED:
        return _("cancelled unless reactivated")
    if not subscription.auto_renew:
        return _("no auto-renew")
    if subscription.is_offer_withdrawn:
        return _("offer withdrawn, ends unless changed")
    if not subscription.renews:
        return _("ends with its base")
    return _("renews automatically")
