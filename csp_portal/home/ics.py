"""Renewals as a calendar file: RFC 5545, one all-day event for each term's end. No prices."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.letters import absolute
from subscriptions.models import Subscription

LINE = 73  # octets of a line before it is folded, RFC 5545 §3.1
READ_AGAIN = "PT6H"


def calendar_of(due: Iterable[Subscription], *, name: str, at: datetime) -> str:
    """
    Return a calendar of what renews or ends.

    An event keeps its UID as long as the term it belongs to lasts, whatever changes about
    it; the next term's end is another event.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CSP Portal//Renewals//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{READ_AGAIN}",
        f"X-PUBLISHED-TTL:{READ_AGAIN}",
    ]
    for subscription in due:
        lines += _event(subscription, at.strftime("%Y%m%dT%H%M%SZ"))
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(subscription: Subscription, stamp: str) -> Iterator[str]:
    """Return its lines: on the first day of the next term, or the last day of the last one."""
    assert subscription.ends_on is not None  # the filter's
    day = subscription.ends_on - timedelta(days=0 if subscription.renews else 1)
    words = _("Renews: %s") if subscription.renews else _("Ends: %s")
    seats = ngettext("%d seat", "%d seats", subscription.seats) % subscription.seats
    title = f"{subscription.title}, {subscription.tenant.name}, {seats}"
    page = absolute("home:customer-subscriptions", subscription.tenant.public_id)
    yield "BEGIN:VEVENT"
    yield f"UID:{subscription.public_id}-{_basic(subscription.ends_on)}@csp-portal"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{_basic(day)}"
    yield f"DTEND;VALUE=DATE:{_basic(day + timedelta(days=1))}"
    yield f"SUMMARY:{_escaped(words % title)}"
    yield f"URL:{page}?panel={subscription.public_id}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _basic(day: date) -> str:
    return day.strftime("%Y%m%d")


def _escaped(text: str) -> str:
    """Return it as RFC 5545 §3.3.11 writes text, without line breaks."""
    text = " ".join(text.split())
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """Break a long line between letters, never inside one."""
    folded, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            folded, size = f"{folded}\r\n ", 1
        folded, size = folded + letter, size + width
    return folded
