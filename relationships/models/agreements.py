import uuid
from datetime import date

from django.db import models
from django.db.models import Q

from tenants.models import Partner, Tenant, User

from ..domain.agreements import Event, EventKind, Side


class AgreementEvent(models.Model):
    """
    What happened to a partner's programme agreement. Append-only.

    Its state on a day follows from these rows, see `domain.agreements`.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreement_events")
    kind = models.CharField(
        max_length=9,
        choices=[
            (EventKind.SIGNED.value, "Signed"),
            (EventKind.NOTICE.value, "Notice given"),
            (EventKind.WITHDRAWN.value, "Notice withdrawn"),
        ],
    )
    side = models.CharField(
        max_length=7, choices=[(Side.PARTNER.value, "Partner"), (Side.VENDOR.value, "Vendor")]
    )
    on = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="relationships_agreement_event_of_a_known_kind",
                condition=Q(
                    kind__in=["signed", "notice", "withdrawn"], side__in=["partner", "vendor"]
                ),
            ),
            models.CheckConstraint(
                name="relationships_agreement_dates_are_sane",
                condition=Q(on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [models.Index(fields=["partner", "id"], name="relationships_agreement_events")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"

    def as_event(self) -> Event:
        return Event(EventKind(self.kind), Side(self.side), self.on)


class ProgrammeAgreement(Partner):
    """A partner, as the operators' list of programme agreements shows it. No table of its own."""

    class Meta:
        proxy = True


class CustomerAgreement(models.Model):
    """
    A partner's word that a customer accepted the vendor's customer agreement. Append-only.

    `name` and `email` are of the person at the customer who accepted it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="customer_agreements")
    customer = models.ForeignKey(Tenant, models.PROTECT, related_name="customer_agreements")
    name = models.CharField(max_length=150)
    email = models.EmailField()
    agreed_on = models.DateField()
    template_version = models.CharField(max_length=10)
    attested_at = models.DateTimeField()
    attested_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="relationships_customer_agreement_dates_are_sane",
                condition=Q(agreed_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "partner"], name="relationships_attestations_of"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} agreed on {self.agreed_on}"
