import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import Q

from relationships.models import Invitation
from subscriptions.models import Offer, Subscription, Term
from tenants.models import Partner, Tenant, User

from .price_lists import Plan, Segment


class Recommendation(models.Model):
    """
    What a partner advises a customer to buy from the vendor, sent as a link.

    Whoever buys something of it first makes it its tenant's; the partner becomes partner of
    record on what is bought. Only the SHA-256 of the link's token is kept. Its state is
    derived, never stored (`state_on`, from its items).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="recommendations")
    token_hash = models.BinaryField(max_length=32, unique=True)
    language = models.CharField(
        max_length=5, choices=Invitation.Language, default=Invitation.Language.ENGLISH
    )
    customer_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_on = models.DateField(help_text="First day on which it is too late.")
    last_sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the portal last mailed it or made a new link."
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by_tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["partner", "-created_at"], name="billing_advice_newest_first"),
        ]

    def __str__(self) -> str:
        return f"Recommendation of {self.partner} of {self.created_at:%Y-%m-%d}"

    @property
    def age_from(self) -> datetime:
        """When the customer last got a link, as far as the portal knows."""
        return self.last_sent_at or self.created_at

    @property
    def last_day(self) -> date:
        """The last day on which it can be bought, as screens and letters show it."""
        return date.fromordinal(self.expires_on.toordinal() - 1)

    def state_on(self, day: date) -> str:
        """Return withdrawn, bought, partly (bought), open or expired. Reads its items."""
        bought = [item.subscription_id is not None for item in self.items.all()]
        if all(bought):
            return "bought"
        if self.withdrawn_at:
            return "withdrawn"
        if day >= self.expires_on:
            return "expired"
        return "partly" if any(bought) else "open"


class RecommendedItem(models.Model):
    """An offer with seats on a recommendation; bought once, as `subscription`."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    segment = models.CharField(max_length=10, choices=Segment)
    duration = models.CharField(max_length=3, choices=Term.Duration)
    plan = models.CharField(max_length=7, choices=Plan)
    seats = models.PositiveIntegerField()
    subscription = models.OneToOneField(
        Subscription, models.PROTECT, null=True, blank=True, related_name="recommended_item"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_recommended_items_are_numbered",
                fields=["recommendation", "position"],
            ),
            models.CheckConstraint(
                name="billing_recommended_item_has_seats", condition=Q(seats__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} × {self.offer}"
