"""
Invitations from the partner's side: make, renew, send, withdraw, remind.

`answers` has the customer's side; both are one interface to callers.
"""

from datetime import date, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction

from csp_portal.shared.tokens import hash_token, new_token
from tenants.acts import Act
from tenants.models import Partner
from tenants.services import activity

from .. import letters
from ..models import Invitation
from .answers import accept, decline, note_opened
from .errors import (
    InvitationNotOpen,
    MailNotSent,
    NotLinked,
    OwnTenant,
    PartnerMayNotSell,
    TenantAlreadyManaged,
    TenantIsSyndicated,
)
from .links import require_link
from .standing import require_may_sell

__all__ = [
    "InvitationNotOpen",
    "MailNotSent",
    "NotLinked",
    "OwnTenant",
    "PartnerMayNotSell",
    "TenantAlreadyManaged",
    "TenantIsSyndicated",
    "accept",
    "decline",
    "invite",
    "note_opened",
    "remind_due",
    "renew_link",
    "send",
    "withdraw",
]

VALID_FOR = timedelta(days=30)
REMIND_AFTER = timedelta(days=7)


@transaction.atomic
def invite(
    *,
    partner: Partner,
    has_delegated_admin: bool,
    kind: str = Invitation.Kind.CUSTOMER,
    reseller: Partner | None = None,
    sent_by: Partner | None = None,
    customer_name: str = "",
    email: str = "",
    language: str = "en",
    note: str = "",
    is_mailed: bool = False,
    act: Act,
) -> tuple[Invitation, str]:
    """
    Make an invitation and return it with its token, which is kept nowhere.

    It can be accepted for 30 days, on `act.on` and the 29 days after. With `is_mailed` the
    portal sends it to `email` as well. In 2-tier it names both: `partner` will transact,
    `reseller` bill and support the customer; `sent_by` is whichever of them makes it.

    :raises PartnerMayNotSell: if the partner does not transact with customers
    :raises SellingRefused: if the partner may start nothing new
    :raises NotLinked: if partner and reseller have no active link
    :raises MailNotSent: if the mail server refused it; there is no invitation then
    """
    if not partner.may_transact:
        raise PartnerMayNotSell
    require_may_sell(partner=partner, customer=None, on=act.on)
    if reseller is not None:
        require_may_sell(partner=reseller, customer=None, on=act.on)
        require_link(provider=partner, reseller=reseller)
    invitation, token = make(
        partner=partner,
        reseller=reseller,
        sent_by=sent_by,
        kind=kind,
        has_delegated_admin=has_delegated_admin,
        customer_name=customer_name,
        email=email,
        language=language,
        note=note,
        last_sent_at=act.at if is_mailed else None,
        act=act,
    )
    if is_mailed:
        send_letter(letters.invitation_letter(invitation=invitation, token=token))
    whom = customer_name or email or "a customer"
    record_invitation(invitation, act, "invitation.created", f"invited {whom}")
    return invitation, token


def make(*, act: Act, **fields: Any) -> tuple[Invitation, str]:
    """Insert an invitation of any kind, valid from `act.on`, and return it with its token."""
    assert act.by is not None, "an invitation is made by a person"
    token = new_token()
    invitation = Invitation.objects.create(
        token_hash=hash_token(token),
        created_at=act.at,
        created_by=act.by,
        expires_on=_expiry(act.on),
        **fields,
    )
    return invitation, token


@transaction.atomic
def renew_link(*, invitation: Invitation, act: Act) -> str:
    """
    Return a new token, valid for 30 days from `act.on`. The old link is dead from now on.

    :raises InvitationNotOpen: if it was answered or withdrawn; an expired one opens again
    """
    token = _renew(_unanswered(invitation, act), act)
    record_invitation(invitation, act, "invitation.link_renewed", "made a new invitation link")
    return token


@transaction.atomic
def send(*, invitation: Invitation, act: Act) -> None:
    """
    Mail the invitation to its address, with a new link; the old one is dead from now on.

    :raises InvitationNotOpen: if it was answered or withdrawn
    :raises MailNotSent: if the mail server refused it; the old link lives on then
    """
    kept = _unanswered(invitation, act)
    token = _renew(kept, act)
    send_letter(letters.invitation_letter(invitation=kept, token=token))
    record_invitation(invitation, act, "invitation.sent", f"sent the invitation to {kept.email}")


@transaction.atomic
def withdraw(*, invitation: Invitation, act: Act) -> None:
    """
    Take the invitation back; its link leads to a page that says so.

    :raises InvitationNotOpen: if it was answered or withdrawn
    """
    kept = _unanswered(invitation, act)
    kept.withdrawn_at = act.at
    kept.withdrawn_by = act.by
    kept.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record_invitation(invitation, act, "invitation.withdrawn", "withdrew the invitation")


def remind_due(*, act: Act) -> int:
    """
    Tell inviters of open invitations without an answer for 7 days; once each.

    Returns how many were reminded. Each is a transaction of its own; one that cannot be
    mailed is tried again the next time.
    """
    due = (
        Invitation.objects.open_on(act.on)
        .filter(reminded_at=None, created_at__lte=act.at - REMIND_AFTER)
        .exclude(last_sent_at__gt=act.at - REMIND_AFTER)
        .order_by("id")
    )
    return sum(_remind(pk, act) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: int, act: Act) -> bool:
    invitation = (
        Invitation.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("partner__tenant", "reseller__tenant", "created_by", "opened_by_tenant")
        .filter(pk=pk, reminded_at=None)
        .order_by("pk")
        .first()
    )
    if invitation is None:
        return False
    invitation.reminded_at = act.at
    invitation.save(update_fields=["reminded_at"])
    try:
        send_letter(letters.reminder_letter(invitation))
    except MailNotSent:
        transaction.set_rollback(True)
        return False
    whom = invitation.created_by
    words = f"reminded {whom} of an open invitation"
    record_invitation(invitation, act, "invitation.reminded", words)
    return True


def _unanswered(invitation: Invitation, act: Act) -> Invitation:
    """Return the invitation, locked."""
    kept = (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("partner__tenant", "reseller__tenant")
        .get(pk=invitation.pk)
    )
    state = kept.state_on(act.on)
    if state not in {"open", "expired"}:
        raise InvitationNotOpen(state)
    return kept


def _renew(invitation: Invitation, act: Act) -> str:
    token = new_token()
    invitation.token_hash = hash_token(token)
    invitation.expires_on = _expiry(act.on)
    invitation.last_sent_at = act.at
    invitation.reminded_at = None
    invitation.save(update_fields=["token_hash", "expires_on", "last_sent_at", "reminded_at"])
    return token


def _expiry(on: date) -> date:
    return on + VALID_FOR


def send_letter(mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError as error:  # what SMTP and sockets raise
        raise MailNotSent from error


def record_invitation(invitation: Invitation, act: Act, action: str, summary: str) -> None:
    """Append to the logs of the partner and of the reseller that the invitation names."""
    for tenant in activity.in_order(side.tenant for side in invitation.sides):
        activity.record(
            tenant=tenant,
            act=act,
            action=action,
            about=invitation.public_id,
            summary=summary,
            after={
                "customer_name": invitation.customer_name,
                "email": invitation.email,
                "has_delegated_admin": invitation.has_delegated_admin,
            },
        )
