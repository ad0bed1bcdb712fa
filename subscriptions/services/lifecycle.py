"""
The life of a CSP subscription, one verb each.

All of them lock the tenant and then the subscription with its base and add-ons, append
facts and change nothing else: no price (that is billing's), and no subscription of another
channel (R3, R6). They read the subscription anew; the rows they return carry it
(`change.term.subscription`), the instance that was passed in stays as it was.
"""

from .provisioning import provision
from .seats import change_seats
from .states import cancel, reactivate, set_auto_renew, suspend
from .terms import expire, renew

__all__ = [
    "cancel",
    "change_seats",
    "expire",
    "provision",
    "reactivate",
    "renew",
    "set_auto_renew",
    "suspend",
]
