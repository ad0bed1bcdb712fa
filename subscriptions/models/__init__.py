from .offers import Offer
from .subscriptions import Subscription
from .terms import SeatChange, Term

__all__ = ["Offer", "SeatChange", "Subscription", "Term"]
