"""The provider changes the reseller of record of a customer (2-tier)."""

from django.db import transaction
from django.utils.translation import gettext as _

from relationships.ending_letters import send_reseller_changed
from relationships.models import Relationship, Transfer
from relationships.services.ending import HasEnded, TransferIsOpen, lock_relationship
from relationships.services.links import require_link
from relationships.services.standing import require_may_sell
from subscriptions.services.moving import Moved
from tenants.acts import Act
from tenants.models import Partner
from tenants.services import activity

from .transfers import move_to_reseller


class SameReseller(Exception):
    """Nothing would change; `str()` says so."""

    def __init__(self) -> None:
        super().__init__(_("It is the reseller of record already; nothing would change."))


@transaction.atomic
def change_reseller(
    *, relationship: Relationship, reseller: Partner | None, act: Act
) -> list[Moved]:
    """
    Make `reseller` who bills and supports the customer from `act.on`; None: the provider itself.

    What is live moves row by row, charges split at the day, and the new reseller pays the
    discount of its own link.

    :raises HasEnded: if the relationship has ended
    :raises TransferIsOpen: if the customer is moving to another partner
    :raises SameReseller: if it is so already
    :raises NotLinked, SellingRefused: if the reseller may take on nobody now
    :raises NoPrice, NoPriceList: if the price list does not have everything that moves
    :raises SubscriptionRefused: if something cannot move today
    """
    kept = lock_relationship(relationship)
    if kept.ended_on is not None:
        raise HasEnded
    if Transfer.objects.open().filter(relationship=kept).exists():
        raise TransferIsOpen
    before = kept.reseller
    if before == reseller:
        raise SameReseller
    if reseller is not None:
        require_may_sell(partner=reseller, customer=None, on=act.on)
        require_link(provider=kept.partner, reseller=reseller)
    kept.reseller = reseller
    kept.save(update_fields=["reseller"])
    moved = move_to_reseller(relationship=kept, reseller=reseller, act=act)
    was, now = (str(one or _("no reseller")) for one in (before, reseller))
    sides = {p.tenant_id: p.tenant for p in (kept.partner, before, reseller) if p is not None}
    for tenant in (*(sides[pk] for pk in sorted(sides)), kept.customer):
        activity.record(
            tenant=tenant,
            act=act,
            action="relationship.reseller_changed",
            about=kept.public_id,
            summary=f"{kept.customer.name}: reseller of record {was} → {now}"[:300],
            before={"reseller": was},
            after={"reseller": now},
        )
    send_reseller_changed(kept, before=before, after=reseller, on=act.on)
    return moved
