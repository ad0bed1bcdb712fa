"""What a customer buys from the vendor: Direct, or Advisor on a partner's recommendation."""

from django.db import transaction

from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..domain.channels import RULES, Channel
from ..domain.lifecycle import State
from ..models import Offer, SeatChange, Subscription
from .errors import AddOnNotSoldDirectly, NotSoldDirectly, OtherChannel
from .facts import lock_tenant
from .provisioning import begin, require_seats_in_range, term_end


@transaction.atomic
def buy(
    *,
    tenant: Tenant,
    offer: Offer,
    seats: int,
    duration: str,
    partner_of_record: Partner | None = None,
    act: Act,
) -> SeatChange:
    """
    Start a subscription that `tenant` buys from the vendor on `act.on`.

    With a partner of record it is an Advisor subscription, else a Direct one. Whatever CSP
    partner the tenant has makes no difference (R5).

    :raises OtherChannel: if anybody but the tenant itself asks (R3)
    :raises NotSoldDirectly: if the offer is a draft, withdrawn or a trial
    :raises AddOnNotSoldDirectly: if it is an add-on
    :raises SeatsOutOfRange: by the offer's limits
    """
    channel = Channel.ADVISOR if partner_of_record else Channel.DIRECT
    locked = lock_tenant(tenant.pk)
    if act.organisation is None or act.organisation.pk != locked.pk:
        raise OtherChannel(RULES[channel].label)
    if not Offer.objects.for_sale().filter(pk=offer.pk).exists():
        raise NotSoldDirectly(offer.title)
    if offer.is_add_on:
        raise AddOnNotSoldDirectly(offer.title)
    require_seats_in_range(offer, seats)
    subscription = Subscription.objects.create(
        tenant=locked,
        channel=channel,
        offer=offer,
        title=offer.title,
        partner_of_record=partner_of_record,
        state=State.ACTIVE,
        seats=seats,
        starts_on=act.on,
        ends_on=term_end(act.on, duration),
        created_at=act.at,
    )
    return begin(subscription=subscription, duration=duration, anchor_on=act.on, act=act)
