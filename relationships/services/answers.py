"""Invitations from the customer's side: open, accept, decline."""

from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..models import Invitation, Relationship
from ..queries.policy import most_partners
from .errors import (
    InvitationNotOpen,
    NotAReseller,
    NotLinked,
    OwnTenant,
    TenantAlreadyManaged,
    TenantIsSyndicated,
)
from .links import require_link
from .log import record_for_both
from .standing import require_may_sell

SYNDICATION_GUARDS = {
    "relationships_no_csp_beside_syndication",
    "subscriptions_no_csp_beside_syndication",
}
ONE_PARTNER_GUARDS = {
    "relationships_one_active_partner_per_slot",
    "relationships_one_active_per_partner_and_customer",
    "relationships_partners_within_policy",
}


@transaction.atomic
def note_opened(*, invitation: Invitation, tenant: Tenant, act: Act) -> None:
    """
    Remember who first saw the invitation while signed in, and when.

    :raises InvitationNotOpen: if it is not open any more
    :raises OwnTenant: if the inviting partner itself looks at it
    """
    kept = open_invitation(invitation, tenant, act)
    if kept.opened_at is not None:
        return
    kept.opened_at = act.at
    kept.opened_by_tenant = tenant
    kept.save(update_fields=["opened_at", "opened_by_tenant"])
    record_for_both(
        partner=kept.partner.tenant,
        reseller=kept.reseller.tenant if kept.reseller else None,
        customer=tenant,
        act=act,
        action="invitation.opened",
        about=kept.public_id,
        for_partner=f"opened the invitation for {tenant.name}",
        for_customer=f"opened the invitation from {kept.partner}",
        after={"tenant": tenant.domain},
    )


@transaction.atomic
def accept(*, invitation: Invitation, tenant: Tenant, act: Act) -> Relationship:
    """
    Make the inviting partner the CSP partner of `tenant`.

    Nothing else about the tenant changes: its other subscriptions, their terms and their
    partners of record stay as they are (R3). Eight acceptances at once make one
    relationship: the tenant's row is the queue, and the database refuses a second one.

    :raises InvitationNotOpen: if it was answered, withdrawn, or has expired
    :raises OwnTenant: if the inviting partner itself answers
    :raises NotAReseller: if it is an invitation to resell, which no customer accepts
    :raises NotLinked: if it names a reseller whose link with the partner has ended
    :raises TenantAlreadyManaged: if it is the tenant's CSP partner already, or the tenant has
        as many as the operators' policy allows (R7)
    :raises TenantIsSyndicated: if the tenant has an active Syndication subscription (R8)
    :raises SellingRefused: if the partner may take on nobody now; the invitation stays open
    """
    if invitation.is_for_reseller:
        raise NotAReseller
    _wait_for_turn(tenant)
    _require_a_place(invitation.partner, tenant)
    kept = open_invitation(invitation, tenant, act)
    require_may_sell(partner=kept.partner, customer=None, on=act.on)
    if kept.reseller is not None:
        require_may_sell(partner=kept.reseller, customer=None, on=act.on)
        require_link(provider=kept.partner, reseller=kept.reseller)
    kept.answer = Invitation.Answer.ACCEPTED
    answer_with(kept, tenant, act)
    relationship = establish(
        Relationship(
            partner=kept.partner,
            reseller=kept.reseller,
            customer=tenant,
            invitation=kept,
            has_delegated_admin=kept.has_delegated_admin,
            started_on=act.on,
        )
    )
    record_for_both(
        partner=kept.partner.tenant,
        reseller=kept.reseller.tenant if kept.reseller else None,
        customer=tenant,
        act=act,
        action="invitation.accepted",
        about=kept.public_id,
        for_partner=f"accepted the invitation for {tenant.name}",
        for_customer=f"accepted {partner_words(relationship)}, {admin_words(relationship)}",
        after={"tenant": tenant.domain, "has_delegated_admin": kept.has_delegated_admin},
    )
    return relationship


