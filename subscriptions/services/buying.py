"""What a customer buys from the vendor: Direct, or Advisor on a partner's recommendation."""

from django.db import transaction

from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..domain.channels import RULES, Channel
from ..domain.lifecycle import State
from ..models import Offer, SeatChange, Subscription
from .add_ons import base_term_of
from .errors import NotSoldDirectly, OtherChannel
from .facts import lock_tenant
from .offer_rules import require_by_matrix
from .provisioning import begin, require_seats_in_range, term_end


@transaction.atomic
def buy(
    *,
    tenant: Tenant,
    offer: Offer,
    seats: int,
    duration: str,
    base: Subscription | None = None,
    partner_of_record: Partner | None = None,
    act: Act,
) -> SeatChange:
    """
    Start a subscription that `tenant` buys from the vendor on `act.on`.

    With a partner of record it is an Advisor subscription, else a Direct one. Whatever CSP
    partner the tenant has makes no difference (R5). An add-on is added to a Direct `base`
    of the tenant and is coterminous with it, as in CSP (R15).

    :raises OtherChannel: if anybody but the tenant itself asks (R3)
    :raises NotSoldDirectly: if the offer is a draft, withdrawn or a trial
    :raises SeatsOutOfRange: by the offer's limits
    :raises NotSoldInCountry, MissingPrerequisite, CustomerLimitReached: by the offer matrix
    :raises AddOnNeedsBase: see `base_term_of`
    """
    channel = Channel.ADVISOR if partner_of_record else Channel.DIRECT
    locked = lock_tenant(tenant.pk)
    if act.organisation is None or act.organisation.pk != locked.pk:
        raise OtherChannel(RULES[channel].label)
    if not Offer.objects.for_sale().filter(pk=offer.pk).exists():
        raise NotSoldDirectly(offer.title)
    require_seats_in_range(offer, seats)
    require_by_matrix(offer=offer, tenant=locked, channel=channel)
    base_term = base_term_of(
        offer=offer, base=base, tenant=locked, partner=None, duration=duration, act=act
    )
    subscription = Subscription.objects.create(
        tenant=locked,
        channel=channel,
        offer=offer,
        title=offer.title,
        partner_of_record=partner_of_record,
        base=base,
        state=State.ACTIVE,
        seats=seats,
        starts_on=act.on,
        ends_on=base_term.ends_on if base_term else term_end(act.on, duration),
        created_at=act.at,
    )
    anchor_on = base_term.anchor_on if base_term else act.on
    return begin(subscription=subscription, duration=duration, anchor_on=anchor_on, act=act)
