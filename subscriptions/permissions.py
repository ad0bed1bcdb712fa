"""Which subscriptions a request may act on or see; what is not theirs is 404, as if it were not."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from relationships.models import Relationship
from relationships.permissions import get_relationship
from tenants.http import PortalRequest, partner_of
from tenants.models import Membership, Partner, Tenant
from tenants.permissions import acting_partner, acting_tenant
from tenants.roles import Action

from .models import Subscription
from .queries.licences import assignable


def get_managed_subscription(request: PortalRequest, subscription_id: UUID) -> Subscription:
    """
    Return a CSP subscription that the acting partner sold and still has the customer of.

    Subscriptions of other channels are not found here, whoever is their partner of record:
    a CSP partner manages none of them (R3).

    :raises PermissionDenied: for its reseller, which sees it and asks the provider
    """
    partner = acting_partner(request)
    _refuse_its_reseller(partner, subscription_id)
    relationship = Relationship.objects.active().filter(
        partner=partner, customer=OuterRef("tenant")
    )
    return get_object_or_404(
        Subscription.objects.sold_by(partner)
        .filter(Exists(relationship))
        .select_related("tenant", "offer", "partner__tenant", "reseller__tenant", "base"),
        public_id=subscription_id,
    )


def get_resold_subscription(request: PortalRequest, subscription_id: UUID) -> Subscription:
    """Return a CSP subscription that the acting partner resells to a customer it still has."""
    partner = acting_partner(request)
    relationship = Relationship.objects.active().filter(
        reseller=partner, customer=OuterRef("tenant")
    )
    return get_object_or_404(
        Subscription.objects.csp()
        .filter(Exists(relationship), reseller=partner)
        .select_related("tenant", "offer", "partner__tenant", "reseller__tenant", "base"),
        public_id=subscription_id,
    )


def _refuse_its_reseller(partner: Partner, subscription_id: UUID) -> None:
    resold = Subscription.objects.csp().filter(public_id=subscription_id, reseller=partner)
    if resold.exists():
        raise PermissionDenied


def get_own_subscription(request: PortalRequest, subscription_id: UUID) -> Subscription:
    """Return a subscription of the acting tenant, of any channel, to look at (R10)."""
    return get_object_or_404(
        Subscription.objects.of_tenant(acting_tenant(request)).select_related(
            "offer", "partner__tenant", "reseller__tenant", "partner_of_record__tenant", "base"
        ),
        public_id=subscription_id,
    )


@dataclass(frozen=True, slots=True)
class Workplace:
    """
    The tenant whose users somebody keeps: their own, or a customer's by delegated admin.

    `partner` is the acting partner, None for a Tenant admin at home. Without `may_set_roles`
    (a Helpdesk agent) new users are Members, and the tenant's admins are out of reach.
    """

    tenant: Tenant
    relationship: Relationship | None
    partner: Partner | None
    may_set_roles: bool

    @property
    def is_own(self) -> bool:
        return self.relationship is None

    @property
    def is_resold(self) -> bool:
        return self.relationship is not None and self.relationship.reseller == self.partner

    @property
    def is_open(self) -> bool:
        """Whether anything can be done here: at home, or with delegated admin."""
        return self.relationship is None or self.relationship.has_delegated_admin

    def may_change(self, membership: Membership) -> bool:
        return self.may_set_roles or not membership.is_admin

    def assignable(self) -> QuerySet[Subscription]:
        return assignable(tenant=self.tenant, seller=self.partner)

    def url(self, name: str, *args: object) -> str:
        """Return a page of the users' pages, at home or in the customer's tenant."""
        if self.is_own:
            return reverse(f"subscriptions:own-{name}", args=args)
        return reverse(f"subscriptions:{name}", args=[self.tenant.public_id, *args])


def get_workplace(request: PortalRequest, customer_id: UUID | None) -> Workplace:
    """
    Return where the person may keep users; `customer_id` names a partner's customer.

    403 for those who may do so nowhere there, 404 for a customer that is not theirs.
    """
    membership = request.membership
    wanted = Action.DELEGATED_ADMIN if customer_id else Action.MANAGE_OWN_USERS
    if membership is None or not membership.may(wanted):
        raise PermissionDenied
    if customer_id is None:
        return Workplace(acting_tenant(request), None, None, may_set_roles=True)
    relationship = get_relationship(request, customer_id)
    return Workplace(
        tenant=relationship.customer,
        relationship=relationship,
        partner=partner_of(request),
        may_set_roles=membership.may(Action.DELEGATED_ROLES),
    )


def get_open_workplace(request: PortalRequest, customer_id: UUID | None) -> Workplace:
    """Return the same, to change something: 403 where there is no delegated admin."""
    workplace = get_workplace(request, customer_id)
    if not workplace.is_open:
        raise PermissionDenied
    return workplace


def get_member(workplace: Workplace, user_id: UUID) -> Membership:
    """Return a person of that tenant."""
    return get_object_or_404(
        Membership.objects.select_related("user", "tenant"),
        tenant=workplace.tenant,
        public_id=user_id,
    )


def get_member_to_change(workplace: Workplace, user_id: UUID) -> Membership:
    """Return the same; 403 if it is an admin and the person acting may not touch admins."""
    member = get_member(workplace, user_id)
    if not workplace.may_change(member):
        raise PermissionDenied
    return member
