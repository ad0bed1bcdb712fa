"""Somebody wants to sign up with the domain of an organisation that is here already."""

from django.db import transaction

from .. import letters
from ..acts import Act
from ..models import Tenant
from ..queries.tenants import admins_of
from . import activity


@transaction.atomic
def notify_admins(
    *,
    tenant: Tenant,
    email: str,
    name: str,
    language: str,
    is_recommendation: bool = False,
    act: Act,
) -> int:
    """
    Mail the tenant's admins that this person asked for access; return how many were told.

    The person came with an invitation or, if so, with a recommendation. The address was typed
    by somebody who has not proved it is theirs, and the letter says so.

    :raises OSError: if the mail server refused it
    """
    admins = admins_of(tenant)
    for admin in admins:
        letters.access_request_letter(
            admin=admin,
            tenant=tenant,
            email=email,
            name=name,
            language=language,
            is_recommendation=is_recommendation,
        ).send()
    activity.record(
        tenant=tenant,
        act=act,
        action="access.requested",
        about=tenant.public_id,
        summary=f"somebody giving the address {email} asked for access",
        after={"email": email, "name": name, "admins_told": len(admins)},
    )
    return len(admins)
