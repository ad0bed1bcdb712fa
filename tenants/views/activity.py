"""The organisation's own log: filtered, taken along, and checked."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Asked, Choice, asked_of, list_context
from csp_portal.lists.views import default_view, file_of

from ..http import PortalRequest
from ..models import Activity, Tenant
from ..permissions import acting_tenant, requires
from ..queries.activity import entries_of, looked_through, people_in, verify
from ..roles import Action, Kind
from ..tables import ACTIVITY, PARTNER, PORTAL


@requires(Action.SEE_OWN_ACTIVITY)
@require_safe
def activity(request: PortalRequest) -> HttpResponse:
    """Show the organisation's own log, and on request whether its record is whole."""
    if (default := default_view(request, ACTIVITY)) is not None:
        return default
    tenant, asked = acting_tenant(request), asked_of(request, ACTIVITY)
    found = asked.ordered(_found(tenant, asked))
    if asked.file_format:
        return file_of(request, asked, found, _as_they_are)
    people = [Choice(str(person.pk), str(person)) for person in people_in(tenant)]
    usual = [Choice(PORTAL, _("The portal"))]
    if tenant.kind == Kind.CUSTOMER:
        usual.append(Choice(PARTNER, _("What your partner did")))
    choices = {"who": [*usual, *people]}
    context = list_context(request, asked, found=found, rows_of=_as_they_are, choices=choices)
    check = verify(tenant) if "verify" in request.GET else None
    context |= {"check": check, "looked_through": _looked_through(tenant, asked)}
    return render(request, "tenants/activity.html", context)


def _as_they_are(entries: Sequence[Activity]) -> Sequence[Activity]:
    return entries


def _found(tenant: Tenant, asked: Asked) -> QuerySet[Activity]:
    who, (since, until) = asked.chosen("who"), _days(asked)
    return entries_of(
        tenant,
        topic=asked.chosen("topic"),
        by=int(who) if who.isascii() and who.isdecimal() and len(who) < 19 else None,  # noqa: PLR2004 -- digits of a bigint
        by_the_portal=who == PORTAL,
        by_partners=who == PARTNER,
        since=since,
        until=until,
        text=asked.q,
    )


def _looked_through(tenant: Tenant, asked: Asked) -> int:
    """Return how many entries a search was limited to; 0 if it went through all."""
    if not (asked.q or asked.chosen("topic") or asked.chosen("who")):
        return 0
    since, until = _days(asked)
    return looked_through(tenant, since=since, until=until)


def _days(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """Return the first moment that is asked for, and the first one after them."""
    since, until = asked.day("since"), asked.day("until")
    return (
        _start_of(since) if since else None,
        _start_of(until + timedelta(days=1)) if until else None,
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.BUSINESS_TIME_ZONE))
