"""
A customer replaces its CSP partner: asked for, decided, withdrawn.

Carrying it out moves subscriptions and money and is billing's (`carry_out_transfers`).
"""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Tenant

from .. import transfer_letters
from ..models import Invitation, Relationship, Transfer
from .answers import answer_with, open_invitation
from .ending import HasEnded, TransferIsOpen, lock_relationship
from .links import require_link
from .standing import require_may_sell
from .transfer_log import record_transfer

LATEST = timedelta(days=30)


class TransferRefused(Exception):
    """Nothing was changed; `str()` says why and what to do."""


class NotAReplacement(TransferRefused):
    def __init__(self) -> None:
        super().__init__(
            _("This invitation does not ask to replace your partner. Ask for one that does.")
        )


class DayOutOfRange(TransferRefused):
    def __init__(self, first: date, last: date) -> None:
        super().__init__(
            _("Choose a day from %(first)s to %(last)s.")
            % {"first": _day(first), "last": _day(last)}
        )


class NotUndecided(TransferRefused):
    def __init__(self, transfer: Transfer) -> None:
        super().__init__(
            _("This transfer is not waiting for a decision any more. It is: %(state)s.")
            % {"state": transfer.get_state_display().lower()}
        )


class NotOpenAnyMore(TransferRefused):
    def __init__(self, transfer: Transfer) -> None:
        super().__init__(
            _("This transfer cannot be withdrawn any more. It is: %(state)s.")
            % {"state": transfer.get_state_display().lower()}
        )


class ReasonNeeded(TransferRefused):
    def __init__(self) -> None:
        super().__init__(_("Write a reason; the customer and the new partner read it."))


class TooEarlyForOperators(TransferRefused):
    def __init__(self, first: date) -> None:
        super().__init__(
            _("The current partner has 14 days. An operator can decide from %(day)s.")
            % {"day": _day(first)}
        )


@transaction.atomic
def request_transfer(
    *, invitation: Invitation, relationship: Relationship, takes_effect_on: date, act: Act
) -> Transfer:
    """
    Accept a "replace my partner" invitation: ask that `relationship` ends for it on a day.

    Nothing moves yet: the old partner decides. Where that partner itself sent the invitation,
    to go on as reseller, its approval is in it.

    :raises InvitationNotOpen: if it was answered, withdrawn, or has expired
    :raises OwnTenant: if the inviting partner itself answers
    :raises NotAReplacement: if it is of another kind, or by the partner it would replace
    :raises DayOutOfRange: if the day is in the past or more than 30 days ahead
    :raises SellingRefused, NotLinked: if the new partner may take on nobody now
    :raises HasEnded: if there is nothing to replace any more
    :raises TransferIsOpen: if one of the relationship is under way
    """
    kept_relationship = lock_relationship(relationship)
    customer = kept_relationship.customer
    kept = open_invitation(invitation, customer, act)
    is_the_same = kept.partner_id == kept_relationship.partner_id
    if kept.kind != Invitation.Kind.REPLACEMENT or is_the_same:
        raise NotAReplacement
    if not act.on <= takes_effect_on <= act.on + LATEST:
        raise DayOutOfRange(act.on, act.on + LATEST)
    if kept_relationship.ended_on is not None:
        raise HasEnded
    for seller in filter(None, (kept.partner, kept.reseller)):
        require_may_sell(partner=seller, customer=None, on=act.on)
    if kept.reseller is not None:
        require_link(provider=kept.partner, reseller=kept.reseller)
    kept.answer = Invitation.Answer.ACCEPTED
    answer_with(kept, customer, act)
    transfer = Transfer(
        invitation=kept,
        relationship=kept_relationship,
        takes_effect_on=takes_effect_on,
        requested_at=act.at,
        requested_on=act.on,
        requested_by=act.by,
    )
    if kept.reseller == kept.sender == kept_relationship.partner:
        transfer.state = Transfer.State.APPROVED
        transfer.decided_at, transfer.decided_by = act.at, kept.created_by
        transfer.decided_as = Transfer.DecidedAs.INVITER
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "relationships_one_open_transfer_per_relationship":
            raise
        raise TransferIsOpen from error
    words = f"asked to move to {transfer.new_partner} on {takes_effect_on}"
    record_transfer(transfer, act=act, action="requested", summary=f"{customer.name} {words}")
    if transfer.is_undecided:
        transfer_letters.send_requested(transfer)
    return transfer


