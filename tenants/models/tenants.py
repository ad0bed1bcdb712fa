import uuid
from typing import Self

from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext

from ..domain.countries import MARKETS
from ..domain.search import prefix_query
from ..roles import Kind


def _has_words(query: str) -> Func:
    """Return the condition that the index of the words of name and domain answers."""
    return Func(
        Func("name", "domain", function="tenants_words"),
        Func(Value(query), template="%(expressions)s::tsquery"),
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=models.BooleanField(),
    )


class TenantQuerySet(models.QuerySet["Tenant"]):
    def with_domain(self, name: str) -> Self:
        """Return the tenant that owns the domain, default or further, whatever its case."""
        return self.filter(domains__name__iexact=name)

    def matching(self, typed: str) -> Self:
        """Return those whose name or domain has words that begin with those `typed`."""
        query = prefix_query(typed)
        return self.filter(_has_words(query)) if query else self.none()

    def customers(self) -> Self:
        return self.filter(is_vendor=False, partner=None)

    def vendor(self) -> "Tenant":
        return self.get(is_vendor=True)


class Tenant(models.Model):
    """An organisation's directory: the vendor, a partner or a customer."""

    class ExclusiveChannel(models.TextChoices):
        """
        The channel that keeps the other out (R8).

        An active reseller relationship or CSP subscription needs "csp", an active
        Syndication subscription needs "syndication": composite foreign keys onto
        (id, exclusive_channel) make the two impossible together, in a race as well.
        """

        NONE = "", "none"
        CSP = "csp", "CSP"
        SYNDICATION = "syndication", "Syndication"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, help_text="The default domain, in lower case.")
    country = models.CharField(max_length=2, help_text="ISO 3166-1, two letters.")
    currency = models.CharField(max_length=3, help_text="ISO 4217, three letters.")
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    is_vendor = models.BooleanField(default=False)
    exclusive_channel = models.CharField(
        max_length=12,
        choices=ExclusiveChannel,
        default=ExclusiveChannel.NONE,
        blank=True,
        editable=False,
    )
    created_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("domain"), name="tenants_domain_taken_once"),
            models.CheckConstraint(
                name="tenants_domain_in_lower_case", condition=Q(domain=Lower("domain"))
            ),
            models.UniqueConstraint(
                name="tenants_exactly_one_vendor",
                fields=["is_vendor"],
                condition=Q(is_vendor=True),
            ),
            # R8: what the composite foreign keys of relationships and subscriptions point at.
            models.UniqueConstraint(
                name="tenants_tenant_and_exclusive_channel", fields=["id", "exclusive_channel"]
            ),
        ]
        indexes = [
            models.Index(Lower("name"), "id", name="tenants_by_name_any_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_partner(self) -> bool:
        return self.kind not in {Kind.VENDOR, Kind.CUSTOMER}

    @property
    def kind(self) -> Kind:
        """What it is in the programme. Reads its partner row if that is not loaded."""
        if self.is_vendor:
            return Kind.VENDOR
        partner = getattr(self, "partner", None)
        return Kind(partner.kind) if partner else Kind.CUSTOMER

    @property
    def address_lines(self) -> list[str]:
        place = " ".join(part for part in (self.postal_code, self.city) if part)
        return [line for line in (self.street, place, self.country) if line]

    @property
    def country_name(self) -> str:
        """The country in words, in the person's language; the code where we know no word."""
        return gettext(MARKETS[self.country][0]) if self.country in MARKETS else self.country


class Domain(models.Model):
    """A domain that belongs to a tenant; its default one is here as well."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="tenants_every_domain_taken_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """A tenant in the reseller programme."""

    PARTNER_KINDS = [
        (Kind.DIRECT_PARTNER.value, "Direct partner"),
        (Kind.INDIRECT_PROVIDER.value, "Indirect provider"),
        (Kind.INDIRECT_RESELLER.value, "Indirect reseller"),
        (Kind.ADVISOR.value, "Advisor"),
    ]

    tenant = models.OneToOneField(Tenant, models.PROTECT, related_name="partner")
    mpn_id = models.CharField("partner ID", max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=PARTNER_KINDS)
    joined_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tenants_partner_of_a_known_kind",
                condition=Q(
                    kind__in=[
                        "direct_partner",
                        "indirect_provider",
                        "indirect_reseller",
                        "advisor",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.tenant.name

    @property
    def may_transact(self) -> bool:
        """Direct partners and indirect providers sell CSP subscriptions themselves."""
        return self.kind in {Kind.DIRECT_PARTNER, Kind.INDIRECT_PROVIDER}
