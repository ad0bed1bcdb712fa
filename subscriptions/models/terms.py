import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from csp_portal.shared.dates import Period
from tenants.models import Tenant, User

from ..domain.lifecycle import FactKind
from .subscriptions import Subscription


class Term(models.Model):
    """
    A term of a CSP subscription: a year or a month, with the seats that run in it.

    `anchor_on` is the day its billing periods count from: its own first day, or for an
    add-on the first day of its base's term. `opening_seats` are billable at the start of
    the first day (0 for a new subscription: its first seats are a fact of that day).
    `billable_seats` is the running sum: opening seats plus every fact's delta.
    """

    class Duration(models.TextChoices):
        MONTH = "P1M", "1 month"
        YEAR = "P1Y", "1 year"

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    duration = models.CharField(max_length=3, choices=Duration)
    anchor_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="First day that no longer belongs to it.")
    opening_seats = models.PositiveIntegerField()
    billable_seats = models.PositiveIntegerField()

    class Meta:
        constraints = [
            # Overlapping terms are refused by an exclusion constraint, see the migrations.
            models.UniqueConstraint(
                name="subscriptions_terms_are_numbered", fields=["subscription", "number"]
            ),
            models.CheckConstraint(
                name="subscriptions_term_has_days",
                condition=Q(ends_on__gt=F("starts_on"), anchor_on__lte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="subscriptions_term_dates_are_sane",
                condition=Q(anchor_on__gte=date(2010, 1, 1), ends_on__lte=date(2100, 1, 1)),
            ),
        ]
        indexes = [models.Index(fields=["ends_on"], name="subscriptions_terms_by_end")]

    def __str__(self) -> str:
        return f"Term {self.number} of {self.subscription}"

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)


class SeatChange(models.Model):
    """
    A fact: what happened to a CSP subscription's seats on a day. Append-only; no money.

    `seats_before` and `seats_after` are purchased seats; `billable_delta` is what the
    change does to billable seats (suspending 66 seats: -66 billable, 66 purchased).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    term = models.ForeignKey(Term, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in FactKind])
    effective_on = models.DateField()
    seats_before = models.PositiveIntegerField()
    seats_after = models.PositiveIntegerField()
    billable_delta = models.IntegerField()
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="subscriptions_fact_dates_are_sane",
                condition=Q(effective_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [
            models.Index(fields=["term", "effective_on"], name="subscriptions_facts_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.effective_on}"
