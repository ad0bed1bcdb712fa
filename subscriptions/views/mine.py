from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.http import PortalRequest
from tenants.permissions import requires
from tenants.roles import Action

from ..queries.licences import licences_of


@requires(Action.SEE_OWN_LICENCES)
@require_safe
def my_licences(request: PortalRequest) -> HttpResponse:
    """Show what the person may use, and whom to ask."""
    assert request.membership is not None, "requires() lets nobody in without one"
    context = {"licences": licences_of(request.membership), "tenant": request.membership.tenant}
    return render(request, "subscriptions/my_licences.html", context)
