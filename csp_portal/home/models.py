"""What this app keeps: commands for many rows. All else it composes from the other apps."""

import uuid

from django.db import models
from django.db.models import Q

from billing.models import Quote
from tenants.models import Tenant, User


class BulkRun(models.Model):
    """
    One command for many rows of a list, from asking to the result of the last row.

    `key` says that two requests are the same one, sent twice. `query` is the list's address
    if all that it finds are meant; the rows are then found later, by the worker. What costs
    money is priced first, and everything but a free command for ticked rows waits for a
    click: `prepared_at`, then `confirmed_at`. `reached` is the number of the last row that
    was priced, after the click of the last that was done. `failure` ends a run early.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField()
    organisation = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    list_name = models.CharField(max_length=40)
    command = models.CharField(max_length=20)
    query = models.CharField(max_length=2000, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="The tag, or the reason.")
    language = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    on = models.DateField(help_text="The business day of the last click.")
    total = models.PositiveIntegerField(null=True, blank=True)
    reached = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField()
    prepared_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            # a form that is sent twice asks once
            models.UniqueConstraint(name="home_bulk_run_asked_once", fields=["key"]),
            models.CheckConstraint(
                name="home_bulk_run_confirmed_with_its_rows",
                condition=Q(confirmed_at=None) | Q(prepared_at__isnull=False, total__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "by", "-id"], name="home_bulk_runs_newest_first"),
            models.Index(
                fields=["touched_at"],
                condition=Q(finished_at=None)
                & (Q(prepared_at=None) | Q(confirmed_at__isnull=False)),
                name="home_bulk_runs_to_carry_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.command} for {self.list_name}"

    @property
    def is_going(self) -> bool:
        """Whether there is something to do without another click."""
        return self.finished_at is None and (
            self.prepared_at is None or self.confirmed_at is not None
        )


class BulkRow(models.Model):
    """
    One row of a run and what became of it, written in the transaction that changed the row.

    The database lets an outcome be written once: a row is never done twice.
    """

    class Outcome(models.TextChoices):
        WAITING = "", "Not done yet"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        GONE = "gone", "Gone"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    key = models.UUIDField(help_text="The public id of what is changed.")
    name = models.CharField(max_length=300)
    page = models.CharField(max_length=300)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    words = models.CharField(max_length=500, blank=True)
    quote = models.ForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="+")
    sold = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    sold_currency = models.CharField(max_length=3, blank=True)
    bought = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    bought_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="home_bulk_row_numbered", fields=["run", "number"]),
            models.UniqueConstraint(name="home_bulk_row_once_per_run", fields=["run", "key"]),
            models.CheckConstraint(
                name="home_bulk_row_outcome_in_words",
                condition=Q(outcome="")
                | (Q(outcome__in=["done", "refused", "gone", "failed"]) & ~Q(words="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
