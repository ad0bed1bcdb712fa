"""The facts that stop these services. The text of each is for the person who asked."""

from django.utils.translation import gettext as _

from ..domain.names import DomainNotAllowed, NameNotAllowed

__all__ = [
    "AlreadyAMember",
    "DomainNotAllowed",
    "DomainTaken",
    "ForeignAddress",
    "IsDisabled",
    "LastAdmin",
    "LetterNotSent",
    "NameNotAllowed",
    "NotDisabled",
    "PartnerIdTaken",
    "PeopleRefused",
    "RestoreTooLate",
    "RolesDoNotFit",
]


class DomainTaken(Exception):
    """The domain belongs to a tenant already."""


class PartnerIdTaken(Exception):
    """Another organisation has this partner ID, or this one is a partner already."""


class PeopleRefused(Exception):
    """Nothing was changed; `str()` says why."""


class AlreadyAMember(PeopleRefused):
    """The person belongs to the tenant already."""

    def __init__(self) -> None:
        super().__init__(
            _("This person is in the organisation already. If disabled, restore them instead.")
        )


class LastAdmin(PeopleRefused):
    """Nobody else administers the tenant."""

    def __init__(self) -> None:
        super().__init__(_("Nobody else administers the organisation. Name another admin first."))


class RolesDoNotFit(PeopleRefused):
    """Customers' roles are for customers, partners' for partners."""

    def __init__(self) -> None:
        super().__init__(_("An organisation of this kind does not have these roles."))


class IsDisabled(PeopleRefused):
    def __init__(self) -> None:
        super().__init__(_("This person is disabled. Restore them first."))


class NotDisabled(PeopleRefused):
    def __init__(self) -> None:
        super().__init__(_("This person is not disabled."))


class RestoreTooLate(PeopleRefused):
    def __init__(self, days: int) -> None:
        super().__init__(
            _("Disabled more than %(days)d days ago: that cannot be undone. Add the person anew.")
            % {"days": days}
        )


class ForeignAddress(PeopleRefused):
    def __init__(self, domains: list[str]) -> None:
        super().__init__(
            _("Use an address of the organisation's own domain: %(domains)s.")
            % {"domains": ", ".join(domains)}
        )


class LetterNotSent(PeopleRefused):
    def __init__(self) -> None:
        super().__init__(_("The mail server did not take the letter. Nothing was changed."))
