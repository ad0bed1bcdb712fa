import uuid

from django.db import models
from django.db.models import F, Q

from tenants.models import Tenant, User


class NumberSeries(models.Model):
    """The last invoice number a seller used in a year; locked by the finalising transaction."""

    seller = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(name="billing_one_series_per_year", fields=["seller", "year"]),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.last:06d}"


class Invoice(models.Model):
    """
    What a buyer owes a seller for a month. It never changes once it has a number.

    Its lines are its charges. `net_total` is their sum; `brought_forward` (never positive)
    is the balance of an earlier invoice that was below zero; `total` is both together.
    `total` below zero is carried to the next invoice. `parties` copies the names,
    addresses and tax ids of both sides as they were. Paying it is the only later change.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.ForeignKey(Tenant, models.PROTECT, related_name="sold_invoices", db_index=False)
    buyer = models.ForeignKey(Tenant, models.PROTECT, related_name="bought_invoices")
    currency = models.CharField(max_length=3)
    month = models.DateField(help_text="The first day of the invoicing month.")
    issued_on = models.DateField(help_text="The first day after the month.")
    due_on = models.DateField()
    number = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001 -- NULL until finalised, so that it can be unique
    finalised_at = models.DateTimeField(null=True, blank=True)
    line_count = models.PositiveIntegerField(default=0)
    net_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    brought_forward = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    parties = models.JSONField(default=dict)
    mailed_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    paid_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_invoice_per_seller_buyer_and_month",
                fields=["seller", "buyer", "currency", "month"],
            ),
            models.UniqueConstraint(
                name="billing_invoice_number_once_per_seller", fields=["seller", "number"]
            ),
            models.CheckConstraint(
                name="billing_invoice_month_is_a_first", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="billing_invoice_total_is_its_parts",
                condition=Q(total=F("net_total") + F("brought_forward")),
            ),
            models.CheckConstraint(
                name="billing_invoice_brings_only_credit_forward",
                condition=Q(brought_forward__lte=0),
            ),
            models.CheckConstraint(
                name="billing_invoice_final_when_numbered",
                condition=Q(number__isnull=True, finalised_at__isnull=True)
                | Q(number__isnull=False, finalised_at__isnull=False, line_count__gt=0),
            ),
            models.CheckConstraint(
                name="billing_invoice_between_two", condition=~Q(seller=F("buyer"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(mailed_at__isnull=True), name="billing_invoices_to_mail"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft of {self.month:%B %Y}"


class MonthClose(models.Model):
    """One seller's closing of one month: what is due, done or failed. The run's own record."""

    class CloseState(models.TextChoices):
        DUE = "due", "Due"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    seller = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    state = models.CharField(max_length=6, choices=CloseState, default=CloseState.DUE)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    invoices = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_close_per_seller_and_month", fields=["seller", "month"]
            ),
            models.CheckConstraint(
                name="billing_close_month_is_a_first", condition=Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller}, {self.month:%B %Y}"
