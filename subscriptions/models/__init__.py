from .imports import FileImport
from .offers import Offer
from .open_keys import KeyAttempt, OpenKey
from .scheduled_changes import ScheduledChange
from .subscriptions import Subscription
from .terms import SeatChange, Term

__all__ = [
    "FileImport",
    "KeyAttempt",
    "Offer",
    "OpenKey",
    "ScheduledChange",
    "SeatChange",
    "Subscription",
    "Term",
]
