"""Signing up: first the person, then, once the mailbox is proved, the organisation."""

from django.db import transaction

from ..acts import Act
from ..domain.countries import currency_of
from ..domain.names import domain_of
from ..models import Membership, SignUp, User
from . import people, tenants


def note_sign_up(*, user: User, organisation: str, country: str, act: Act) -> SignUp:
    """Keep what the person typed until their e-mail address is verified."""
    return SignUp.objects.create(user=user, organisation=organisation, country=country, at=act.at)


@transaction.atomic
def found_tenant(*, user: User, act: Act) -> Membership | None:
    """
    Make the organisation the person signed up for, with them as its Tenant admin.

    The tenant gets the domain of the verified e-mail. Returns None if there is nothing to
    do: the person did not sign up, or belongs to an organisation already.

    :raises DomainTaken: if somebody else founded it in the meantime
    """
    sign_up = SignUp.objects.select_for_update().filter(user=user).first()
    if sign_up is None or user.memberships.exists():
        return None
    tenant = tenants.create_tenant(
        name=sign_up.organisation,
        domain=domain_of(user.email),
        country=sign_up.country,
        currency=currency_of(sign_up.country),
        act=act,
    )
    return people.join_as_first_admin(tenant=tenant, user=user, act=act)
