import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from tenants.models import Partner, Tenant, User

from .invitations import Invitation
from .relationships import Relationship

# So long the old partner alone decides; then an operator can as well.
PATIENCE = timedelta(days=14)


class TransferQuerySet(models.QuerySet["Transfer"]):
    def undecided(self) -> Self:
        """Return those the old partner has not answered: quantities are frozen meanwhile."""
        return self.filter(state=Transfer.State.REQUESTED)

    def open(self) -> Self:
        return self.filter(state__in=[Transfer.State.REQUESTED, Transfer.State.APPROVED])

    def due(self, day: date) -> Self:
        """Return those approved whose day has come, oldest first."""
        return self.filter(state=Transfer.State.APPROVED, takes_effect_on__lte=day).order_by("id")

    def with_parties(self) -> Self:
        return self.select_related(
            "invitation__partner__tenant",
            "invitation__reseller__tenant",
            "relationship__partner__tenant",
            "relationship__reseller__tenant",
            "relationship__customer",
            "requested_by",
            "decided_by",
            "withdrawn_by",
        )


class Transfer(models.Model):
    """
    A customer's request to replace its CSP partner, and what became of it.

    `relationship` is the one that ends, `invitation` the accepted one of the new partner: it
    names who transacts afterwards and which reseller. An approved transfer waits for its
    day; `failure` says why it could not be carried out so far. A row is never deleted and
    the database lets its state only move forward.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for the current partner"
        APPROVED = "approved", "Approved, waiting for its day"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DONE = "done", "Carried out"

    class DecidedAs(models.TextChoices):
        PARTNER = "partner", "the current partner"
        OPERATOR = "operator", "an operator, after 14 days without an answer"
        INVITER = "inviter", "the current partner, with its invitation"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invitation = models.OneToOneField(Invitation, models.PROTECT, related_name="transfer")
    relationship = models.ForeignKey(Relationship, models.PROTECT, related_name="transfers")
    takes_effect_on = models.DateField()
    requested_at = models.DateTimeField()
    requested_on = models.DateField()
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.REQUESTED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_as = models.CharField(max_length=8, choices=DecidedAs, blank=True)
    decline_reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_for = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    carried_out_on = models.DateField(null=True, blank=True)
    started = models.ForeignKey(
        Relationship, models.PROTECT, null=True, blank=True, related_name="started_by_transfers"
    )
    failure = models.CharField(max_length=500, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="relationships_one_open_transfer_per_relationship",
                fields=["relationship"],
                condition=Q(state__in=["requested", "approved"]),
            ),
            models.CheckConstraint(
                name="relationships_transfer_decided_whole",
                condition=Q(state="requested", decided_at__isnull=True, decided_as="")
                | Q(state="withdrawn")
                | (
                    Q(state__in=["approved", "declined", "done"], decided_at__isnull=False)
                    & ~Q(decided_as="")
                ),
            ),
            models.CheckConstraint(
                name="relationships_transfer_declined_with_a_reason",
                condition=~Q(state="declined") | ~Q(decline_reason=""),
            ),
            models.CheckConstraint(
                name="relationships_transfer_done_whole",
                condition=Q(state="done", carried_out_on__isnull=False, started__isnull=False)
                | (~Q(state="done") & Q(carried_out_on__isnull=True, started__isnull=True)),
            ),
            models.CheckConstraint(
                name="relationships_transfer_dates_are_sane",
                condition=Q(takes_effect_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["takes_effect_on"],
                condition=Q(state="approved"),
                name="relationships_transfers_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.old_partner} → {self.new_partner}"

    @property
    def customer(self) -> Tenant:
        return self.relationship.customer

    @property
    def old_partner(self) -> Partner:
        return self.relationship.partner

    @property
    def new_partner(self) -> Partner:
        return self.invitation.partner

    @property
    def old_seller(self) -> Partner:
        """Who bills and supports the customer before: the reseller, if there is one."""
        return self.relationship.reseller or self.relationship.partner

    @property
    def new_seller(self) -> Partner:
        """Who bills and supports the customer afterwards."""
        return self.invitation.reseller or self.invitation.partner

    @property
    def operators_decide_from(self) -> date:
        return self.requested_on + PATIENCE

    @property
    def is_undecided(self) -> bool:
        return self.state == self.State.REQUESTED

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.REQUESTED, self.State.APPROVED}
