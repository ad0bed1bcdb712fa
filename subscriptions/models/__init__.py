from .imports import FileImport
from .offers import Offer
from .subscriptions import Subscription
from .terms import SeatChange, Term

__all__ = ["FileImport", "Offer", "SeatChange", "Subscription", "Term"]
