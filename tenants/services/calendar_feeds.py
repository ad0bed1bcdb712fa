"""The secret address of a person's calendar: made, renewed, stopped."""

from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.tokens import hash_token, new_token

from ..acts import Act
from ..models import CalendarFeed, Membership
from ..roles import Action
from . import activity


class NoCalendarAddress(Exception):
    """There is none to stop; `str()` says so."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no calendar address any more: it was stopped before. Make a new one.")
        )


class MembershipChanged(Exception):
    """The person was disabled, or lost the role, at this very moment; `str()` says so."""

    def __init__(self) -> None:
        super().__init__(
            _("Your roles here have just changed, so no address was made. Ask your Global admin.")
        )


@transaction.atomic
def make_feed(*, membership: Membership, needs: Action, act: Act) -> str:
    """
    Return the token of a new address for the person's calendar; it is kept nowhere.

    An address made before is dead from now on. `needs` is what the address will ask for each
    time, and this moment too: it must not outlive a membership that ends meanwhile.

    :raises MembershipChanged: if the person may not do that any more
    """
    locked = _locked(membership)
    if locked is None or locked.is_disabled or not locked.may(needs):
        raise MembershipChanged
    token = new_token()
    _feed, is_new = CalendarFeed.objects.update_or_create(
        membership=membership,
        defaults={"token_hash": hash_token(token), "made_at": act.at, "last_read_on": None},
    )
    made = "made an address" if is_new else "made a new address; the old one is dead"
    _record(membership, act, "made" if is_new else "renewed", made)
    return token


@transaction.atomic
def stop_feed(*, membership: Membership, act: Act) -> None:
    """
    Let the address find nothing from now on.

    :raises NoCalendarAddress: if there is none
    """
    _locked(membership)
    stopped, _by_model = CalendarFeed.objects.filter(membership=membership).delete()
    if not stopped:
        raise NoCalendarAddress
    _record(membership, act, "stopped", "stopped the address")


def note_reading(*, feed: CalendarFeed, act: Act) -> None:
    """Remember the last day on which a programme read it; a reading is no change to log."""
    if feed.last_read_on != act.on:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_on=act.on)


def _locked(membership: Membership) -> Membership | None:
    """Return the membership as it is now; whoever disables it waits, or has deleted the feed."""
    found = Membership.objects.select_for_update(no_key=True, of=("self",))
    return found.select_related("tenant__partner").filter(pk=membership.pk).first()


def _record(membership: Membership, act: Act, what: str, words: str) -> None:
    activity.record(
        tenant=membership.tenant,
        act=act,
        action=f"calendar.{what}",
        about=membership.public_id,
        summary=f"{words} that shows a calendar programme the renewals",
    )
