"""The renewals in a calendar: a file to download, or an address that a programme reads."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from csp_portal.shared import clock
from csp_portal.shared.letters import absolute
from tenants.acts import Act
from tenants.http import PortalRequest, act_of
from tenants.models import Membership, Partner
from tenants.permissions import acting_partner, open_to_anyone, requires, with_fresh_sign_in
from tenants.queries.calendar_feeds import feed_by_token, feed_of
from tenants.roles import Action
from tenants.services import calendar_feeds as service

from ..ics import calendar_of
from ..queries.all_subscriptions import narrowed, renewals_of

DAYS = 90
MOST = 2_000


@requires(Action.SEE_CUSTOMERS)
@require_safe
def renewals_calendar(request: PortalRequest) -> HttpResponse:
    """Return the next 90 days as a file."""
    response = _calendar(acting_partner(request), act_of(request), days=DAYS)
    response["Content-Disposition"] = 'attachment; filename="renewals.ics"'
    return response


@requires(Action.SEE_CUSTOMERS)
@require_safe
def calendar(request: PortalRequest) -> HttpResponse:
    """Say what there is: the file, and the address if one was made."""
    acting_partner(request)
    context = {"feed": feed_of(_own(request)), "days": DAYS}
    return render(request, "home/calendar.html", context)


@with_fresh_sign_in
@requires(Action.SEE_CUSTOMERS)
@require_POST
def make_feed(request: PortalRequest) -> HttpResponse:
    """Make a new address and show it, this once; so the answer is the page and no redirect."""
    acting_partner(request)
    try:
        token = service.make_feed(
            membership=_own(request), needs=Action.SEE_CUSTOMERS, act=act_of(request)
        )
    except service.MembershipChanged as refusal:
        messages.error(request, str(refusal))
        return redirect("home:home")
    address = absolute("home:calendar-feed", token)
    context = {"address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
    return render(request, "home/calendar_address.html", context)


@requires(Action.SEE_CUSTOMERS)
@require_POST
def stop_feed(request: PortalRequest) -> HttpResponse:
    acting_partner(request)
    try:
        service.stop_feed(membership=_own(request), act=act_of(request))
    except service.NoCalendarAddress as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Stopped: the address shows nothing any more."))
    return redirect("home:calendar")


@open_to_anyone
@never_cache
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """
    Return what the person who made the address sees among the renewals now, without a sign-in.

    Whatever is wrong with the token, it is the same 404; who tries many is stopped.
    """
    feed = feed_by_token(token, needs=Action.SEE_CUSTOMERS)
    action, key = ("calendar_feed", token) if feed else ("unknown_calendar_feed", None)
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, action=action, key=key, limit_get=True
    )
    if limited is not None:
        return limited
    if feed is None:
        raise Http404
    person, house = feed.membership.user, feed.membership.tenant
    act = Act(by=person, organisation=house, at=clock.now(), on=clock.today())
    service.note_reading(feed=feed, act=act)
    with translation.override(person.language):
        return _calendar(house.partner, act)


def _calendar(partner: Partner, act: Act, *, days: int | None = None) -> HttpResponse:
    """Return the renewals, of a year or of the next `days`, the first ones if there are many."""
    asked = {"within": str(days)} if days else {}
    due = narrowed(renewals_of(partner, on=act.on), partner, asked, "", on=act.on)
    name = _("Renewals of %s") % partner.tenant.name
    text = calendar_of(due.order_by("ends_on", "pk")[:MOST], name=name, at=act.at)
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


def _own(request: PortalRequest) -> Membership:
    assert request.membership is not None  # every view here requires an action of a member
    return request.membership
