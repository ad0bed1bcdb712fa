"""A relationship ends: by either side, once nothing of it is left, or by a transfer."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Tenant

from .. import ending_letters
from ..models import Relationship, Transfer
from ..queries.remaining import remaining
from .log import record_for_both


class EndingRefused(Exception):
    """The relationship goes on; `str()` says why and what to do."""


class SubscriptionsRemain(EndingRefused):
    def __init__(self, count: int) -> None:
        super().__init__(
            ngettext(
                "%(count)d CSP subscription of this relationship is active or suspended. "
                "Cancel it or move it to another partner first.",
                "%(count)d CSP subscriptions of this relationship are active or suspended. "
                "Cancel them or move them to another partner first.",
                count,
            )
            % {"count": count}
        )


class HasEnded(EndingRefused):
    def __init__(self) -> None:
        super().__init__(_("This relationship has ended already."))


class TransferIsOpen(EndingRefused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "A transfer to another partner is under way and will end this relationship. "
                "Withdraw or decline it first, or wait for its day."
            )
        )


@transaction.atomic
def end_relationship(*, relationship: Relationship, reason: str = "", act: Act) -> Relationship:
    """
    End a relationship of which no CSP subscription is active or suspended, on `act.on`.

    The customer's tenant is free for another partner, or another channel, from then on (R8).

    :raises HasEnded: if it has
    :raises TransferIsOpen: if a transfer of it is requested or approved
    :raises SubscriptionsRemain: if something active or suspended is left
    """
    kept = lock_relationship(relationship)
    if kept.ended_on is not None:
        raise HasEnded
    if Transfer.objects.open().filter(relationship=kept).exists():
        raise TransferIsOpen
    left = remaining(kept)
    if left:
        raise SubscriptionsRemain(len(left))
    try:
        with transaction.atomic():
            finish(kept, reason=reason, act=act)
    except IntegrityError as error:  # ordered at this very moment
        if broken_constraint(error) != "subscriptions_ending_leaves_nothing":
            raise
        raise SubscriptionsRemain(len(remaining(kept))) from error
    release_if_free(kept.customer)
    record_for_both(
        partner=kept.partner.tenant,
        reseller=kept.reseller.tenant if kept.reseller else None,
        customer=kept.customer,
        act=act,
        action="relationship.ended",
        about=kept.public_id,
        for_partner=f"ended the reseller relationship with {kept.customer.name}",
        for_customer=f"ended the reseller relationship with {kept.partner}",
        after={"ended_on": act.on, "reason": reason},
    )
    ending_letters.send_ended(kept, by=act.organisation)
    return kept


def lock_relationship(relationship: Relationship) -> Relationship:
    """Return it as it is now. Lock order: the customer's tenant, then the relationship."""
    Tenant.objects.select_for_update(no_key=True).get(pk=relationship.customer_id)
    return (
        Relationship.objects.select_for_update(no_key=True, of=("self",))
        .select_related("partner__tenant", "reseller__tenant", "customer")
        .get(pk=relationship.pk)
    )


def finish(relationship: Relationship, *, reason: str, act: Act) -> None:
    """
    End a locked relationship, and let the others move up: places have no gaps (R7).

    The caller logs it, and releases the tenant unless another partner follows.
    """
    relationship.ended_on = act.on
    relationship.ended_by = act.by
    relationship.end_reason = reason[:300]
    relationship.save(update_fields=["ended_on", "ended_by", "end_reason"])
    others = (
        Relationship.objects.active().filter(customer=relationship.customer_id).order_by("slot")
    )
    for slot, other in enumerate(others, start=1):
        if other.slot != slot:
            other.slot = slot
            other.save(update_fields=["slot"])


def release_if_free(customer: Tenant) -> None:
    """Let a tenant without any CSP partner take another exclusive channel again (R8)."""
    if not Relationship.objects.active().filter(customer=customer).exists():
        Tenant.objects.filter(pk=customer.pk).update(exclusive_channel=Tenant.ExclusiveChannel.NONE)
