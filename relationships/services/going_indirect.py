"""
A direct partner goes indirect: its customers follow it to a provider, one consent each.

Each gets the partner's own invitation to replace it by the provider with the partner as
reseller. The partner's approval is in it; the customer chooses the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Partner
from tenants.queries.tenants import admins_of

from ..letters import invitation_letter
from ..models import Invitation, PlannedMove, Relationship, Transfer
from ..queries.planned_moves import progress_of
from .ending import TransferIsOpen, lock_relationship
from .errors import MailNotSent, NotLinked
from .invitations import invite, send_letter
from .standing import SellingRefused

AT_MOST = 100


class CannotBeAsked(Exception):
    """The customer gets no invitation; `str()` says why."""


class HasNoAdmin(CannotBeAsked):
    def __init__(self) -> None:
        super().__init__(_("Nobody at this customer can accept: it has no Tenant admin."))


class IsAskedAlready(CannotBeAsked):
    def __init__(self) -> None:
        super().__init__(_("It has an invitation to move already."))


@dataclass(slots=True)
class AskReport:
    asked: list[Relationship] = field(default_factory=list)
    refused: list[tuple[Relationship, str]] = field(default_factory=list)


def ask_to_follow(
    *, partner: Partner, provider: Partner, relationships: Iterable[Relationship], act: Act
) -> AskReport:
    """
    Send each customer an invitation to move to `provider`; one that cannot stops no other.

    Each is a transaction of its own, so the report says what really happened.
    """
    report = AskReport()
    for relationship in relationships:
        try:
            ask_one(partner=partner, provider=provider, relationship=relationship, act=act)
        except (CannotBeAsked, SellingRefused, TransferIsOpen) as refusal:
            report.refused.append((relationship, str(refusal)))
        except MailNotSent:
            reason = _("The mail server did not take the letter. Try again later.")
            report.refused.append((relationship, reason))
        except NotLinked:
            reason = _("You have no link with this provider any more.")
            report.refused.append((relationship, reason))
        else:
            report.asked.append(relationship)
    return report


@transaction.atomic
def ask_one(
    *, partner: Partner, provider: Partner, relationship: Relationship, act: Act
) -> PlannedMove:
    """
    Invite one customer by mail to its first Tenant admin.

    :raises IsAskedAlready: if an invitation to move is open or was accepted
    :raises TransferIsOpen: if it is moving to somebody
    :raises HasNoAdmin: if nobody could accept
    :raises NotLinked, SellingRefused, MailNotSent: see `invite`
    """
    kept = lock_relationship(relationship)
    if Transfer.objects.open().filter(relationship=kept).exists():
        raise TransferIsOpen
    (progress,) = progress_of([kept], on=act.on)
    if kept.ended_on is not None or kept.partner != partner or not progress.can_be_asked:
        raise IsAskedAlready
    admins = admins_of(kept.customer)
    if not admins:
        raise HasNoAdmin
    invitation, token = invite(
        partner=provider,
        reseller=partner,
        sent_by=partner,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=kept.has_delegated_admin,
        customer_name=kept.customer.name,
        email=admins[0].email,
        act=act,
    )
    move = PlannedMove.objects.create(relationship=kept, invitation=invitation)
    invitation.last_sent_at = act.at
    invitation.save(update_fields=["last_sent_at"])
    send_letter(invitation_letter(invitation=invitation, token=token))  # it says who follows whom
    return move
