from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from subscriptions.models import Offer, Term
from tenants.models import User

# numeric(13, 4): an upper bound is what refuses NaN, which PostgreSQL sorts above everything.
LARGEST_PRICE = Decimal("99999999.9999")


class Plan(models.TextChoices):
    """How often a leg is billed."""

    MONTHLY = "monthly", "Monthly"
    ANNUAL = "annual", "Annual, up front"


class Segment(models.TextChoices):
    COMMERCIAL = "commercial", "Commercial"
    EDUCATION = "education", "Education"
    GOVERNMENT = "government", "Government"
    CHARITY = "charity", "Charity"


class PriceListQuerySet(models.QuerySet["PriceList"]):
    def visible_at(self, moment: datetime) -> Self:
        """Return lists that partners may see: R13, decided here and nowhere else."""
        return self.filter(scheduled_at__isnull=False, visible_from__lte=moment)

    def in_force_on(self, day: date) -> Self:
        """Return scheduled lists effective by `day`, the one in force first."""
        return self.filter(scheduled_at__isnull=False, effective_on__lte=day).order_by(
            "-effective_on"
        )

    def for_market(self, *, market: str, currency: str) -> Self:
        return self.filter(market=market, currency=currency)


class PriceList(models.Model):
    """
    The prices of a market and currency from the first of a month.

    A draft until an operator schedules it; from then on neither it nor its prices can
    change (R14). Partners see it from `visible_from`, 00:00 business time 30 days before
    it takes effect (R13): a condition in the query, so that no job can be late or early.
    `published_at` only records that the portal announced it.
    """

    market = models.CharField(max_length=2, help_text="ISO 3166-1, two letters.")
    currency = models.CharField(max_length=3)
    effective_on = models.DateField(help_text="The first of a month.")
    visible_from = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    source_name = models.CharField(max_length=200, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    objects = PriceListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_price_list_per_market_and_month",
                fields=["market", "currency", "effective_on"],
            ),
            # R13, a list "takes effect on the first day of a month".
            models.CheckConstraint(
                name="billing_price_list_starts_a_month", condition=Q(effective_on__day=1)
            ),
            # R13: "published 30 days before"; the instant itself is checked in the migration.
            models.CheckConstraint(
                name="billing_price_list_scheduled_in_time",
                condition=Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=F("visible_from")),
            ),
            models.CheckConstraint(
                name="billing_price_list_announced_once_visible",
                condition=Q(published_at__isnull=True)
                | Q(scheduled_at__isnull=False, published_at__gte=F("visible_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"Price list {self.market} {self.currency} of {self.effective_on:%B %Y}"


class Price(models.Model):
    """
    One row of a price list: offer x segment x term x plan.

    `unit_price` is what the partner pays, `erp` the estimated retail price; both per seat
    and billing period of `plan`, in the list's currency. `valid_from` and `valid_until`
    (half-open) narrow the row where the list it came from says so.
    """

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    offer = models.ForeignKey(Offer, models.PROTECT, db_index=False, related_name="prices")
    segment = models.CharField(max_length=10, choices=Segment)
    duration = models.CharField(max_length=3, choices=Term.Duration)
    plan = models.CharField(max_length=7, choices=Plan)
    unit_price = models.DecimalField(max_digits=13, decimal_places=4)
    erp = models.DecimalField("ERP", max_digits=13, decimal_places=4)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_price_per_row_of_a_list",
                fields=["price_list", "offer", "segment", "duration", "plan", "valid_from"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="billing_prices_are_finite",
                condition=Q(unit_price__range=(0, LARGEST_PRICE), erp__range=(0, LARGEST_PRICE)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer}, {self.duration}, {self.plan}"
