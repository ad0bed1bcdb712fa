from ..models import Membership, Tenant, User
from ..roles import Role


def owner_of_domain(name: str) -> Tenant | None:
    """Return the tenant the domain belongs to, default or further, whatever its case."""
    return Tenant.objects.with_domain(name.strip()).order_by("id").first()


def admins_of(tenant: Tenant) -> list[User]:
    """Return the people who can accept for a customer, or run a partner's house."""
    return _people_of(tenant, roles__overlap=[Role.TENANT_ADMIN, Role.GLOBAL_ADMIN])


def support_contacts_of(tenant: Tenant) -> list[User]:
    """Return whom a partner's customers write to: its Helpdesk agents, else its Admin agents."""
    return _people_of(tenant, roles__contains=[Role.HELPDESK_AGENT]) or _people_of(
        tenant, roles__contains=[Role.ADMIN_AGENT]
    )


def agents_of(tenant: Tenant) -> list[User]:
    """Return the people who decide for a partner about its customers: its Admin agents."""
    return _people_of(tenant, roles__contains=[Role.ADMIN_AGENT])


def _people_of(tenant: Tenant, **roles: list[Role]) -> list[User]:
    memberships = Membership.objects.active().filter(tenant=tenant, **roles)
    people = User.objects.filter(is_active=True, pk__in=memberships.values("user_id"))
    return list(people.order_by("email"))
