"""
Carrying out transfers: on its day a customer's subscriptions change hands, in one transaction.

The old partner is credited the rest of every running period, the new one is charged it
(rule 2), so the day splits the period: no day is billed twice or missed.
"""

import logging
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from relationships import transfer_letters
from relationships.models import Relationship, Transfer
from relationships.queries.relationships import active_relationships
from relationships.services.answers import establish
from relationships.services.ending import finish, lock_relationship, release_if_free
from relationships.services.errors import NotLinked, TenantAlreadyManaged, TenantIsSyndicated
from relationships.services.links import require_link
from relationships.services.standing import SellingRefused, require_may_sell
from relationships.services.transfer_log import record_transfer
from relationships.services.transfers import lock_transfer
from subscriptions.models import Subscription
from subscriptions.services import moving
from subscriptions.services.errors import SubscriptionRefused
from tenants.acts import Act
from tenants.models import Partner

from ..queries.prices import NoPrice
from .charging import charge, lock_prices
from .next_terms import NoPriceList, locked_price_before
from .renewals import settle

log = logging.getLogger(__name__)


class CannotBeCarriedOut(Exception):
    """Nothing was moved; `str()` says why. The next run tries again."""


@dataclass(slots=True)
class TransferReport:
    done: list[Transfer] = field(default_factory=list)
    failures: list[tuple[Transfer, str]] = field(default_factory=list)


def carry_out_due(*, act: Act) -> TransferReport:
    """
    Carry out every approved transfer whose day has come, each in its own transaction.

    Safe to repeat and to kill: what is done stays done, what was interrupted is as it was.
    What cannot be done is stored with its reason, shown to all sides and tried again.
    """
    report = TransferReport()
    for transfer in Transfer.objects.due(act.on).with_parties():
        try:
            if carry_out(transfer=transfer, act=act):
                report.done.append(transfer)
        except Exception as error:
            reason = _why(error, transfer)
            log.exception("transfer %s could not be carried out", transfer.public_id)
            _store_failure(transfer, reason, act=act)
            report.failures.append((transfer, reason))
    return report


@transaction.atomic
def carry_out(*, transfer: Transfer, act: Act) -> bool:
    """
    Let the old relationship end and the new one start on `act.on`, with all that is live.

    Returns whether this call did it: one that is not approved or not due any more is left
    as it is, so it can be called again and by several workers at once.

    :raises CannotBeCarriedOut, SellingRefused: if the new partner cannot take it on
    :raises NoPrice: if its price list lacks something; nothing has moved then
    """
    kept = lock_transfer(transfer)
    if kept.state != Transfer.State.APPROVED or act.on < kept.takes_effect_on:
        return False
    old = lock_relationship(kept.relationship)
    partner, reseller = kept.invitation.partner, kept.invitation.reseller
    if old.ended_on is not None:
        raise CannotBeCarriedOut(_("The old relationship has ended."))
    require_can_take_on(partner, reseller, act=act)
    left = _leave(old, act=act)
    finish(old, reason=f"transfer to {kept.new_seller}"[:300], act=act)
    new = _relationship_after(kept, old, act=act)
    moved = _arrive(left, partner=new.partner, reseller=new.reseller, act=act)
    kept.state = Transfer.State.DONE
    kept.carried_out_on, kept.started, kept.failure = act.on, new, ""
    kept.save(update_fields=["state", "carried_out_on", "started", "failure"])
    moving.log_moves(moved, act=act)
    what = "1 subscription" if len(moved) == 1 else f"{len(moved)} subscriptions"
    record_transfer(kept, act=act, action="done", summary=f"{what} moved on {act.on}")
    release_if_free(old.customer)
    transfer_letters.send_outcome(kept)
    return True


