"""The users of a customer's tenant, as its admin or its partner with delegated admin keeps them."""

from collections.abc import Iterable

from django.db import transaction

from tenants.acts import Act
from tenants.domain.names import domain_of
from tenants.models import Domain, Membership, Tenant
from tenants.roles import Role
from tenants.services import people
from tenants.services.errors import ForeignAddress

from . import licences


@transaction.atomic
def create_user(
    *,
    tenant: Tenant,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str = "en",
    act: Act,
) -> Membership:
    """
    Add a user with an address of the tenant's own domains, and mail a link to set a password.

    Addresses of others are refused: a partner could else let itself in as the customer.

    :raises ForeignAddress: if the domain is not the tenant's
    :raises PeopleRefused: see `people.invite_member`
    """
    require_own_address(tenant, email)
    return people.invite_member(
        tenant=tenant, email=email, name=name, roles=roles, language=language, act=act
    )


def require_own_address(tenant: Tenant, email: str) -> None:
    domains = sorted(Domain.objects.filter(tenant=tenant).values_list("name", flat=True))
    if domain_of(email.strip().lower()) not in {domain.lower() for domain in domains}:
        raise ForeignAddress(domains)


@transaction.atomic
def disable_user(*, membership: Membership, act: Act) -> int:
    """
    Disable the person and free their seats; return how many. Restoring gives none back.

    :raises PeopleRefused: see `people.disable_member`
    """
    freed = licences.free_all(membership=membership, act=act)
    people.disable_member(membership=membership, act=act)
    return freed
