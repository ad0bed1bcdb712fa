"""Providers and their resellers: who works with whom, and who can take on a customer how."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from tenants.models import Partner, Tenant
from tenants.roles import Kind

from ..models import Invitation, Relationship, ResellerLink

CAN_RESELL = frozenset({Kind.INDIRECT_RESELLER, Kind.DIRECT_PARTNER})


class LinkStanding(StrEnum):
    """Whether an organisation can accept an invitation to resell, or what stops it."""

    OPEN = "open"
    OWN_TENANT = "own tenant"
    NOT_A_RESELLER = "not a reseller"
    ALREADY_LINKED = "already linked"


@dataclass(frozen=True, slots=True)
class Chain:
    """
    A way to serve a new customer: who transacts, and through which reseller, if any.

    `key` is what a form sends: empty without a reseller, else the link's public id. The
    discount is what the reseller pays less than the ERP.
    """

    key: str
    partner: Partner
    reseller: Partner | None
    label: str
    discount_percent: Decimal | None = None


def links_of(partner: Partner) -> QuerySet[ResellerLink]:
    """
    Return the links of a provider or a reseller, active ones first, with their customers.

    `customers` counts those that the two serve together today.
    """
    together = (
        Relationship.objects.active()
        .filter(partner=OuterRef("provider"), reseller=OuterRef("reseller"))
        .order_by()
        .values("reseller")
        .annotate(n=Count("pk"))
    )
    return (
        ResellerLink.objects.of(partner)
        .select_related("provider__tenant", "reseller__tenant", "ended_by", "ended_for")
        .annotate(customers=Coalesce(Subquery(together.values("n"), IntegerField()), 0))
        .order_by(
            F("ended_on").desc(nulls_first=True),
            "reseller__tenant__name",
            "provider__tenant__name",
            "id",
        )
    )


def offers_to_resellers(partner: Partner) -> QuerySet[Invitation]:
    """Return a provider's invitations to resellers, newest first."""
    return (
        Invitation.objects.filter(partner=partner, kind=Invitation.Kind.RESELLER)
        .select_related("tenant", "opened_by_tenant", "created_by", "answered_by")
        .order_by("-created_at", "-id")
    )


def has_links(partner: Partner) -> bool:
    return ResellerLink.objects.of(partner).exists()


def chains_for(partner: Partner) -> list[Chain]:
    """Return every way in which `partner` can take on a customer; none for an advisor."""
    chains: list[Chain] = []
    if partner.kind == Kind.INDIRECT_PROVIDER:
        chains.append(Chain("", partner, None, _("No reseller: you bill the customer")))
    elif partner.may_transact:
        chains.append(Chain("", partner, None, _("No provider: you sell and bill yourself")))
    links = (
        ResellerLink.objects.active()
        .of(partner)
        .select_related("provider__tenant", "reseller__tenant")
        .order_by("reseller__tenant__name", "provider__tenant__name", "id")
    )
    chains += [
        Chain(
            str(link.public_id),
            link.provider,
            link.reseller,
            link.other_side(partner).tenant.name,
            link.discount_percent,
        )
        for link in links
    ]
    return chains


def link_standing(*, invitation: Invitation, tenant: Tenant) -> LinkStanding:
    """Say whether `tenant` could accept an open invitation to resell; the service decides."""
    if tenant.pk == invitation.partner.tenant_id:
        return LinkStanding.OWN_TENANT
    partner = Partner.objects.filter(tenant=tenant).order_by("id").first()
    if partner is None or partner.kind not in CAN_RESELL:
        return LinkStanding.NOT_A_RESELLER
    linked = ResellerLink.objects.active().filter(provider=invitation.partner, reseller=partner)
    return LinkStanding.ALREADY_LINKED if linked.exists() else LinkStanding.OPEN


def is_linked(*, provider: Partner, reseller: Partner) -> bool:
    """Tell whether the two may take on customers together."""
    return ResellerLink.objects.active().filter(provider=provider, reseller=reseller).exists()


def discount_of(relationship: Relationship) -> Decimal | None:
    """Return what the customer's reseller pays less than the ERP; None without a reseller."""
    if relationship.reseller is None:
        return None
    link = link_that_counts(provider=relationship.partner, reseller=relationship.reseller)
    return link.discount_percent


def link_that_counts(*, provider: Partner, reseller: Partner) -> ResellerLink:
    """
    Return the link whose discount counts for the pair: the active one, else the newest.

    Whatever names both as seller was made while they had one (a guard of the database).
    """
    return ResellerLink.objects.between(provider=provider, reseller=reseller)[0]
