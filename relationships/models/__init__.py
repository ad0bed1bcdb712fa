from .invitations import Invitation
from .relationships import Relationship

__all__ = ["Invitation", "Relationship"]
