import uuid

from django.db import models
from django.db.models import Q

from tenants.models import User

from .subscriptions import Subscription


class CancellationRequest(models.Model):
    """
    What a customer asks the vendor's support: cancel an Advisor subscription for us (R17).

    `assigned_seats` is the count at that moment, taken under the subscription's lock. The
    row stays, with the answer.
    """

    class Answer(models.TextChoices):
        OPEN = "", "open"
        DONE = "done", "Cancelled"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="cancellation_requests"
    )
    assigned_seats = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answer = models.CharField(
        max_length=9, choices=Answer, default=Answer.OPEN, blank=True, editable=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_one_open_cancellation_request",
                fields=["subscription"],
                condition=Q(answer=""),
            ),
            models.CheckConstraint(
                name="subscriptions_cancellation_request_answered_whole",
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=["done", "declined", "withdrawn"], answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Cancel {self.subscription}"
