from django.db import models

from .people import Membership


class CalendarFeed(models.Model):
    """
    A secret address that lets a calendar programme read without signing in.

    It belongs to a person in one organisation and shows what their roles there show, read
    anew each time; it goes with the membership. Only the hash of its token is kept.
    """

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="calendar_feed")
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(help_text="When the present address was made.")
    last_read_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Calendar of {self.membership}"
