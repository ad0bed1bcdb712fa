import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from tenants.models import Partner, Tenant, User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_on(self, day: date) -> Self:
        """Return invitations that a customer can still accept on `day`."""
        return self.filter(answer="", withdrawn_at=None, expires_on__gt=day)

    def for_customers(self) -> Self:
        """Leave out a provider's invitations to resellers."""
        return self.exclude(kind=Invitation.Kind.RESELLER)


class Invitation(models.Model):
    """
    A reseller relationship request, sent by a partner as a link.

    Whoever accepts it accepts for the tenant they administer. The row is kept for ever:
    it is the record of consent. Its state is derived, never stored (`state_on`).
    """

    class Answer(models.TextChoices):
        NONE = "", "none"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"

    class Kind(models.TextChoices):
        """What accepting it makes: a customer, a change of partner, or a provider's reseller."""

        CUSTOMER = "customer", "Reseller relationship"
        REPLACEMENT = "replacement", "Replace the current CSP partner"
        RESELLER = "reseller", "Resell for a provider"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        GERMAN = "de", "Deutsch"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.CUSTOMER)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="invitations", help_text="Who will transact."
    )
    reseller = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resold_invitations",
        help_text="The reseller of record in 2-tier.",
    )
    sent_by = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Which of the two made it; empty: the one who will transact.",
    )
    discount_percent = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What a provider offers a reseller, off the estimated retail price.",
    )
    token_hash = models.BinaryField(max_length=32, unique=True)
    has_delegated_admin = models.BooleanField()
    customer_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, choices=Language, default=Language.ENGLISH)
    note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_on = models.DateField(help_text="First day on which it is too late.")
    last_sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the portal last mailed it or made a new link."
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by_tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answered_invitations",
        help_text="The tenant for which it was accepted or declined.",
    )
    decline_reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="relationships_invitation_of_a_known_kind",
                condition=Q(kind__in=["customer", "replacement", "reseller"]),
            ),
            # Who is invited to resell becomes the reseller by accepting; the price is agreed
            # with the link.
            models.CheckConstraint(
                name="relationships_invitation_of_a_reseller_offers_a_discount",
                condition=Q(
                    kind="reseller",
                    reseller__isnull=True,
                    discount_percent__isnull=False,
                    discount_percent__range=(0, Decimal("99.99")),
                )
                | (~Q(kind="reseller") & Q(discount_percent__isnull=True)),
            ),
            models.CheckConstraint(
                name="relationships_invitation_sent_by_one_of_the_two",
                condition=Q(sent_by__isnull=True)
                | Q(sent_by=F("partner"))
                | Q(reseller__isnull=False, sent_by=F("reseller")),
            ),
            models.CheckConstraint(
                name="relationships_invitation_answered_whole",
                condition=Q(
                    answer="",
                    answered_at__isnull=True,
                    answered_by__isnull=True,
                    tenant__isnull=True,
                )
                | Q(
                    answer__in=["accepted", "declined"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    tenant__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="relationships_invitation_not_answered_and_withdrawn",
                condition=Q(answer="") | Q(withdrawn_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-created_at"], name="relationships_invites_newest"),
            # What a start page counts: few of the rows, however many there were.
            models.Index(
                fields=["partner", "expires_on"],
                condition=Q(answer="", withdrawn_at__isnull=True),
                name="relationships_invites_open",
            ),
            models.Index(
                Upper("email"),
                condition=Q(answer="", withdrawn_at__isnull=True),
                name="relationships_invites_by_email",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation from {self.partner} of {self.created_at:%Y-%m-%d}"

    def state_on(self, day: date) -> str:
        """Return open, accepted, declined, withdrawn or expired."""
        if self.answer:
            return self.answer
        if self.withdrawn_at:
            return "withdrawn"
        return "open" if day < self.expires_on else "expired"

    @property
    def sender(self) -> Partner:
        """The partner that made it, and that sends it again; the other of the two watches."""
        return self.sent_by or self.partner

    @property
    def seller(self) -> Partner:
        """Who will bill and support the customer: the reseller, if it names one."""
        return self.reseller or self.partner

    @property
    def sides(self) -> list[Partner]:
        """The partners it names; neither can be the customer."""
        return [side for side in (self.partner, self.reseller) if side is not None]

    @property
    def is_for_reseller(self) -> bool:
        return self.kind == Invitation.Kind.RESELLER

    @property
    def last_day(self) -> date:
        """The last day on which it can be accepted, as screens and letters show it."""
        return date.fromordinal(self.expires_on.toordinal() - 1)

    @property
    def age_from(self) -> datetime:
        return self.last_sent_at or self.created_at
