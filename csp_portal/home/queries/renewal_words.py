"""What becomes of a subscription when its term is over, in the few words a list has room for."""

from datetime import date

from django.utils.translation import gettext as _

from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription


def renewal_words(subscription: Subscription, *, on: date) -> str:
    """
    Return "renews automatically", or why it does not; asks for `offer` and `base__offer`.

    It stands beside the last day of the term, which one that was cancelled or moved did not
    reach.
    """
    if not subscription.is_live:
        return _after(subscription, on)
    if subscription.renews:
        return _("renews automatically")
    if subscription.state == State.SUSPENDED:
        return _("cancelled unless reactivated")
    if not subscription.auto_renew:
        return _("no auto-renew")
    if subscription.is_offer_withdrawn:
        return _("offer withdrawn, ends unless changed")
    return _("ends with its base")


def _after(subscription: Subscription, on: date) -> str:
    if subscription.state == State.TRANSFERRED:
        return _("moved before")
    is_ahead = subscription.last_day is not None and subscription.last_day >= on
    return _("cancelled before") if is_ahead else _("ended")
