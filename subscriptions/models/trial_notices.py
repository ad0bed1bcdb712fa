from django.db import models

from .subscriptions import Subscription


class TrialNotice(models.Model):
    """That a customer was told of its trial's end, so many days before. Append-only, once each."""

    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="trial_notices", db_index=False
    )
    days_before = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_trial_notice_once", fields=["subscription", "days_before"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days_before} days before the end of {self.subscription}"
