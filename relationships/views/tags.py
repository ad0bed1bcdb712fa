"""The tags of one customer, from its page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..permissions import get_customer
from ..services import tags as service


@requires(Action.TAG_CUSTOMERS)
@require_POST
def customer_tags(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Add the tag that was typed, or remove the one whose button was pressed."""
    partner, customer = acting_partner(request), get_customer(request, customer_id)
    removed = request.POST.get("remove", "")
    word = removed or request.POST.get("word", "")
    change = service.remove_tag if removed else service.add_tag
    try:
        change(partner=partner, customer=customer, word=word, act=act_of(request))
    except service.TagRefused as refused:
        messages.error(request, f"{customer.name}: {refused}")
    else:
        said = _("The tag “%s” is removed.") if removed else _("Tagged “%s”.")
        messages.success(request, said % " ".join(word.split()))
    return redirect("home:customer", customer_id)
