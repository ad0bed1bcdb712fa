import uuid
from datetime import date

from django.db import models
from django.db.models import Q

from subscriptions.models import Offer, Subscription, Term
from tenants.models import Partner, User

from .orders import Order, Quote
from .price_lists import Plan, Segment


class TrialConversion(models.Model):
    """
    A CSP partner proposes to turn a Direct trial into a paid CSP subscription (R11).

    The customer consents or declines; the row is kept as the record of that. `quote` is
    what the partner saw; at the consent it is priced anew, for that day.
    """

    class Answer(models.TextChoices):
        OPEN = "", "open"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="trial_conversions")
    trial = models.ForeignKey(Subscription, models.PROTECT, related_name="conversions")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    segment = models.CharField(max_length=10, choices=Segment)
    duration = models.CharField(max_length=3, choices=Term.Duration)
    plan = models.CharField(max_length=7, choices=Plan)
    seats = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answer = models.CharField(
        max_length=9, choices=Answer, default=Answer.OPEN, blank=True, editable=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="converts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_open_conversion_per_trial_and_partner",
                fields=["trial", "partner"],
                condition=Q(answer=""),
            ),
            # Whatever happens at once, a trial becomes one CSP subscription.
            models.UniqueConstraint(
                name="billing_a_trial_is_converted_once",
                fields=["trial"],
                condition=Q(answer="accepted"),
            ),
            models.CheckConstraint(
                name="billing_conversion_accepted_with_its_order",
                condition=Q(answer="accepted", order__isnull=False)
                | (~Q(answer="accepted") & Q(order__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial} → {self.offer}"

    def state_on(self, day: date) -> str:
        """Return accepted, declined, withdrawn, expired (with the trial) or open."""
        if self.answer:
            return self.answer
        is_over = self.trial.ends_on is not None and day >= self.trial.ends_on
        return "expired" if is_over or not self.trial.is_live else "open"
