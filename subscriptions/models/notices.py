from datetime import date

from django.db import models
from django.db.models import Q

from .subscriptions import Subscription


class SubscriptionNotice(models.Model):
    """
    What people were told about a subscription, so that nobody is told twice. Append-only.

    `about_on` is the day it is about: the term's end, the day a suspended one is cancelled,
    or for double billing the day of the reminder; `days` how long before that.
    """

    class Kind(models.TextChoices):
        RENEWS = "renews", "Renews"
        EXPIRES = "expires", "Expires"
        KEPT = "kept", "Suspended, to be cancelled"
        TWICE = "twice", "Billed twice"

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=7, choices=Kind)
    about_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    sent_on = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_told_once",
                fields=["subscription", "kind", "about_on", "days"],
            ),
            models.CheckConstraint(
                name="subscriptions_notice_dates_are_sane",
                condition=Q(about_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.about_on}, {self.days} days before"
