import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from tenants.models import Tenant, User

from .offers import Offer
from .subscriptions import Subscription
from .terms import Term


class ScheduledChangeQuerySet(models.QuerySet["ScheduledChange"]):
    def open(self) -> Self:
        """Return those that the next renewal will apply."""
        return self.filter(outcome="")


class ScheduledChange(models.Model):
    """
    What will be different from a subscription's next term on: seats, offer, term or plan.

    What is empty stays as it is. The renewal applies it in its own transaction; until then
    whoever may order (the customer, of what it bought itself) can take it back. The row is
    kept with what became of it. `plan` is billing's word and only kept here.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        APPLIED = "applied", "Applied"
        UNDONE = "undone", "Taken back"
        REPLACED = "replaced", "Replaced by another"
        LAPSED = "lapsed", "Not applied"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="scheduled_changes")
    takes_effect_on = models.DateField(help_text="The first day of the next term.")
    seats = models.PositiveIntegerField(null=True, blank=True)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+")
    duration = models.CharField(max_length=3, choices=Term.Duration, blank=True)
    plan = models.CharField(max_length=7, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(
        max_length=8, choices=Outcome, default=Outcome.OPEN, blank=True, editable=False
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_for = models.ForeignKey(Tenant, models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=300, blank=True)

    objects = ScheduledChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_one_open_change_per_subscription",
                fields=["subscription"],
                condition=Q(outcome=""),
            ),
            models.CheckConstraint(
                name="subscriptions_scheduled_change_changes_something",
                condition=Q(seats__isnull=False)
                | Q(offer__isnull=False)
                | ~Q(duration="")
                | ~Q(plan=""),
            ),
            models.CheckConstraint(
                name="subscriptions_scheduled_change_closed_whole",
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(
                    outcome__in=["applied", "undone", "replaced", "lapsed"],
                    closed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="subscriptions_scheduled_change_dates_are_sane",
                condition=Q(takes_effect_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["takes_effect_on"],
                condition=Q(outcome=""),
                name="subscriptions_changes_due",
            ),
        ]

    def __str__(self) -> str:
        return f"Change of {self.subscription} on {self.takes_effect_on}"
