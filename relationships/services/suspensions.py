"""Operators suspend a partner and lift it again."""

from datetime import date

from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Partner
from tenants.services import activity

from .. import standing_letters
from ..models import PartnerSuspension


class AlreadySuspended(Exception):
    """The partner has a suspension that is not lifted."""


class AlreadyLifted(Exception):
    """The suspension was lifted before."""


@transaction.atomic
def suspend_partner(
    *, partner: Partner, reason: str, note: str = "", starts_on: date, act: Act
) -> PartnerSuspension:
    """
    Stop everything new of the partner from `starts_on`; what runs goes on, and it is told so.

    It waits for the orders that were found in order before it: see `require_may_sell`.

    :raises AlreadySuspended: if it is, or will be
    """
    list(Partner.objects.select_for_update(no_key=True).filter(pk=partner.pk).values_list("pk"))
    try:
        with transaction.atomic():
            made = PartnerSuspension.objects.create(
                partner=partner,
                reason=reason,
                note=note,
                starts_on=starts_on,
                suspended_at=act.at,
                suspended_by=act.by,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "relationships_one_suspension_at_a_time":
            raise AlreadySuspended from error
        raise
    activity.record(
        tenant=partner.tenant,
        act=act,
        action="partner.suspended",
        about=partner.tenant.public_id,
        summary=f"suspended {partner} from {starts_on}: {made.get_reason_display().lower()}",
        after={"reason": reason, "starts_on": starts_on},
    )
    standing_letters.send_suspended(made)
    return made


@transaction.atomic
def lift(*, suspension: PartnerSuspension, act: Act) -> None:
    """
    Let the partner start new things again, from `act.on`.

    :raises AlreadyLifted: if it was
    """
    kept = (
        PartnerSuspension.objects.select_for_update(of=("self",), no_key=True)
        .select_related("partner__tenant")
        .get(pk=suspension.pk)
    )
    if kept.lifted_on is not None:
        raise AlreadyLifted
    kept.lifted_on = max(act.on, kept.starts_on)
    kept.lifted_at = act.at
    kept.lifted_by = act.by
    kept.save(update_fields=["lifted_on", "lifted_at", "lifted_by"])
    activity.record(
        tenant=kept.partner.tenant,
        act=act,
        action="partner.suspension_lifted",
        about=kept.partner.tenant.public_id,
        summary=f"lifted the suspension of {kept.partner}",
        before={"starts_on": kept.starts_on, "reason": kept.reason},
    )
    standing_letters.send_lifted(kept)
