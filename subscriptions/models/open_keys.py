import uuid
from datetime import date

from django.db import models
from django.db.models import Q

from tenants.models import Tenant, User

from .offers import Offer
from .subscriptions import Subscription


class OpenKey(models.Model):
    """
    A licence that was bought through distribution, to be redeemed once by a customer.

    Only the SHA-256 of the key is kept; `ending` are its last five symbols, for people to
    talk about it. What was redeemed never changes again. `batch` names the form that asked
    for it and `number` its place there, so that a form sent twice issues nothing twice.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key_hash = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(max_length=5)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField()
    months = models.PositiveSmallIntegerField()
    agreement = models.CharField(max_length=100, blank=True)
    redeem_until = models.DateField(help_text="The last day on which it can be redeemed.")
    batch = models.UUIDField(null=True, editable=False)
    number = models.PositiveSmallIntegerField(null=True, editable=False)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    redeemed_at = models.DateTimeField(null=True, blank=True)
    redeemed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    subscription = models.OneToOneField(
        Subscription, models.PROTECT, null=True, blank=True, related_name="open_key"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_keys_of_a_form_once", fields=["batch", "number"]
            ),
            models.CheckConstraint(
                name="subscriptions_key_redeemed_whole",
                condition=Q(
                    redeemed_at__isnull=True, redeemed_by__isnull=True, subscription__isnull=True
                )
                | Q(
                    redeemed_at__isnull=False, redeemed_by__isnull=False, subscription__isnull=False
                ),
            ),
            models.CheckConstraint(
                name="subscriptions_key_not_redeemed_and_withdrawn",
                condition=Q(redeemed_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="subscriptions_key_gives_something",
                condition=Q(seats__gte=1, months__range=(1, 36)),
            ),
        ]

    def __str__(self) -> str:
        return f"Key ending in {self.ending}"

    def state_on(self, day: date) -> str:
        """Return redeemed, withdrawn, expired or open."""
        if self.redeemed_at:
            return "redeemed"
        if self.withdrawn_at:
            return "withdrawn"
        return "open" if day <= self.redeem_until else "expired"


class KeyAttempt(models.Model):
    """One try to redeem a key, of which nothing else is kept. Append-only: it is counted."""

    class Outcome(models.TextChoices):
        REDEEMED = "redeemed", "Redeemed"
        UNKNOWN = "unknown", "Unknown key"
        USED = "used", "Used before"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-at"], name="subscriptions_tries_newest")]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at}"
