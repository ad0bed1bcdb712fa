"""What a customer may do with one of its subscriptions, and whom to ask for the rest."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import State
from subscriptions.services.support import SUPPORT_FROM

from .subscription_page import Row


@dataclass(frozen=True, slots=True)
class Move:
    url: str
    label: str | Promise
    icon: str
    kind: str


_IMPORTED = gettext_lazy(
    "It was bought before this portal. You can cancel it here, without a charge or credit. Its "
    "seats cannot be changed: its term and price are not kept here."
)
_TRIAL = gettext_lazy(
    "It is a free trial of 25 seats, and ends by itself. Before that, buy the offer, or let a CSP "
    "partner convert the trial; you can also cancel it."
)
_ADD_ON = gettext_lazy(
    "It is an add-on to %(base)s: it is billed on the same days, renews and ends with it. You "
    "change its seats and cancel it here."
)
_ENDED = gettext_lazy("It has ended. To have the service again, buy it anew.")
_READER = gettext_lazy(
    "You can look at it and its bills. A Tenant admin of your organisation changes or cancels it."
)
_WORDS = {
    Channel.CSP: gettext_lazy(
        "%(partner)s manages it: seats, add-ons, suspending and cancelling are its acts. Ask "
        "%(partner)s; nothing of it can be changed here."
    ),
    Channel.DIRECT: gettext_lazy(
        "You change its seats, decide whether it renews and as what, and cancel it, all here."
    ),
    Channel.ADVISOR: gettext_lazy(
        "You manage it; the partner of record only advises and cannot change it. You cancel it "
        "here with fewer than %(limit)d licences assigned; with more, you send the vendor's "
        "support a request."
    ),
    Channel.OPEN: gettext_lazy(
        "It was paid when its key was bought. Before it ends, redeem another key."
    ),
    Channel.EA: gettext_lazy(
        "Your enterprise agreement governs it. Ask whoever manages that agreement."
    ),
    Channel.SYNDICATION: gettext_lazy(
        "Your syndication partner manages it. Ask them; nothing changes here."
    ),
}


def own_words(row: Row, *, has_term: bool, may_buy: bool) -> str:
    """
    Return what the person can do with it, in sentences; for CSP whom to ask (R10).

    `may_buy` is true for Tenant admins; a Billing reader reads who does it instead.
    """
    subscription = row.subscription
    channel = Channel(subscription.channel)
    words = _WORDS[channel]
    if row.is_customers_own and row.is_ended:
        words = _ENDED
    elif row.is_customers_own and not may_buy:
        words = _READER
    elif subscription.is_trial:
        words = _TRIAL
    elif channel == Channel.DIRECT and not has_term:
        words = _IMPORTED
    elif channel == Channel.DIRECT and subscription.base:
        words = _ADD_ON
    base = subscription.base.title if subscription.base else ""
    return str(words) % {"partner": row.partner, "limit": SUPPORT_FROM, "base": base}


def own_moves(row: Row, *, has_term: bool) -> list[Move]:
    """Return the buttons that apply: none for what somebody else manages, or has ended."""
    subscription = row.subscription
    if subscription.channel == Channel.OPEN and not row.is_ended:
        redeem = gettext_lazy("Redeem another key")
        return [Move(reverse("subscriptions:redeem-key"), redeem, "key", "outline")]
    if not row.is_customers_own or row.is_ended:
        return []
    own = [subscription.public_id]
    moves = []
    if has_term and subscription.state == State.ACTIVE and not subscription.is_trial:
        label = gettext_lazy("Change seats")
        moves.append(Move(reverse("billing:own-seats", args=own), label, "edit", "primary"))
        label = gettext_lazy("Next term: price and changes")
        url = reverse("billing:own-next-term", args=own)
        moves.append(Move(url, label, "calendar-clock", "outline"))
        if subscription.channel == Channel.DIRECT and not subscription.base_id:
            url = reverse("billing:shop") + f"?kind=add-ons&base={subscription.public_id}"
            moves.append(Move(url, gettext_lazy("Buy an add-on"), "add", "outline"))
    if subscription.is_trial:
        label = gettext_lazy("Buy from the vendor")
        moves.append(Move(reverse("billing:shop"), label, "cart", "outline"))
    label = gettext_lazy("Cancel the subscription")
    moves.append(Move(reverse("billing:own-cancel", args=own), label, "dismiss", "quiet"))
    return moves
