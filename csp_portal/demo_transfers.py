"""The demo's transfers: one customer has asked to move, its partner has yet to decide."""

from datetime import date, timedelta

from csp_portal.demo_people import Cast, act
from relationships.models import Invitation, Relationship
from relationships.services import invitations, transfers
from tenants.queries.tenants import admins_of

LEAVING = "coho.example"


def open_transfer(cast: Cast, today: date) -> None:
    """Coho Vineyard accepted Tailspin's invitation to replace Fabrikam three days ago."""
    asked_on = today - timedelta(days=3)
    relationship = Relationship.objects.active().get(
        partner=cast.fabrikam, customer__domain=LEAVING
    )
    invitation, _token = invitations.invite(
        partner=cast.tailspin,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=True,
        customer_name=relationship.customer.name,
        email=f"it@{LEAVING}",
        act=act(cast.nora, today - timedelta(days=5)),
    )
    transfers.request_transfer(
        invitation=invitation,
        relationship=relationship,
        takes_effect_on=today + timedelta(days=6),
        act=act(admins_of(relationship.customer)[0], asked_on),
    )
