"""Ending a reseller relationship, by either side."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.http import PortalRequest, act_of, partner_of
from tenants.permissions import requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import EndForm
from ..permissions import get_ending
from ..queries.remaining import remaining
from ..queries.transfers import open_transfer_of
from ..services import ending as service


@with_fresh_sign_in
@requires(Action.END_RELATIONSHIPS)
@require_http_methods(["GET", "POST"])
def end_relationship(request: PortalRequest, relationship_id: uuid.UUID) -> HttpResponse:
    """List what is left of the relationship; end it once nothing is."""
    relationship = get_ending(request, relationship_id)
    form = EndForm(request.POST or None)
    is_partner = partner_of(request) == relationship.partner
    if form.is_valid():
        try:
            service.end_relationship(
                relationship=relationship, reason=form.cleaned_data["reason"], act=act_of(request)
            )
        except service.EndingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            other = relationship.customer if is_partner else relationship.partner
            messages.success(request, _("The relationship with %(name)s ended.") % {"name": other})
            return redirect("home:customers" if is_partner else "relationships:my-partner")
    context = {
        "relationship": relationship,
        "customer": relationship.customer,
        "partner": relationship.partner,
        "is_partner": is_partner,
        "form": form,
        "left": remaining(relationship),
        "transfer": open_transfer_of(relationship),
    }
    return render(request, "relationships/end_relationship.html", context)
