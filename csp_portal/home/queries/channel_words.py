"""Who helps with a subscription and what the customer can do with it, channel by channel."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.domain.channels import Channel

_SUPPORTED_BY = {
    Channel.DIRECT: gettext_lazy("The vendor"),
    Channel.ADVISOR: gettext_lazy("The vendor"),
    Channel.OPEN: gettext_lazy("The vendor"),
    Channel.EA: gettext_lazy("The vendor"),
    Channel.SYNDICATION: gettext_lazy("The syndication partner"),
}
_CAN_DO = {
    Channel.DIRECT: gettext_lazy("You manage it"),
    Channel.ADVISOR: gettext_lazy("You manage it; the advisor only recommends"),
    Channel.OPEN: gettext_lazy("You manage it; renew it with a new licence key"),
    Channel.EA: gettext_lazy("You manage it within your agreement"),
    Channel.SYNDICATION: gettext_lazy("Ask the syndication partner"),
}


def supported_by(channel: Channel, *, partner: str) -> str:
    """Return who answers for it: a CSP partner is its customers' single point of contact."""
    return str(_SUPPORTED_BY.get(channel, partner))


def what_the_customer_can_do(channel: Channel, *, partner: str) -> str:
    """R10: a customer changes nothing about a CSP subscription; it is told whom to ask."""
    return str(_CAN_DO[channel]) if channel in _CAN_DO else _("Ask %s") % partner
