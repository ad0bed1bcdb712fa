from .imports import FileImport
from .offers import Offer
from .scheduled_changes import ScheduledChange
from .subscriptions import Subscription
from .terms import SeatChange, Term

__all__ = ["FileImport", "Offer", "ScheduledChange", "SeatChange", "Subscription", "Term"]
