"""R17: a customer cancels an Advisor subscription itself while few licences are assigned."""

from tenants.acts import Act

from ..domain.channels import Channel
from ..models import Subscription
from .errors import NeedsSupport

# With this many assigned licences, or more, the vendor's support cancels it.
SUPPORT_FROM = 25


def require_no_support_needed(locked: Subscription, act: Act) -> None:
    """
    Refuse a customer that wants to cancel an Advisor subscription with 25 or more licences.

    The count is the one under the subscription's lock, which whoever assigns a licence
    takes as well: the 25th cannot slip in between. The vendor's operators, who act for no
    organisation, are the support that is asked.

    :raises NeedsSupport: with the number of assigned licences
    """
    is_customers_act = act.organisation is not None
    is_advisor = locked.channel == Channel.ADVISOR
    if is_customers_act and is_advisor and locked.assigned_seats >= SUPPORT_FROM:
        raise NeedsSupport(locked.assigned_seats, SUPPORT_FROM)
