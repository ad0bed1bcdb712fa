"""What stops a change to a subscription. The text of each is for the person who asked."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class SubscriptionRefused(Exception):
    """Nothing was changed; `str()` says why."""


class NoActiveRelationship(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("This customer has no active reseller relationship with the partner."))


class TenantIsSyndicated(SubscriptionRefused):
    """R8."""

    def __init__(self) -> None:
        super().__init__(
            _("This tenant has an active Syndication subscription, so it cannot take CSP.")
        )


class QuantitiesFrozen(SubscriptionRefused):
    """From the request of a transfer to its decision."""

    def __init__(self, customer: str, partner: str) -> None:
        super().__init__(
            _(
                "%(customer)s has asked to move to another CSP partner. Until %(partner)s has "
                "approved or declined that, nothing is ordered, cancelled or changed in number."
            )
            % {"customer": customer, "partner": partner}
        )


class NotForSale(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(_("%(title)s cannot be ordered through CSP.") % {"title": title})


class SeatsOutOfRange(SubscriptionRefused):
    def __init__(self, minimum: int, maximum: int) -> None:
        super().__init__(
            _("Choose between %(minimum)d and %(maximum)d seats.")
            % {"minimum": minimum, "maximum": maximum}
        )


class SeatsBelowAssigned(SubscriptionRefused):
    def __init__(self, assigned: int) -> None:
        super().__init__(
            ngettext(
                "%(count)d seat is assigned to a user; unassign it before you remove seats.",
                "%(count)d seats are assigned to users; unassign some before you remove seats.",
                assigned,
            )
            % {"count": assigned}
        )


class OnlyAtRenewal(SubscriptionRefused):
    def __init__(self, renews_on: date) -> None:
        super().__init__(
            _("Seats of this offer can be reduced only at renewal, on %(day)s.")
            % {"day": _day(renews_on)}
        )


class NothingChanges(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("It is like that already; nothing would change."))


class NoRunningTerm(SubscriptionRefused):
    def __init__(self, on: date) -> None:
        super().__init__(_("No term of this subscription runs on %(day)s.") % {"day": _day(on)})


class DayIsBefore(SubscriptionRefused):
    """Facts are appended in the order of their days."""

    def __init__(self, earliest: date) -> None:
        super().__init__(_("This cannot take effect before %(day)s.") % {"day": _day(earliest)})


class NotInThatState(SubscriptionRefused):
    pass


class AddOnNeedsBase(SubscriptionRefused):
    pass


class NotInMatrix(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(
            _(
                "%(title)s is on the price list but not in the offer matrix yet, so it cannot be "
                "ordered. Choose another offer, or try again when the next matrix is imported."
            )
            % {"title": title}
        )


class MissingPrerequisite(SubscriptionRefused):
    def __init__(self, title: str, wanted: Sequence[str]) -> None:
        super().__init__(
            _(
                "%(title)s needs one of these first, and the customer has none that is active: "
                "%(wanted)s. Order that, then this."
            )
            % {"title": title, "wanted": ", ".join(wanted)}
        )


class CustomerLimitReached(SubscriptionRefused):
    def __init__(self, title: str, limit: int, *, is_for_ever: bool) -> None:
        text = (
            _(
                "A customer may have %(title)s only %(limit)d times ever, and this one had. Choose "
                "another offer."
            )
            if is_for_ever
            else _(
                "A customer may have at most %(limit)d subscriptions of %(title)s at a time, and "
                "this one has. Change the seats of one of them instead."
            )
        )
        super().__init__(text % {"title": title, "limit": limit})


class NotSoldInCountry(SubscriptionRefused):
    def __init__(self, title: str, country: str) -> None:
        super().__init__(
            _("%(title)s is not sold in %(country)s. Choose an offer that is.")
            % {"title": title, "country": country}
        )


class WillNotRenew(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(
            _(
                "Automatic renewal of %(title)s is off, so it has no next term. Turn automatic "
                "renewal on first, then schedule the change."
            )
            % {"title": title}
        )


class AddOnFollowsBase(SubscriptionRefused):
    def __init__(self, base: str) -> None:
        super().__init__(
            _(
                "It is an add-on to %(base)s and has the term of its base. Schedule offer and "
                "term there; here only seats and billing plan."
            )
            % {"base": base}
        )


class AlreadyClosed(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(
            _("This change was applied or taken back before; there is nothing left to undo.")
        )


class OnOrOff(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("Say whether automatic renewal shall be on or off; it stays as it is."))


class OtherChannel(SubscriptionRefused):
    """R3: no service of this app writes to a subscription of another channel."""

    def __init__(self, label: str) -> None:
        super().__init__(
            _("It is from the %(channel)s channel: CSP changes nothing on it.") % {"channel": label}
        )


class ManagedElsewhere(SubscriptionRefused):
    """Open, EA, Syndication: nothing in this portal writes to them."""

    def __init__(self, label: str, why: str) -> None:
        super().__init__(
            _("This is a subscription from %(channel)s; it cannot be changed here. %(why)s")
            % {"channel": label, "why": why}
        )


class AskYourPartner(SubscriptionRefused):
    """R10: a customer takes no action on a CSP subscription."""

    def __init__(self, partner: str) -> None:
        super().__init__(
            _("%(partner)s manages this CSP subscription for you. Ask %(partner)s to change it.")
            % {"partner": partner}
        )


class NotSoldDirectly(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(_("%(title)s is not for sale any more.") % {"title": title})


class NoTermHere(SubscriptionRefused):
    """It came with an import: what it costs and until when is not known here."""

    def __init__(self, title: str) -> None:
        super().__init__(
            _(
                "%(title)s was bought before this portal, so its term and price are not kept "
                "here: its seats cannot be changed. You can cancel it here, or buy it anew."
            )
            % {"title": title}
        )


class NeedsSupport(SubscriptionRefused):
    """R17: from 25 assigned licences the vendor's support cancels it."""

    def __init__(self, assigned: int, limit: int) -> None:
        super().__init__(
            _(
                "%(assigned)d licences are assigned. With %(limit)d or more the vendor's support "
                "cancels an Advisor subscription: send it a request, or unassign licences first."
            )
            % {"assigned": assigned, "limit": limit}
        )
        self.assigned = assigned


