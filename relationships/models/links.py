import uuid
from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from tenants.models import Partner, Tenant, User

from .invitations import Invitation

LARGEST_DISCOUNT = Decimal("99.99")


class ResellerLinkQuerySet(models.QuerySet["ResellerLink"]):
    def active(self) -> Self:
        return self.filter(ended_on=None)

    def of(self, partner: Partner) -> Self:
        """Return those in which `partner` is the provider or the reseller."""
        return self.filter(Q(provider=partner) | Q(reseller=partner))

    def between(self, *, provider: Partner, reseller: Partner) -> Self:
        """Return the links of the pair, the one that counts first: active, else the newest."""
        return self.filter(provider=provider, reseller=reseller).order_by(
            F("ended_on").desc(nulls_first=True), "-id"
        )


class ResellerLink(models.Model):
    """
    A provider's and a reseller's agreement to sell together (2-tier).

    While it is active either of them takes on customers for both. `discount_percent` is how
    much less than the estimated retail price the reseller pays its provider. Once it ended
    no customer is added; those that are there stay, at the discount agreed here.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Partner, models.PROTECT, related_name="reseller_links")
    reseller = models.ForeignKey(Partner, models.PROTECT, related_name="provider_links")
    invitation = models.OneToOneField(Invitation, models.PROTECT, related_name="reseller_link")
    discount_percent = models.DecimalField(max_digits=4, decimal_places=2)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_for = models.ForeignKey(
        Tenant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The organisation that ended it.",
    )
    end_reason = models.CharField(max_length=500, blank=True)

    objects = ResellerLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            # Product §3: "provider and reseller link once".
            models.UniqueConstraint(
                name="relationships_one_active_link_per_provider_and_reseller",
                fields=["provider", "reseller"],
                condition=Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="relationships_link_has_two_sides", condition=~Q(provider=F("reseller"))
            ),
            models.CheckConstraint(
                name="relationships_link_discount_is_a_percentage",
                condition=Q(discount_percent__range=(0, LARGEST_DISCOUNT)),
            ),
            models.CheckConstraint(
                name="relationships_link_ends_after_it_starts",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="relationships_link_ended_whole",
                condition=Q(ended_on__isnull=True, ended_for__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False, ended_for__isnull=False) & ~Q(end_reason="")),
            ),
            models.CheckConstraint(
                name="relationships_link_dates_are_sane",
                condition=Q(started_on__range=(date(2010, 1, 1), date(2100, 1, 1))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reseller} through {self.provider}"

    @property
    def is_active(self) -> bool:
        return self.ended_on is None

    def other_side(self, partner: Partner) -> Partner:
        """Return whom `partner` is linked with by this."""
        return self.reseller if partner.pk == self.provider_id else self.provider
