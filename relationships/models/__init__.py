from .invitations import Invitation
from .policy import PartnerPolicy
from .relationships import Relationship

__all__ = ["Invitation", "PartnerPolicy", "Relationship"]