@transaction.atomic
def decline(*, invitation: Invitation, tenant: Tenant, reason: str, act: Act) -> None:
    """
    Answer no, for `tenant`. The partner sees the reason.

    :raises InvitationNotOpen: if it was answered, withdrawn, or has expired
    :raises OwnTenant: if the inviting partner itself answers
    """
    kept = open_invitation(invitation, tenant, act)
    kept.answer = Invitation.Answer.DECLINED
    kept.decline_reason = reason
    answer_with(kept, tenant, act)
    record_for_both(
        partner=kept.partner.tenant,
        reseller=kept.reseller.tenant if kept.reseller else None,
        customer=tenant,
        act=act,
        action="invitation.declined",
        about=kept.public_id,
        for_partner=f"declined the invitation for {tenant.name}",
        for_customer=f"declined the invitation from {kept.partner}",
        after={"tenant": tenant.domain, "reason": reason},
    )


def establish(relationship: Relationship) -> Relationship:
    """
    Insert an active relationship and mark its customer as a CSP tenant.

    In the caller's transaction. It takes the customer's lowest free place; the database has
    the last word on R7 and R8.

    :raises TenantAlreadyManaged: if the customer has as many CSP partners as it may have
    :raises TenantIsSyndicated: if the customer has an active Syndication subscription
    :raises NotLinked: if its reseller has no active link with its partner
    """
    try:
        with transaction.atomic():
            Tenant.objects.filter(pk=relationship.customer_id).update(
                exclusive_channel=Tenant.ExclusiveChannel.CSP
            )
            relationship.slot = _lowest_free_slot(relationship.customer_id)
            relationship.save(force_insert=True)
    except IntegrityError as error:
        broken = broken_constraint(error)
        if broken in ONE_PARTNER_GUARDS:
            raise TenantAlreadyManaged(None) from error
        if broken in SYNDICATION_GUARDS:
            raise TenantIsSyndicated from error
        if broken == "relationships_reseller_is_linked" and relationship.reseller is not None:
            raise NotLinked(relationship.partner, relationship.reseller) from error
        raise
    return relationship


def partner_words(relationship: Relationship) -> str:
    words = f"{relationship.partner} as CSP partner"
    return f"{words} through {relationship.reseller}" if relationship.reseller else words


def admin_words(relationship: Relationship) -> str:
    return f"with{'' if relationship.has_delegated_admin else 'out'} delegated admin"


def _require_a_place(partner: Partner, tenant: Tenant) -> None:
    managing = list(
        Partner.objects.filter(relationships__customer=tenant, relationships__ended_on=None)
        .select_related("tenant")
        .order_by("relationships__slot")
    )
    if partner in managing:
        raise TenantAlreadyManaged(partner)
    if len(managing) >= most_partners():
        raise TenantAlreadyManaged(managing[0])


def _lowest_free_slot(customer_id: int) -> int:
    """Return the customer's first place without a partner. Its row is locked by now."""
    taken = set(
        Relationship.objects.active().filter(customer_id=customer_id).values_list("slot", flat=True)
    )
    return next(slot for slot in range(1, len(taken) + 2) if slot not in taken)


def _wait_for_turn(tenant: Tenant) -> None:
    """Lock the tenant's row until the transaction ends; foreign keys onto it go on."""
    list(Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk).values_list("pk"))


def open_invitation(invitation: Invitation, tenant: Tenant, act: Act) -> Invitation:
    """Return the invitation, locked, if `tenant` could answer it."""
    kept = (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("partner__tenant", "reseller__tenant")
        .get(pk=invitation.pk)
    )
    state = kept.state_on(act.on)
    if state != "open":
        raise InvitationNotOpen(state)
    if any(side.tenant_id == tenant.pk for side in kept.sides):
        raise OwnTenant
    return kept


def answer_with(invitation: Invitation, tenant: Tenant, act: Act) -> None:
    invitation.answered_at = act.at
    invitation.answered_by = act.by
    invitation.tenant = tenant
    invitation.save(
        update_fields=["answer", "answered_at", "answered_by", "tenant", "decline_reason"]
    )
