"""The facts that stop these services."""

from ..domain.names import DomainNotAllowed, NameNotAllowed

__all__ = [
    "AlreadyAMember",
    "DomainNotAllowed",
    "DomainTaken",
    "LastAdmin",
    "NameNotAllowed",
    "PartnerIdTaken",
]


class DomainTaken(Exception):
    """The domain belongs to a tenant already."""


class PartnerIdTaken(Exception):
    """Another organisation has this partner ID, or this one is a partner already."""


class AlreadyAMember(Exception):
    """The person belongs to the tenant already."""


class LastAdmin(Exception):
    """Nobody else administers the tenant."""
