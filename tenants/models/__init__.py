from .activity import Activity
from .people import Membership, User
from .sign_ups import SignUp
from .tenants import Domain, Partner, Tenant

__all__ = ["Activity", "Domain", "Membership", "Partner", "SignUp", "Tenant", "User"]
