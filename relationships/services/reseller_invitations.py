"""A provider invites a partner to resell; that partner's answer makes the link."""

from decimal import Decimal

from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.roles import Kind

from .. import letters
from ..models import Invitation, ResellerLink
from ..queries.links import CAN_RESELL
from .answers import answer_with, open_invitation
from .errors import AlreadyLinked, NotAProvider, NotAReseller
from .invitations import make, record_invitation, send_letter
from .links import record_link

__all__ = ["AlreadyLinked", "NotAProvider", "NotAReseller", "accept_link", "invite_reseller"]


@transaction.atomic
def invite_reseller(
    *,
    provider: Partner,
    discount_percent: Decimal,
    customer_name: str = "",
    email: str = "",
    language: str = "en",
    note: str = "",
    is_mailed: bool = False,
    act: Act,
) -> tuple[Invitation, str]:
    """
    Make an invitation to resell, and return it with its token, which is kept nowhere.

    The reseller would pay the estimated retail price less `discount_percent`. What else
    holds for invitations (30 days, one answer, renewing, withdrawing) holds for this one.

    :raises NotAProvider: if the partner is no indirect provider
    :raises MailNotSent: if the mail server refused it; there is no invitation then
    """
    if provider.kind != Kind.INDIRECT_PROVIDER:
        raise NotAProvider
    invitation, token = make(
        partner=provider,
        kind=Invitation.Kind.RESELLER,
        has_delegated_admin=False,
        discount_percent=discount_percent,
        customer_name=customer_name,
        email=email,
        language=language,
        note=note,
        last_sent_at=act.at if is_mailed else None,
        act=act,
    )
    if is_mailed:
        send_letter(letters.invitation_letter(invitation=invitation, token=token))
    whom = customer_name or email or "a partner"
    words = f"invited {whom} to resell, {discount_percent} % off ERP"
    record_invitation(invitation, act, "link.offered", words)
    return invitation, token


@transaction.atomic
def accept_link(*, invitation: Invitation, tenant: Tenant, act: Act) -> ResellerLink:
    """
    Link the partner `tenant` with the provider that invited it.

    :raises InvitationNotOpen: if it was answered, withdrawn, or has expired
    :raises OwnTenant: if the provider itself answers
    :raises NotAReseller: if the tenant is no reseller and no direct partner
    :raises AlreadyLinked: if the two have an active link
    """
    kept = open_invitation(invitation, tenant, act)
    reseller = Partner.objects.filter(tenant=tenant, kind__in=CAN_RESELL).order_by("id").first()
    if reseller is None or not kept.is_for_reseller:
        raise NotAReseller
    kept.answer = Invitation.Answer.ACCEPTED
    answer_with(kept, tenant, act)
    assert kept.discount_percent is not None  # an invitation of this kind offers one
    link = ResellerLink(
        provider=kept.partner,
        reseller=reseller,
        invitation=kept,
        discount_percent=kept.discount_percent,
        started_on=act.on,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) == "relationships_one_active_link_per_provider_and_reseller":
            raise AlreadyLinked from error
        raise
    record_link(link, act, "link.accepted", "linked {provider} and {reseller}: 2-tier from now on")
    return link
