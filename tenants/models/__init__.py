from .activity import Activity
from .calendar_feeds import CalendarFeed
from .people import Membership, User
from .saved_views import SavedView
from .sign_ups import SignUp
from .tenants import Domain, Partner, Tenant

__all__ = [
    "Activity",
    "CalendarFeed",
    "Domain",
    "Membership",
    "Partner",
    "SavedView",
    "SignUp",
    "Tenant",
    "User",
]
