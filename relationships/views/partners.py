from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest
from tenants.permissions import acting_tenant, requires
from tenants.queries.tenants import support_contacts_of
from tenants.roles import Action

from ..queries.policy import most_partners
from ..queries.relationships import active_relationships
from ..queries.transfers import before_and_after, transfers_of_customer

LISTED = 10


@requires(Action.SEE_OWN_PARTNER)
@require_safe
def my_partner(request: PortalRequest) -> HttpResponse:
    """Who the customer's CSP partners are, what each may do and what it cannot."""
    tenant = acting_tenant(request)
    shown = [
        {
            "relationship": relationship,
            "partner": relationship.seller,
            "provider": relationship.partner if relationship.reseller else None,
            "contacts": support_contacts_of(relationship.seller.tenant),
        }
        for relationship in active_relationships(tenant).with_consent()
    ]
    today = clock.today()
    transfers = [
        (one, *before_and_after(one, on=today)) for one in transfers_of_customer(tenant)[:LISTED]
    ]
    context = {
        "shown": shown,
        "only": shown[0] if len(shown) == 1 else None,
        "open_transfers": [entry for entry in transfers if entry[0].is_open],
        "past_transfers": [entry for entry in transfers if not entry[0].is_open],
        "customer": tenant,
        "is_one_allowed": most_partners() == 1,
    }
    return render(request, "relationships/my_partner.html", context)
