import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenants.models import Partner, User


class SuspensionQuerySet(models.QuerySet["PartnerSuspension"]):
    def on(self, day: date) -> Self:
        """Return those in effect on `day`."""
        return self.filter(starts_on__lte=day).filter(
            Q(lifted_on__isnull=True) | Q(lifted_on__gt=day)
        )


class PartnerSuspension(models.Model):
    """
    A time in which a partner may start nothing new; what runs goes on.

    An operator makes and lifts it. `lifted_on` is the first day that is free again.
    """

    class Reason(models.TextChoices):
        OVERDUE = "overdue", _("Invoices are overdue")
        ABUSE = "abuse", _("Abuse")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="suspensions")
    reason = models.CharField(max_length=7, choices=Reason)
    note = models.CharField(max_length=500, blank=True, help_text="For operators only.")
    starts_on = models.DateField("from")
    suspended_at = models.DateTimeField()
    suspended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_on = models.DateField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="relationships_one_suspension_at_a_time",
                fields=["partner"],
                condition=Q(lifted_on__isnull=True),
            ),
            models.CheckConstraint(
                name="relationships_suspension_of_a_known_kind",
                condition=Q(reason__in=["overdue", "abuse"]),
            ),
            models.CheckConstraint(
                name="relationships_suspension_lifted_whole",
                condition=Q(lifted_on__isnull=True, lifted_at__isnull=True)
                | Q(
                    lifted_on__gte=F("starts_on"), lifted_on__isnull=False, lifted_at__isnull=False
                ),
            ),
            models.CheckConstraint(
                name="relationships_suspension_dates_are_sane",
                condition=Q(starts_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} suspended from {self.starts_on}"
