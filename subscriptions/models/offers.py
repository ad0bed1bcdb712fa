import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class OfferQuerySet(models.QuerySet["Offer"]):
    def for_sale(self) -> Self:
        """Return what may be ordered through CSP: R11, never a trial."""
        return self.filter(state=Offer.OfferState.AVAILABLE, is_trial=False)

    def for_trial(self) -> Self:
        """Return what a customer may try for free, as a Direct subscription."""
        return self.filter(state=Offer.OfferState.AVAILABLE, is_trial=True)


class Offer(models.Model):
    """What the vendor sells: one SKU. Its prices are in price lists."""

    class OfferState(models.TextChoices):
        DRAFT = "draft", "Draft"
        AVAILABLE = "available", "Available"
        WITHDRAWN = "withdrawn", "Withdrawn from sale"

    class SeatReduction(models.TextChoices):
        ANY_TIME = "any_time", "At any time, with a credit"
        AT_RENEWAL = "at_renewal", "Only at renewal"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    product_family = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=500, blank=True)
    is_add_on = models.BooleanField(default=False)
    add_on_to = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="add_ons",
        help_text="Base offers it can be added to; none named means any base.",
    )
    is_trial = models.BooleanField(default=False)
    seat_minimum = models.PositiveIntegerField(default=1)
    seat_maximum = models.PositiveIntegerField(default=10_000)
    seat_reduction = models.CharField(
        max_length=10, choices=SeatReduction, default=SeatReduction.ANY_TIME
    )
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.DRAFT)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("sku"), name="subscriptions_sku_taken_once"),
            models.CheckConstraint(
                name="subscriptions_offer_seat_limits_in_order",
                condition=Q(seat_minimum__gte=1, seat_maximum__gte=F("seat_minimum")),
            ),
        ]

    def __str__(self) -> str:
        return self.title
