from django.db import models

from .people import User


class SignUp(models.Model):
    """
    What somebody typed who has not proved yet that the mailbox is theirs.

    The organisation is made of it when the e-mail is verified, so that nobody can take a
    domain by typing an address. The row stays: it says how the tenant came to be.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="sign_up")
    organisation = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} for {self.organisation}"
