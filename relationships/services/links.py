"""A provider's link with a reseller: what it allows, and its end."""

from django.db import transaction

from tenants.acts import Act
from tenants.models import Partner
from tenants.queries.tenants import admins_of
from tenants.services import activity

from .. import letters
from ..models import ResellerLink
from .errors import LinkEnded, NotLinked

__all__ = ["LinkEnded", "NotLinked", "end_link", "require_link"]


def require_link(*, provider: Partner, reseller: Partner) -> ResellerLink:
    """
    Return the active link of the two, which then lasts until the transaction ends.

    :raises NotLinked: if there is none, or it has ended
    """
    link = (
        ResellerLink.objects.active()
        .select_for_update(of=("self",), no_key=True)
        .filter(provider=provider, reseller=reseller)
        .order_by("id")
        .first()
    )
    if link is None:
        raise NotLinked(provider, reseller)
    return link


@transaction.atomic
def end_link(*, link: ResellerLink, reason: str, act: Act) -> None:
    """
    End the link, for `act.organisation`. Customers the two have together stay as they are.

    Nobody is taken on for both any more; invitations that are still open say so.

    :raises LinkEnded: if it has ended already
    """
    kept = (
        ResellerLink.objects.select_for_update(of=("self",), no_key=True)
        .select_related("provider__tenant", "reseller__tenant")
        .get(pk=link.pk)
    )
    if not kept.is_active:
        raise LinkEnded
    assert act.organisation is not None, "one of the two sides ends it"
    kept.ended_on = act.on
    kept.ended_by = act.by
    kept.ended_for = act.organisation
    kept.end_reason = reason
    kept.save(update_fields=["ended_on", "ended_by", "ended_for", "end_reason"])
    record_link(kept, act, "link.ended", "ended the link of {provider} and {reseller}")
    other = kept.other_side(act.organisation.partner).tenant
    to = [person.email for person in admins_of(other)]
    transaction.on_commit(lambda: letters.link_ended_letters(kept, to=to), robust=True)


def record_link(link: ResellerLink, act: Act, action: str, summary: str) -> None:
    """Append to the provider's log and to the reseller's."""
    words = summary.format(provider=link.provider, reseller=link.reseller)
    for tenant in activity.in_order((link.provider.tenant, link.reseller.tenant)):
        activity.record(
            tenant=tenant,
            act=act,
            action=action,
            about=link.public_id,
            summary=words,
            after={
                "discount_percent": link.discount_percent,
                "ended_on": link.ended_on,
                "reason": link.end_reason,
            },
        )
