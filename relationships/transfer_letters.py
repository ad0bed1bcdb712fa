"""The letters about transfers. They leave after the commit; one that fails stops nothing."""

from csp_portal.shared.letters import absolute, compose, send_after_commit
from tenants.models import User
from tenants.queries.tenants import admins_of, agents_of

from .models import Transfer


def send_requested(transfer: Transfer) -> None:
    """Ask the old partner's Admin agents to decide."""
    people = agents_of(transfer.old_partner.tenant)
    _send_after_commit(transfer, "transfer_requested", people, "relationships:transfer")


def send_outcome(transfer: Transfer) -> None:
    """Tell customer and both partners that it was decided, withdrawn or carried out."""
    admins = admins_of(transfer.customer)
    _send_after_commit(transfer, "transfer_outcome", admins, "relationships:my-partner")
    agents = {
        person.pk: person
        for partner in (transfer.old_partner, transfer.new_seller, transfer.new_partner)
        for person in agents_of(partner.tenant)
    }
    _send_after_commit(
        transfer, "transfer_outcome", list(agents.values()), "relationships:transfer"
    )


def _send_after_commit(
    transfer: Transfer, template: str, people: list[User], url_name: str
) -> None:
    args = [transfer.public_id] if url_name == "relationships:transfer" else []
    for person in people:
        mail = compose(
            to=person.email,
            template=f"relationships/{template}",
            language=transfer.invitation.language,
            context={"transfer": transfer, "url": absolute(url_name, *args)},
        )
        send_after_commit(mail)
