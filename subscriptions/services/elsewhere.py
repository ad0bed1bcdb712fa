"""Subscriptions that were bought elsewhere end there too; operators record it."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..domain.channels import ELSEWHERE, RULES, Channel
from ..domain.lifecycle import LIVE, State
from ..models import Subscription
from .errors import ManagedElsewhere, SubscriptionRefused
from .facts import lock_tenant, require_state
from .owners import store


class ReasonForEndMissing(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("Say how you know that it ended: the customer reads it."))


@transaction.atomic
def record_end(*, subscription: Subscription, reason: str, act: Act) -> None:
    """
    Record that an EA or Syndication subscription ended where it was bought, on `act.on`.

    With the last live Syndication subscription the tenant is free for CSP again (R8).

    :raises ManagedElsewhere: if it is of another channel, which ends by its own rules
    :raises ReasonForEndMissing: without a reason
    :raises NotInThatState: if it has ended already
    """
    channel = Channel(subscription.channel)
    if channel not in ELSEWHERE:
        raise ManagedElsewhere(RULES[channel].label, RULES[channel].why_read_only)
    if not reason.strip():
        raise ReasonForEndMissing
    tenant = lock_tenant(subscription.tenant_id)
    locked = Subscription.objects.select_for_update(no_key=True).get(pk=subscription.pk)
    require_state(locked, *LIVE)
    before = locked.state
    locked.state = State.CANCELLED
    store(locked, "state")
    if not _is_syndicated(tenant):
        Tenant.objects.filter(
            pk=tenant.pk, exclusive_channel=Tenant.ExclusiveChannel.SYNDICATION
        ).update(exclusive_channel=Tenant.ExclusiveChannel.NONE)
    activity.record(
        tenant=tenant,
        act=act,
        action="subscription.ended-elsewhere",
        about=locked.public_id,
        summary=f"{locked.title}: {RULES[channel].label} subscription ended ({reason})",
        before={"state": before},
        after={"state": locked.state, "reason": reason},
    )


def _is_syndicated(tenant: Tenant) -> bool:
    return Subscription.objects.live().filter(tenant=tenant, channel=Channel.SYNDICATION).exists()
