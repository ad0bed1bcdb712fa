"""A direct partner moves its customers to a provider, and sees how far they are."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires
from tenants.roles import Action, Kind

from ..models import ResellerLink
from ..queries.planned_moves import own_customers, progress_of, providers_of
from ..services import going_indirect as service

ROWS_A_PAGE = 50
PAGE_SIZES = (25, 50, 100)
MOST_DIGITS = 18  # so many still fit the database's bigint


@requires(Action.INVITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def move_customers(request: PortalRequest) -> HttpResponse:
    """List the partner's own customers with how far each is; a POST asks those chosen."""
    partner = acting_partner(request)
    if partner.kind != Kind.DIRECT_PARTNER:
        raise PermissionDenied
    links = list(providers_of(partner))
    refused: list[tuple[object, str]] = []
    if request.method == "POST" and links:
        report = _ask(request, partner)
        refused = [(relationship.customer, why) for relationship, why in report.refused]
        if not refused:
            return redirect("relationships:move-customers")
    asked = request.GET.get("per_page", "")
    size = int(asked) if asked in map(str, PAGE_SIZES) else ROWS_A_PAGE
    page = Paginator(own_customers(partner), size).get_page(request.GET.get("page"))
    context = {
        "links": links,
        "page": page,
        "rows": progress_of(page.object_list, on=clock.today()),
        "refused": refused,
    }
    return render(request, "relationships/move_customers.html", context)


def _ask(request: PortalRequest, partner: Partner) -> service.AskReport:
    """Ask the ticked customers, or the next hundred of all; say how many were."""
    chosen = own_customers(partner).filter(ended_on=None)
    if request.POST.get("who") != "all":
        picked = [pk for pk in request.POST.getlist("pk") if is_key(pk)]
        chosen = chosen.filter(pk__in=picked[: service.AT_MOST])
    rows = [row for row in progress_of(chosen, on=clock.today()) if row.can_be_asked]
    link = _chosen_link(request, partner)
    report = service.AskReport()
    if link is None:
        messages.error(request, _("Choose the provider they are to move to."))
        return report
    report = service.ask_to_follow(
        partner=partner,
        provider=link.provider,
        relationships=[row.relationship for row in rows[: service.AT_MOST]],
        act=act_of(request),
    )
    asked = len(report.asked)
    text = ngettext(
        "%(count)d customer was asked by mail to move to %(provider)s.",
        "%(count)d customers were asked by mail to move to %(provider)s.",
        asked,
    )
    if not rows:
        text = _("Nobody was asked: tick customers that can be asked.")
    messages.info(request, text % {"count": asked, "provider": link.provider})
    return report


def is_key(text: str) -> bool:
    """Tell whether it is a number that a row's key can be."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _chosen_link(request: PortalRequest, partner: Partner) -> ResellerLink | None:
    asked = request.POST.get("link", "")
    return next((li for li in providers_of(partner) if str(li.public_id) == asked), None)
