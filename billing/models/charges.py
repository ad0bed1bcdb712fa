from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from subscriptions.models import SeatChange, Subscription, Term
from tenants.models import Tenant

from .invoices import Invoice
from .price_lists import LARGEST_PRICE, Plan, Price, Segment

LARGEST_AMOUNT = Decimal("9999999999.99")
MONTHS_PER_YEAR = 12


class LockedPrice(models.Model):
    """
    The price of a term on one leg, from the day the term starts to its end. Append-only.

    It copies what an invoice line will say (offer, price source), so that a line can be
    explained for ever. `unit_price` is per seat and billing period of `plan`, in
    `currency`. Leg 1 is vendor to partner, leg 2 partner to customer; a 2-tier chain has
    a third.
    """

    term = models.ForeignKey(Term, models.PROTECT, related_name="locked_prices")
    leg = models.PositiveSmallIntegerField()
    seller = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="locked_prices")
    currency = models.CharField(max_length=3)
    minor_units = models.PositiveSmallIntegerField()
    plan = models.CharField(max_length=7, choices=Plan)
    period_months = models.PositiveSmallIntegerField()
    segment = models.CharField(max_length=10, choices=Segment)
    unit_price = models.DecimalField(max_digits=13, decimal_places=4)
    price = models.ForeignKey(Price, models.PROTECT, null=True, related_name="+", db_index=False)
    price_source = models.CharField(max_length=100)
    offer_title = models.CharField(max_length=200)
    offer_sku = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_locked_price_per_term_and_leg", fields=["term", "leg"]
            ),
            models.CheckConstraint(
                name="billing_locked_price_is_finite",
                condition=Q(unit_price__range=(0, LARGEST_PRICE)),
            ),
        ]
        indexes = [models.Index(fields=["seller", "buyer"], name="billing_locked_by_seller")]

    def __str__(self) -> str:
        return f"{self.offer_title}: {self.unit_price} {self.currency}"

    @property
    def per(self) -> str:
        """What the unit price is for, in words."""
        if self.period_months == MONTHS_PER_YEAR:
            return _("per seat and year")
        return _("per seat and month")


class Charge(models.Model):
    """
    One amount on one leg, and once invoiced one line of that invoice. Append-only.

    Rule 1, a period charge, has no `seat_change`; rule 2, a prorated change, names the
    fact that caused it. `period_from` and `period_until` (half-open) are the full billing
    period, whose days are the divisor; it is charged from `charged_from` to the period's
    end. `amount` is rounded once, to the currency's minor unit.

    The only column ever written later is `invoice`, once.
    """

    class ChargeType(models.TextChoices):
        NEW = "new", "New"
        RENEW = "renew", "Renewal"
        CYCLE = "cycleCharge", "Period charge"
        ADD = "addQuantity", "Seats added"
        REMOVE = "removeQuantity", "Seats removed"
        SUSPEND = "suspend", "Suspended"
        REACTIVATE = "reactivate", "Reactivated"
        CANCEL = "cancelImmediate", "Cancelled"
        TRANSFER = "transfer", "Transfer"

    # Not enforced row by row: locked prices cannot be deleted or renumbered (trigger), and
    # a month close inserts from a join with them.
    locked_price = models.ForeignKey(
        LockedPrice,
        models.PROTECT,
        related_name="charges",
        db_constraint=False,
        db_index=False,
    )
    seat_change = models.ForeignKey(
        SeatChange, models.PROTECT, null=True, related_name="charges", db_index=False
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="charges")
    charge_type = models.CharField(max_length=16, choices=ChargeType)
    period_from = models.DateField()
    period_until = models.DateField()
    charged_from = models.DateField()
    seats = models.IntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="billing_one_charge_per_term_leg_and_period",
                fields=["locked_price", "period_from"],
                condition=Q(seat_change__isnull=True),
            ),
            models.UniqueConstraint(
                name="billing_one_charge_per_fact_and_leg",
                fields=["seat_change", "locked_price"],
                condition=Q(seat_change__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_charge_covers_days",
                condition=Q(period_until__gt=F("charged_from"), charged_from__gte=F("period_from")),
            ),
            models.CheckConstraint(
                name="billing_charge_is_finite",
                condition=Q(amount__range=(-LARGEST_AMOUNT, LARGEST_AMOUNT)),
            ),
            models.CheckConstraint(
                name="billing_charge_dates_are_sane",
                condition=Q(period_from__gte=date(2010, 1, 1), period_until__lte=date(2100, 1, 1)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["locked_price"],
                condition=Q(invoice__isnull=True),
                name="billing_charges_not_invoiced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge_type} {self.amount}"
