from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.http import PortalRequest
from tenants.permissions import acting_tenant, requires
from tenants.queries.tenants import support_contacts_of
from tenants.roles import Action

from ..queries.relationships import active_relationship


@requires(Action.SEE_OWN_PARTNER)
@require_safe
def my_partner(request: PortalRequest) -> HttpResponse:
    """Who the customer's CSP partner is, what it may do and what it cannot."""
    relationship = active_relationship(acting_tenant(request))
    context = {
        "relationship": relationship,
        "partner": relationship.partner if relationship else None,
        "contacts": support_contacts_of(relationship.partner.tenant) if relationship else [],
    }
    return render(request, "relationships/my_partner.html", context)
