import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from tenants.models import Partner, Tenant, User
from tenants.roles import Kind

from .invitations import Invitation


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def active(self) -> Self:
        return self.filter(ended_on=None)

    def involving(self, partner: Partner) -> Self:
        """
        Return those that `partner` transacts or is the reseller of.

        Only a direct partner can be both; the others need one index each.
        """
        if partner.kind == Kind.INDIRECT_RESELLER:
            return self.filter(reseller=partner)
        if partner.kind == Kind.INDIRECT_PROVIDER:
            return self.filter(partner=partner)
        return self.filter(Q(partner=partner) | Q(reseller=partner))

    def with_parties(self) -> Self:
        return self.select_related("partner__tenant", "reseller__tenant", "customer")

    def with_consent(self) -> Self:
        """Read who invited, accepted and attested as well."""
        return self.select_related(
            "attested_by", "invitation__answered_by", "invitation__created_by"
        )


class Relationship(models.Model):
    """
    A CSP partner's right to sell to a customer.

    `partner` transacts; `reseller` is the indirect reseller of record in 2-tier. It comes
    from an accepted invitation, or from the partner creating the customer's tenant, in
    which case the customer's agreement is attested (`attested_by`, `attested_on`).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="relationships")
    reseller = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="resold_relationships"
    )
    customer = models.ForeignKey(Tenant, models.PROTECT, related_name="relationships")
    invitation = models.OneToOneField(
        Invitation, models.PROTECT, null=True, blank=True, related_name="relationship"
    )
    # R7: an active relationship takes one of the customer's places, of which there are as
    # many as the operators' policy says. They are taken from the lowest, without gaps.
    slot = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    has_delegated_admin = models.BooleanField()
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True, db_default="")
    attested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    attested_on = models.DateField(null=True, blank=True)
    # R8: a column the database fills. While the relationship is active it is "csp", and
    # (customer, exclusive_channel) references the tenant's own column.
    exclusive_channel = models.GeneratedField(
        expression=models.Case(
            models.When(ended_on__isnull=True, then=models.Value("csp")),
            default=models.Value(None),
            output_field=models.CharField(max_length=12),
        ),
        output_field=models.CharField(max_length=12),
        db_persist=True,
    )

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [
            # R7. "At most one CSP transacting partner per customer at any time": one per
            # place, and a trigger keeps the places within the policy.
            models.UniqueConstraint(
                name="relationships_one_active_partner_per_slot",
                fields=["customer", "slot"],
                condition=Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="relationships_slots_count_from_one", condition=Q(slot__gte=1)
            ),
            # The same two have one relationship; its index also finds a partner's customers.
            models.UniqueConstraint(
                name="relationships_one_active_per_partner_and_customer",
                fields=["partner", "customer"],
                condition=Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="relationships_relationship_ends_after_it_starts",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="relationships_relationship_has_consent_on_record",
                condition=Q(invitation__isnull=False)
                | Q(attested_by__isnull=False, attested_on__isnull=False),
            ),
            models.CheckConstraint(
                name="relationships_partner_is_not_its_own_reseller",
                condition=Q(reseller__isnull=True) | ~Q(reseller=F("partner")),
            ),
            models.CheckConstraint(
                name="relationships_relationship_dates_are_sane",
                condition=Q(started_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "customer"],
                condition=Q(ended_on__isnull=True),
                name="relationships_of_a_reseller",
            ),
            # customers from the first or the newest on, of whoever sells or resells to them
            models.Index(
                fields=["started_on", "id"],
                include=["partner", "reseller", "customer"],
                condition=Q(ended_on__isnull=True),
                name="relationships_by_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} for {self.customer}"

    @property
    def seller(self) -> Partner:
        """Who bills and supports the customer: the reseller of record, if there is one."""
        return self.reseller or self.partner
