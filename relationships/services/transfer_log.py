"""What happens to a transfer is in the logs of both partners, of resellers and of the customer."""

from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..models import Transfer


def record_transfer(transfer: Transfer, *, act: Act, action: str, summary: str) -> None:
    """Append to the partners' logs in order of their ids, then to the customer's."""
    title = f"Transfer from {transfer.old_partner} to {transfer.new_partner}"
    for tenant in (*sellers_of(transfer), transfer.customer):
        activity.record(
            tenant=tenant,
            act=act,
            action=f"transfer.{action}",
            about=transfer.public_id,
            summary=f"{transfer.customer.name}: {title}. {summary}"[:300],
            after={"state": transfer.state, "takes_effect_on": transfer.takes_effect_on},
        )


def sellers_of(transfer: Transfer) -> list[Tenant]:
    """Return the organisations that sell before or afterwards, by id: the order of locks."""
    relationship, invitation = transfer.relationship, transfer.invitation
    partners = (
        relationship.partner,
        relationship.reseller,
        invitation.partner,
        invitation.reseller,
    )
    found = {partner.tenant_id: partner.tenant for partner in partners if partner is not None}
    return [found[pk] for pk in sorted(found)]
