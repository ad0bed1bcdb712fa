from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ..http import PortalRequest
from ..permissions import for_anyone_signed_in


@for_anyone_signed_in
@require_POST
def switch_workspace(request: PortalRequest) -> HttpResponse:
    """
    Work for another of the person's organisations from now on.

    `next` may name a page of this portal; pages of one organisation mean nothing in
    another, so without it the way leads to the start page.
    """
    wanted = request.POST.get("membership") or request.POST.get("workspace")
    chosen = next((m for m in request.memberships if str(m.public_id) == wanted), None)
    if chosen is None:
        raise Http404
    request.session["workspace"] = str(chosen.public_id)
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return redirect(target if is_ours else "/")
