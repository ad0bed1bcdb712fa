from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.models import User

from .offers import Offer


class OfferRule(models.Model):
    """
    What the vendor's offer matrix says of an offer, beside its seat limits (`Offer` has those).

    All rows are of the newest matrix: an import replaces them together. Where there is a
    matrix, an offer without a row cannot be ordered through CSP yet.
    """

    class LimitKind(models.TextChoices):
        NONE = "", "no limit"
        CONCURRENT = "concurrent", "at a time"
        LIFETIME = "lifetime", "ever"

    offer = models.OneToOneField(Offer, models.PROTECT, related_name="rule")
    requires = models.ManyToManyField(
        Offer, blank=True, related_name="+", help_text="The customer must hold one of them."
    )
    converts_to = models.ManyToManyField(Offer, blank=True, related_name="+")
    customer_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many subscriptions of it a customer may have."
    )
    limit_kind = models.CharField(max_length=10, choices=LimitKind, blank=True)
    countries = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, help_text="Empty: everywhere."
    )
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "row of the offer matrix"
        verbose_name_plural = "offer matrix"
        constraints = [
            models.CheckConstraint(
                name="subscriptions_offer_rule_limit_is_whole",
                condition=Q(customer_limit__isnull=True, limit_kind="")
                | Q(customer_limit__isnull=False, limit_kind__in=["concurrent", "lifetime"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Rule of {self.offer}"
