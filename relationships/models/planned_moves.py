from django.db import models

from .invitations import Invitation
from .relationships import Relationship


class PlannedMove(models.Model):
    """
    A customer that a direct partner asks to follow it to a provider, and with which invitation.

    The newest row of a relationship counts; how far it is follows from its invitation and
    the transfer that came of it.
    """

    relationship = models.ForeignKey(Relationship, models.PROTECT, related_name="planned_moves")
    invitation = models.OneToOneField(Invitation, models.PROTECT, related_name="planned_move")

    def __str__(self) -> str:
        return f"{self.relationship.customer} to {self.invitation.partner}"
