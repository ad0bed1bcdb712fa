"""Which customers and invitations the acting organisation may see: the others are 404."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from tenants.http import PortalRequest, partner_of
from tenants.models import Tenant
from tenants.permissions import acting_partner, acting_tenant
from tenants.roles import Action, Kind

from .models import Invitation, Relationship, ResellerLink, Transfer
from .queries.invitations import invitations_of
from .queries.links import Chain, chains_for, links_of, offers_to_resellers
from .queries.relationships import customers_of
from .queries.transfers import transfers_of, transfers_of_customer


def get_customer(request: PortalRequest, customer_id: uuid.UUID) -> Tenant:
    """Return a customer of the acting partner, or of the provider it resells for."""
    partner = acting_partner(request)
    mine = Relationship.objects.active().involving(partner)
    return get_object_or_404(Tenant, public_id=customer_id, pk__in=mine.values("customer_id"))


def get_relationship(request: PortalRequest, customer_id: uuid.UUID) -> Relationship:
    """Return the active relationship with a customer of the acting partner."""
    mine = customers_of(acting_partner(request)).filter(customer__public_id=customer_id)
    relationship = mine.order_by("started_on", "pk").first()
    if relationship is None:
        raise Http404
    return relationship


def get_sold_customer(request: PortalRequest, customer_id: uuid.UUID) -> Tenant:
    """
    Return a customer that the acting partner transacts for.

    :raises PermissionDenied: if it only resells there: its provider orders
    """
    return get_sold_relationship(request, customer_id).customer


def get_sold_relationship(request: PortalRequest, customer_id: uuid.UUID) -> Relationship:
    """
    Return the relationship in which the acting partner transacts for the customer.

    :raises PermissionDenied: if it only resells there: its provider orders
    """
    relationship = get_relationship(request, customer_id)
    if relationship.partner != acting_partner(request):
        raise PermissionDenied
    return relationship


def get_invitation(request: PortalRequest, invitation_id: uuid.UUID) -> Invitation:
    """
    Return an invitation that the acting partner sent, or that its 2-tier side sent for both.

    Those to customers are for people who invite customers, those to resellers for people
    who agree links.
    """
    partner = acting_partner(request)
    found = Invitation.objects.none()
    if _may(request, Action.INVITE_CUSTOMERS):
        found |= invitations_of(partner)
    if _may(request, Action.AGREE_LINKS):
        found |= offers_to_resellers(partner)
    return get_object_or_404(
        found.select_related(
            *("withdrawn_by", "reseller_link", "transfer"),
            *("relationship__partner", "relationship__reseller"),
        ),
        public_id=invitation_id,
    )


def get_ending(request: PortalRequest, relationship_id: uuid.UUID) -> Relationship:
    """Return an active relationship that the acting organisation may end, being a side of it."""
    tenant = acting_tenant(request)
    return get_object_or_404(
        Relationship.objects.active()
        .filter(Q(customer=tenant) | Q(partner__tenant=tenant))
        .select_related("partner__tenant", "reseller__tenant", "customer"),
        public_id=relationship_id,
    )


def get_transfer(request: PortalRequest, transfer_id: uuid.UUID) -> Transfer:
    """Return a transfer of a customer to or from the acting partner."""
    return get_object_or_404(transfers_of(acting_partner(request)), public_id=transfer_id)


def get_transfer_to_decide(request: PortalRequest, transfer_id: uuid.UUID) -> Transfer:
    """
    Return a transfer of which the acting partner is the old one.

    :raises PermissionDenied: for who only sees it, such as the new partner
    """
    transfer = get_transfer(request, transfer_id)
    if transfer.old_partner != acting_partner(request):
        raise PermissionDenied
    return transfer


def get_transfer_to_withdraw(request: PortalRequest, transfer_id: uuid.UUID) -> Transfer:
    """
    Return a transfer of the acting customer, or one to the acting partner.

    :raises PermissionDenied: for the old partner, who declines instead
    """
    tenant = acting_tenant(request)
    if partner_of(request) is None:
        return get_object_or_404(transfers_of_customer(tenant), public_id=transfer_id)
    transfer = get_transfer(request, transfer_id)
    if tenant not in {transfer.new_partner.tenant, transfer.new_seller.tenant}:
        raise PermissionDenied
    return transfer


def get_sent_invitation(request: PortalRequest, invitation_id: uuid.UUID) -> Invitation:
    """
    Return an invitation that the acting partner itself made.

    :raises PermissionDenied: if its 2-tier side made it, which then also sends it again
    """
    invitation = get_invitation(request, invitation_id)
    if invitation.sender != acting_partner(request):
        raise PermissionDenied
    return invitation


def get_link(request: PortalRequest, link_id: uuid.UUID) -> ResellerLink:
    """Return a link of the acting partner with a provider or a reseller."""
    return get_object_or_404(links_of(acting_partner(request)), public_id=link_id)


def selling_chains(request: PortalRequest) -> list[Chain]:
    """
    Return the ways in which the acting partner can take on a customer.

    Empty for a reseller without a provider, which a page explains.

    :raises PermissionDenied: for an advisor, which has no customers in CSP
    """
    partner = acting_partner(request)
    if partner.kind == Kind.ADVISOR:
        raise PermissionDenied
    return chains_for(partner)


def _may(request: PortalRequest, action: Action) -> bool:
    return request.membership is not None and request.membership.may(action)
