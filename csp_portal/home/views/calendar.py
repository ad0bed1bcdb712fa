"""The renewals of the next 90 days as a calendar file."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from subscriptions.models import Subscription
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..queries.all_subscriptions import narrowed, renewals_of

DAYS = 90
MOST = 2_000
LINE = 73  # octets of a line before it is folded, RFC 5545 §3.1


@requires(Action.SEE_CUSTOMERS)
@require_safe
def renewals_calendar(request: PortalRequest) -> HttpResponse:
    """Return one all-day event for each; a calendar program takes it as a download."""
    partner, act = acting_partner(request), act_of(request)
    found = renewals_of(partner, on=act.on)
    due = narrowed(found, partner, {"within": str(DAYS)}, "", on=act.on).order_by("ends_on", "pk")
    stamp = act.at.strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CSP Portal//Renewals//EN"]
    for subscription in due[:MOST]:
        lines += _event(subscription, stamp)
    body = "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="renewals.ics"'
    return response


def _event(subscription: Subscription, stamp: str) -> list[str]:
    assert subscription.ends_on is not None  # the filter's
    words = _("Renews: %s") if subscription.auto_renew else _("Ends: %s")
    title = f"{subscription.title}, {subscription.tenant.name}, {subscription.seats}"
    return [
        "BEGIN:VEVENT",
        f"UID:{subscription.public_id}-{_basic(subscription.ends_on)}@csp-portal",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{_basic(subscription.ends_on)}",
        f"DTEND;VALUE=DATE:{_basic(subscription.ends_on + timedelta(days=1))}",
        f"SUMMARY:{_escaped(words % title)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


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
