from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..http import PortalRequest
from ..permissions import acting_tenant, requires
from ..queries.activity import page_of_activities, verify
from ..roles import Action


@requires(Action.SEE_OWN_ACTIVITY)
@require_safe
def activity(request: PortalRequest) -> HttpResponse:
    """Show the organisation's own log, and on request whether its record is whole."""
    tenant = acting_tenant(request)
    before = request.GET.get("before", "")
    page = page_of_activities(tenant, before=int(before) if _is_number(before) else None)
    check = verify(tenant) if "verify" in request.GET else None
    context = {"page": page, "tenant": tenant, "check": check, "is_first": not before}
    return render(request, "tenants/activity.html", context)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19  # fits a bigint  # noqa: PLR2004