@transaction.atomic
def approve(*, transfer: Transfer, act: Act, as_operator: bool = False) -> Transfer:
    """
    Let the transfer happen on its day, or at once if that is past.

    :raises NotUndecided: if it was decided or withdrawn
    :raises TooEarlyForOperators: for an operator in the first 14 days
    """
    kept = _undecided(transfer, act=act, as_operator=as_operator)
    kept.state = Transfer.State.APPROVED
    _decide(kept, act=act, as_operator=as_operator)
    return kept


@transaction.atomic
def decline(*, transfer: Transfer, reason: str, act: Act, as_operator: bool = False) -> Transfer:
    """
    Refuse the transfer; everything stays as it is, and customer and new partner learn why.

    :raises NotUndecided: if it was decided or withdrawn
    :raises ReasonNeeded: if there is no reason
    :raises TooEarlyForOperators: for an operator in the first 14 days
    """
    kept = _undecided(transfer, act=act, as_operator=as_operator)
    if not reason.strip():
        raise ReasonNeeded
    kept.state = Transfer.State.DECLINED
    kept.decline_reason = reason.strip()[:500]
    _decide(kept, act=act, as_operator=as_operator)
    return kept


@transaction.atomic
def withdraw(*, transfer: Transfer, act: Act) -> Transfer:
    """
    Take the request back, for the customer or the new partner; everything stays as it is.

    :raises NotOpenAnyMore: if it was declined, withdrawn or carried out
    """
    kept = lock_transfer(transfer)
    if not kept.is_open:
        raise NotOpenAnyMore(kept)
    kept.state = Transfer.State.WITHDRAWN
    kept.withdrawn_at, kept.withdrawn_by, kept.withdrawn_for = act.at, act.by, act.organisation
    kept.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawn_for"])
    who = act.organisation.name if act.organisation else "The portal"
    record_transfer(kept, act=act, action="withdrawn", summary=f"{who} withdrew it")
    transfer_letters.send_outcome(kept)
    return kept


def lock_transfer(transfer: Transfer) -> Transfer:
    """Return it as it is now. Lock order: the customer's tenant, then the transfer."""
    Tenant.objects.select_for_update(no_key=True).get(pk=transfer.relationship.customer_id)
    return (
        Transfer.objects.with_parties()
        .select_for_update(no_key=True, of=("self",))
        .get(pk=transfer.pk)
    )


def _undecided(transfer: Transfer, *, act: Act, as_operator: bool) -> Transfer:
    kept = lock_transfer(transfer)
    if not kept.is_undecided:
        raise NotUndecided(kept)
    if as_operator and act.on < kept.operators_decide_from:
        raise TooEarlyForOperators(kept.operators_decide_from)
    return kept


def _decide(kept: Transfer, *, act: Act, as_operator: bool) -> None:
    as_who = Transfer.DecidedAs.OPERATOR if as_operator else Transfer.DecidedAs.PARTNER
    kept.decided_at, kept.decided_by, kept.decided_as = act.at, act.by, as_who
    fields = ["state", "decided_at", "decided_by", "decided_as", "decline_reason"]
    kept.save(update_fields=fields)
    who = "An operator" if as_operator else str(kept.old_partner)
    reason = f": {kept.decline_reason}" if kept.decline_reason else ""
    record_transfer(kept, act=act, action=kept.state, summary=f"{who} {kept.state} it{reason}")
    transfer_letters.send_outcome(kept)


def _day(day: date) -> str:
    return date_format(day, "j M Y")
