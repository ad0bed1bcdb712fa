"""Partner of record: operators change it, for a reason, and nobody else does (R6)."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Partner
from tenants.services import activity

from ..domain.channels import RULES, Channel
from ..models import Subscription
from .errors import ManagedElsewhere, NothingChanges, SubscriptionRefused
from .facts import lock_tenant


class ReasonMissing(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("Say why the partner of record changes: whoever it concerns reads it."))


@transaction.atomic
def change_partner_of_record(
    *, subscription: Subscription, partner: Partner | None, reason: str, act: Act
) -> None:
    """
    Make `partner`, or nobody, partner of record of an Advisor subscription.

    The column is closed to the portal's own role: a function of the database writes it,
    which insists on an operator and a reason. Customer, old and new partner read it in
    their activity.

    :raises ManagedElsewhere: if it is not an Advisor subscription
    :raises ReasonMissing: without a reason
    :raises NothingChanges: if it is so already
    """
    assert act.by is not None  # an operator asks
    if subscription.channel != Channel.ADVISOR:
        rules = RULES[Channel(subscription.channel)]
        raise ManagedElsewhere(rules.label, rules.why_read_only)
    if not reason.strip():
        raise ReasonMissing
    lock_tenant(subscription.tenant_id)
    locked = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tenant", "partner_of_record__tenant")
        .get(pk=subscription.pk)
    )
    before = locked.partner_of_record
    if before == partner:
        raise NothingChanges
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subscriptions_set_partner_of_record(%s, %s, %s, %s)",
            [locked.pk, partner.pk if partner else None, reason, act.by.pk],
        )
    words = f"{before or 'nobody'} → {partner or 'nobody'}"
    for tenant in (*(each.tenant for each in (before, partner) if each), locked.tenant):
        activity.record(
            tenant=tenant,
            act=act,
            action="subscription.partner-of-record",
            about=locked.public_id,
            summary=f"{locked.title} of {locked.tenant}: partner of record {words} ({reason})",
            before={"partner_of_record": before.mpn_id if before else None},
            after={"partner_of_record": partner.mpn_id if partner else None, "reason": reason},
        )
