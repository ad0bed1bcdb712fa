"""What a change does to people, money and other subscriptions, said before it is made."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions.domain.lifecycle import SUSPENSION_DAYS, WHAT_USERS_CAN_DO, FactKind, State
from subscriptions.models import Offer, SeatChange, Subscription
from tenants.models import Tenant

from ..models import Quote

Kind = Quote.QuoteKind

# The add-ons that go along with their base, by the state they are in.
FOLLOWING = {
    Kind.SUSPEND: [State.ACTIVE, State.GRACE],
    Kind.REACTIVATE: [State.SUSPENDED],
    Kind.CANCEL: [State.ACTIVE, State.GRACE, State.SUSPENDED],
}
# The states a change starts from, and the state it leads to.
STARTS_FROM = {
    Kind.SEATS: [State.ACTIVE],
    Kind.SUSPEND: [State.ACTIVE],
    Kind.REACTIVATE: [State.SUSPENDED],
    Kind.CANCEL: [State.ACTIVE, State.GRACE, State.SUSPENDED],
}


@dataclass(frozen=True, slots=True)
class Consequence:
    title: str
    text: str


def add_ons_that_follow(*, kind: str, subscription: Subscription) -> QuerySet[Subscription]:
    """Return the add-ons that the change takes along: see `subscriptions.services.states`."""
    add_ons = subscription.add_ons.filter(state__in=FOLLOWING.get(Kind(kind), []))
    if kind == Kind.REACTIVATE:
        own = _suspensions().filter(term__subscription=subscription).order_by("-pk")
        if not own.exists():  # it was suspended before it moved here
            return add_ons.order_by("title", "id")
        together = _suspensions().filter(
            term__subscription=OuterRef("pk"), pk__gt=Coalesce(Subquery(own.values("pk")[:1]), 0)
        )
        add_ons = add_ons.filter(Exists(together))
    return add_ons.order_by("title", "id")


def _suspensions() -> QuerySet[SeatChange]:
    return SeatChange.objects.filter(kind=FactKind.SUSPENDED)


def can_start(*, kind: str, subscription: Subscription) -> bool:
    return subscription.state in STARTS_FROM[Kind(kind)]


def consequences_of(*, kind: str, subscription: Subscription, on: date) -> list[Consequence]:
    match Kind(kind):
        case Kind.SUSPEND:
            return _of_suspending(subscription, on)
        case Kind.REACTIVATE:
            return _of_reactivating(subscription)
        case Kind.CANCEL:
            return _of_cancelling(subscription)
        case Kind.SEATS:
            return _of_changing_seats(subscription)
        case _:
            return []


def why_not(*, kind: str, subscription: Subscription) -> str:
    """Say what to do instead, for a change that cannot start from the present state."""
    if subscription.state == State.TRANSFERRED:
        return _("It moved to another partner, who manages it now.")
    if subscription.state in (State.CANCELLED, State.EXPIRED):
        return _("It cannot be changed any more. To have the service again, order it anew.")
    if subscription.state == State.SUSPENDED and kind == Kind.SEATS:
        return _("Reactivate it first, then change its seats.")
    if subscription.state == State.SUSPENDED:
        return _("Users have no access and nothing is charged.")
    return _("There is nothing to reactivate.") if kind == Kind.REACTIVATE else ""


def _of_changing_seats(subscription: Subscription) -> list[Consequence]:
    offer = subscription.offer
    consequences = [
        Consequence(
            _("More seats"),
            _(
                "Charged from today to the end of the billing period, by days, at the price "
                "locked for the term. They end with the subscription on %(end)s."
            )
            % {"end": _last_day(subscription)},
        )
    ]
    if offer and offer.seat_reduction == Offer.SeatReduction.AT_RENEWAL:
        fewer = _("Seats of this offer can be reduced only at renewal.")
    else:
        fewer = _("Credited from today to the end of the billing period, by days.")
    consequences.append(Consequence(_("Fewer seats"), fewer))
    if offer:
        limits = _(
            "From %(minimum)s to %(maximum)s seats, and not below the %(assigned)s assigned."
        )
        consequences.append(
            Consequence(
                _("Limits"),
                limits
                % {
                    "minimum": f"{offer.seat_minimum:,}",
                    "maximum": f"{offer.seat_maximum:,}",
                    "assigned": f"{subscription.assigned_seats:,}",
                },
            )
        )
    if subscription.add_ons.exists():
        consequences.append(
            Consequence(_("Add-ons"), _("They keep their own seats; change those separately."))
        )
    return consequences


def _of_suspending(subscription: Subscription, on: date) -> list[Consequence]:
    until = on + timedelta(days=SUSPENSION_DAYS)
    return [
        Consequence(_("Users and admins"), _(WHAT_USERS_CAN_DO[State.SUSPENDED])),
        Consequence(
            _("Billing"),
            _(
                "It is billed up to %(day)s. The rest of the billing period is credited to the "
                "day, to %(customer)s and to you, and nothing is charged while it is suspended."
            )
            % {"day": _day(on - timedelta(days=1)), "customer": _buyer(subscription)},
        ),
        Consequence(
            _("Term"),
            _(
                "The term still ends on %(end)s: suspending does not move it. If it is not "
                "reactivated by %(until)s, it is cancelled."
            )
            % {"end": _last_day(subscription), "until": _day(_earlier(until, subscription))},
        ),
        _nothing_else(subscription),
    ]


def _of_reactivating(subscription: Subscription) -> list[Consequence]:
    return [
        Consequence(_("Users and admins"), _(WHAT_USERS_CAN_DO[State.ACTIVE])),
        Consequence(
            _("Billing"),
            ngettext(
                "%(seats)s seat is billed again from today, prorated to the end of the billing "
                "period, at the price locked for the term.",
                "%(seats)s seats are billed again from today, prorated to the end of the billing "
                "period, at the price locked for the term.",
                subscription.seats,
            )
            % {"seats": f"{subscription.seats:,}"},
        ),
        Consequence(
            _("Term"),
            _("The term still ends on %(end)s.") % {"end": _last_day(subscription)},
        ),
        _nothing_else(subscription),
    ]


def _of_cancelling(subscription: Subscription) -> list[Consequence]:
    people = _(WHAT_USERS_CAN_DO[State.CANCELLED])
    if subscription.assigned_seats:
        people += " " + ngettext(
            "%(n)s person loses it.", "%(n)s people lose it.", subscription.assigned_seats
        ) % {"n": f"{subscription.assigned_seats:,}"}
    return [
        Consequence(_("Users and admins"), people),
        Consequence(
            _("Billing"),
            _(
                "The days that are paid for and not used are credited, to %(customer)s and to "
                "you. Nothing is charged from today."
            )
            % {"customer": _buyer(subscription)},
        ),
        Consequence(
            _("It cannot be taken back"),
            _(
                "A cancelled subscription does not come back. To have the service again, order "
                "it anew at the price of that day."
            ),
        ),
        _nothing_else(subscription),
    ]


def _nothing_else(subscription: Subscription) -> Consequence:
    return Consequence(
        _("Everything else"),
        _("No other subscription of %(customer)s changes, whatever channel it is from.")
        % {"customer": subscription.tenant},
    )


def _buyer(subscription: Subscription) -> Tenant:
    """Return whom the partner bills: the customer, or in 2-tier its reseller."""
    return subscription.reseller.tenant if subscription.reseller else subscription.tenant


def _earlier(until: date, subscription: Subscription) -> date:
    return min(until, subscription.ends_on) if subscription.ends_on else until


def _last_day(subscription: Subscription) -> str:
    return _day(subscription.ends_on - timedelta(days=1)) if subscription.ends_on else "–"


def _day(day: date) -> str:
    return date_format(day, "j M Y")