def require_can_take_on(partner: Partner, reseller: Partner | None, *, act: Act) -> None:
    """
    Refuse a new partner, or a reseller of it, that may sell nothing new.

    :raises CannotBeCarriedOut: if the partner does not transact
    :raises SellingRefused: without an agreement in force, or while suspended
    :raises NotLinked: if the two do not sell together any more
    """
    for seller in filter(None, (partner, reseller)):
        require_may_sell(partner=seller, customer=None, on=act.on)
    if reseller is not None:
        require_link(provider=partner, reseller=reseller)
    if not partner.may_transact:
        raise CannotBeCarriedOut(
            _("%(partner)s does not sell to customers itself any more.") % {"partner": partner}
        )


def move_to_reseller(
    *, relationship: Relationship, reseller: Partner | None, act: Act
) -> list[moving.Moved]:
    """
    Move all that is live of a locked relationship to another reseller of record.

    In the caller's transaction. Row by row it is the same move as a transfer; the partner
    and the relationship stay.
    """
    left = _leave(relationship, act=act)
    partner = relationship.partner
    moved = _arrive(left, partner=partner, reseller=reseller, act=act)
    moving.log_moves(moved, act=act)
    return moved


def _leave(old: Relationship, *, act: Act) -> list[moving.Left]:
    """Renew what is due, then end all that is live and credit its rest."""
    live = Subscription.objects.sold_by(old.partner).of_tenant(old.customer).live()
    for base in live.filter(base=None).order_by("pk"):
        settle(base, act=act)
    left = [
        one
        for base in live.filter(base=None).order_by("pk")
        for one in moving.move_out(base=base, act=act)
    ]
    for one in left:
        charge(change=one.change)
    return left


def _arrive(
    left: list[moving.Left], *, partner: Partner, reseller: Partner | None, act: Act
) -> list[moving.Moved]:
    """Start them for the new chain, at the prices of the day their term began there."""
    moved = moving.move_in(left=left, partner=partner, reseller=reseller, act=act)
    for one in moved:
        before = locked_price_before(one.left.old)
        lock_prices(
            term=one.change.term,
            segment=before.segment,
            plan=before.plan,
            priced_on=moving.first_day_of(one.change.term),
        )
        charge(change=one.change)
    return moved


def _relationship_after(transfer: Transfer, old: Relationship, *, act: Act) -> Relationship:
    """Return the new partner's relationship: made now, unless it has one already."""
    invitation = transfer.invitation
    for relationship in active_relationships(old.customer):
        if relationship.partner_id == invitation.partner_id:
            return relationship
    return establish(
        Relationship(
            partner=invitation.partner,
            reseller=invitation.reseller,
            customer=old.customer,
            invitation=invitation,
            has_delegated_admin=invitation.has_delegated_admin,
            started_on=act.on,
        )
    )


def _why(error: Exception, transfer: Transfer) -> str:
    """Return the reason in words for the people concerned."""
    if isinstance(error, (CannotBeCarriedOut, SubscriptionRefused, SellingRefused, NotLinked)):
        return str(error)
    if isinstance(error, (NoPrice, NoPriceList)):
        return _("The price list of %(partner)s does not have everything that moves: %(what)s.") % {
            "partner": transfer.new_partner,
            "what": error,
        }
    if isinstance(error, TenantAlreadyManaged):
        return _("The customer has as many CSP partners as it may have.")
    if isinstance(error, TenantIsSyndicated):
        return _("The customer has an active Syndication subscription.")
    return _("A fault in the portal: %(error)s. It is tried again.") % {
        "error": type(error).__name__
    }


@transaction.atomic
def _store_failure(transfer: Transfer, reason: str, *, act: Act) -> None:
    """Keep why; log it once per reason, not once per attempt."""
    kept = lock_transfer(transfer)
    if kept.state != Transfer.State.APPROVED:
        return
    is_news = kept.failure != reason[:500]
    kept.failure, kept.failed_at = reason[:500], act.at
    kept.save(update_fields=["failure", "failed_at"])
    if is_news:
        record_transfer(kept, act=act, action="failed", summary=reason)
        transfer_letters.send_outcome(kept)
