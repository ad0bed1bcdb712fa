from .cancellation_requests import CancellationRequest
from .equivalences import OfferEquivalence
from .imports import FileImport
from .licences import LicenceAssignment
from .notices import SubscriptionNotice
from .offer_rules import OfferRule
from .offers import Offer
from .open_keys import KeyAttempt, OpenKey
from .scheduled_changes import ScheduledChange
from .subscriptions import Subscription
from .terms import SeatChange, Term
from .trial_notices import TrialNotice

__all__ = [
    "CancellationRequest",
    "FileImport",
    "KeyAttempt",
    "LicenceAssignment",
    "Offer",
    "OfferEquivalence",
    "OfferRule",
    "OpenKey",
    "ScheduledChange",
    "SeatChange",
    "Subscription",
    "SubscriptionNotice",
    "Term",
    "TrialNotice",
]
