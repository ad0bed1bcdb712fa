"""
The life of a CSP, Direct or Advisor subscription, one verb each.

All of them lock the tenant and then the subscription with its base and add-ons, append
facts and change nothing else: no price (that is billing's), and nothing for whoever does
not manage the channel (R3, R6, R10; see `owners`). They read the subscription anew; the
rows they return carry it (`change.term.subscription`), the instance that was passed in
stays as it was.
"""

from .buying import buy
from .provisioning import provision
from .scheduling import schedule_change, take_back
from .seats import change_seats
from .states import cancel, reactivate, set_auto_renew, suspend
from .terms import expire, renew

__all__ = [
    "buy",
    "cancel",
    "change_seats",
    "expire",
    "provision",
    "reactivate",
    "renew",
    "schedule_change",
    "set_auto_renew",
    "suspend",
    "take_back",
]
