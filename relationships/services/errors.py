"""The facts that stop these services."""

from tenants.models import Partner
from tenants.services.errors import (
    AlreadyAMember,
    DomainNotAllowed,
    DomainTaken,
    NameNotAllowed,
)

__all__ = [
    "AlreadyAMember",
    "AlreadyLinked",
    "DomainNotAllowed",
    "DomainTaken",
    "InvitationNotOpen",
    "LinkEnded",
    "MailNotSent",
    "NameNotAllowed",
    "NotAProvider",
    "NotAReseller",
    "NotLinked",
    "OwnTenant",
    "PartnerMayNotSell",
    "TenantAlreadyManaged",
    "TenantIsSyndicated",
]


class InvitationNotOpen(Exception):
    """It was accepted, declined or withdrawn, or it has expired: `state` says which."""

    def __init__(self, state: str) -> None:
        super().__init__(f"The invitation is {state}.")
        self.state = state


class TenantAlreadyManaged(Exception):
    """`partner` is the tenant's CSP partner already, or one of as many as it may have (R7)."""

    def __init__(self, partner: Partner | None) -> None:
        super().__init__("The tenant has a CSP partner already.")
        self.partner = partner


class TenantIsSyndicated(Exception):
    """The tenant has an active Syndication subscription (R8)."""


class OwnTenant(Exception):
    """A partner cannot become its own customer."""


class PartnerMayNotSell(Exception):
    """Only direct partners and indirect providers transact with customers."""


class NotAProvider(Exception):
    """Only indirect providers have resellers."""


class NotAReseller(Exception):
    """Only indirect resellers, and direct partners that go indirect, resell for a provider."""


class AlreadyLinked(Exception):
    """The provider and the reseller have an active link."""


class LinkEnded(Exception):
    """The link ended before."""


class NotLinked(Exception):
    """The provider and the reseller that are to serve a customer together have no link."""

    def __init__(self, provider: Partner, reseller: Partner) -> None:
        super().__init__(f"{provider} and {reseller} have no active link.")
        self.provider = provider
        self.reseller = reseller


class MailNotSent(Exception):
    """The mail server did not take the message; nothing was changed."""
