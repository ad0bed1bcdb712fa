"""Which customers and invitations the acting organisation may see: the others are 404."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from tenants.http import PortalRequest
from tenants.models import Partner, Tenant
from tenants.permissions import acting_partner

from .models import Invitation, Relationship
from .queries.invitations import invitations_of
from .queries.relationships import relationship_with


def get_customer(request: PortalRequest, customer_id: uuid.UUID) -> Tenant:
    """Return a customer of the acting partner, or of the provider it resells for."""
    partner = acting_partner(request)
    mine = Relationship.objects.active().filter(Q(partner=partner) | Q(reseller=partner))
    return get_object_or_404(Tenant, public_id=customer_id, pk__in=mine.values("customer_id"))


def get_relationship(request: PortalRequest, customer_id: uuid.UUID) -> Relationship:
    """Return the active relationship with a customer of the acting partner."""
    customer = get_customer(request, customer_id)
    relationship = relationship_with(acting_partner(request), customer)
    if relationship is None:  # it ended between the two questions
        raise Http404
    return relationship


def get_invitation(request: PortalRequest, invitation_id: uuid.UUID) -> Invitation:
    """Return an invitation the acting partner sent."""
    return get_object_or_404(
        invitations_of(acting_partner(request)).select_related(
            "partner__tenant", "answered_by", "withdrawn_by", "created_by"
        ),
        public_id=invitation_id,
    )


def selling_partner(request: PortalRequest) -> Partner:
    """Return the acting partner if it transacts with customers; 403 for the other kinds."""
    partner = acting_partner(request)
    if not partner.may_transact:
        raise PermissionDenied
    return partner
