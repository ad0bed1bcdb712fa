from .activity import Activity
from .people import Membership, User
from .tenants import Domain, Partner, Tenant

__all__ = ["Activity", "Domain", "Membership", "Partner", "Tenant", "User"]