class KeysIssuedBefore(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "These keys were issued already, and shown once. Withdraw them if nobody noted "
                "them, and issue new ones from a new form."
            )
        )


class KeyUnknown(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(
            _("This is no key of ours. Compare it with your licence, symbol by symbol.")
        )


class KeyUsed(SubscriptionRefused):
    def __init__(self, redeemed_on: date) -> None:
        super().__init__(
            _(
                "This key was redeemed on %(day)s, and a key works once. If that was not you, "
                "ask whoever sold you the licence."
            )
            % {"day": _day(redeemed_on)}
        )


class KeyRedeemedHere(SubscriptionRefused):
    """By the same organisation: no try in vain, mostly a form that was sent twice."""

    def __init__(self, redeemed_on: date, subscription_id: UUID) -> None:
        super().__init__(
            _("Your organisation redeemed this key on %(day)s. A key works once; nothing changed.")
            % {"day": _day(redeemed_on)}
        )
        self.subscription_id = subscription_id


class KeyExpired(SubscriptionRefused):
    def __init__(self, last_day: date) -> None:
        super().__init__(
            _("This key could be redeemed until %(day)s. Ask whoever sold you the licence.")
            % {"day": _day(last_day)}
        )


class KeyWithdrawn(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("This key was withdrawn. Ask whoever sold you the licence."))


class TooManyTries(SubscriptionRefused):
    """`until` is the moment from which the tenant may try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(_("Your organisation entered 5 keys in vain within an hour."))
        self.until = until


class TriedBefore(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(
            _("Your organisation has tried %(title)s already; a trial is given once.")
            % {"title": title}
        )


class NoTrial(SubscriptionRefused):
    def __init__(self, title: str) -> None:
        super().__init__(_("%(title)s cannot be tried.") % {"title": title})


class TrialIsFixed(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "A trial has 25 seats for 30 days and does not renew. To have more, buy the "
                "offer, or ask a CSP partner to convert the trial."
            )
        )


def _day(day: date) -> str:
    return date_format(day, "j M Y")
