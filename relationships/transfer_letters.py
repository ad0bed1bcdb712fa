"""The letters about transfers. They leave after the commit; one that fails stops nothing."""

from collections.abc import Collection

from csp_portal.shared.letters import absolute
from tenants.queries.tenants import admins_of, agents_of

from .mailing import agents_of_all, mail_to_each
from .models import Transfer


def send_requested(transfer: Transfer) -> None:
    """Ask the old partner's Admin agents to decide; tell the others who sell or will sell."""
    deciding = agents_of(transfer.old_partner.tenant)
    mail_to_each(deciding, template="transfer_requested", context=_for_partners(transfer))
    _tell_partners(transfer, but={person.pk for person in deciding})


def send_outcome(transfer: Transfer) -> None:
    """Tell customer and partners that it was decided, withdrawn, carried out or failed."""
    mail_to_each(
        admins_of(transfer.customer),
        template="transfer_outcome",
        context={"transfer": transfer, "url": absolute("relationships:my-partner")},
    )
    _tell_partners(transfer)


def _tell_partners(transfer: Transfer, *, but: Collection[int] = ()) -> None:
    sellers = (
        transfer.old_partner,
        transfer.old_seller,
        transfer.new_seller,
        transfer.new_partner,
    )
    mail_to_each(
        [person for person in agents_of_all(sellers) if person.pk not in but],
        template="transfer_outcome",
        context=_for_partners(transfer),
    )


def _for_partners(transfer: Transfer) -> dict[str, object]:
    return {"transfer": transfer, "url": absolute("relationships:transfer", transfer.public_id)}
