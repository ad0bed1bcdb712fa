from ..models import Tenant, User
from ..roles import Role


def owner_of_domain(name: str) -> Tenant | None:
    """Return the tenant the domain belongs to, default or further, whatever its case."""
    return Tenant.objects.with_domain(name.strip()).order_by("id").first()


def admins_of(tenant: Tenant) -> list[User]:
    """Return the people who can accept for a customer, or run a partner's house."""
    admins = User.objects.filter(is_active=True, memberships__tenant=tenant).filter(
        memberships__roles__overlap=[Role.TENANT_ADMIN, Role.GLOBAL_ADMIN]
    )
    return list(admins.order_by("email"))


def support_contacts_of(tenant: Tenant) -> list[User]:
    """Return whom a partner's customers write to: its Helpdesk agents, else its Admin agents."""
    people = User.objects.filter(is_active=True, memberships__tenant=tenant).order_by("email")
    helpdesk = people.filter(memberships__roles__contains=[Role.HELPDESK_AGENT])
    return list(helpdesk) or list(people.filter(memberships__roles__contains=[Role.ADMIN_AGENT]))


def agents_of(tenant: Tenant) -> list[User]:
    """Return the people who decide for a partner about its customers: its Admin agents."""
    people = User.objects.filter(is_active=True, memberships__tenant=tenant)
    return list(people.filter(memberships__roles__contains=[Role.ADMIN_AGENT]).order_by("email"))
