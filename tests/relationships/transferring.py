"""Transfers in tests, step by step as the pages do it."""

from datetime import date, timedelta

from relationships.models import Invitation, Relationship, Transfer
from relationships.services import transfers
from relationships.services.invitations import invite
from tests.world import TODAY, World


def replacement(world: World, *, on: date = TODAY) -> Invitation:
    """Return Tailspin's open invitation to replace the current partner."""
    invitation, _token = invite(
        partner=world.tailspin,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=True,
        act=world.act(world.nora, on=on),
    )
    return invitation


def requested(world: World, *, on: date = TODAY, day: date | None = None) -> Transfer:
    """Return Northwind's request to move from Fabrikam to Tailspin, five days ahead."""
    return transfers.request_transfer(
        invitation=replacement(world, on=on),
        relationship=Relationship.objects.active().get(
            partner=world.fabrikam, customer=world.northwind
        ),
        takes_effect_on=day or on + timedelta(days=5),
        act=world.act(world.carl, on=on),
    )


def approved(world: World, *, on: date = TODAY, day: date | None = None) -> Transfer:
    transfer = requested(world, on=on, day=day)
    return transfers.approve(transfer=transfer, act=world.act(world.ada, on=on))
