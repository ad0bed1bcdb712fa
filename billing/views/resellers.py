"""The provider's page to change a customer's reseller of record."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from relationships.permissions import get_relationship
from relationships.queries.links import chains_for
from relationships.services.ending import EndingRefused
from relationships.services.errors import NotLinked
from relationships.services.standing import SellingRefused
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action, Kind

from ..queries.prices import NoPrice
from ..services import resellers as service


class ChangeResellerForm(forms.Form):
    use_required_attribute = False
    chain = forms.ChoiceField(
        label=gettext_lazy("Reseller of record"), required=False, widget=forms.RadioSelect
    )


@with_fresh_sign_in
@requires(Action.CHANGE_SERVICE)
@require_http_methods(["GET", "POST"])
def change_reseller(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    found, partner = get_relationship(request, customer_id), acting_partner(request)
    if found.partner != partner or partner.kind != Kind.INDIRECT_PROVIDER:
        raise PermissionDenied
    chains = {chain.key: chain for chain in chains_for(partner)}
    form = ChangeResellerForm(request.POST or None)
    form.fields["chain"].choices = [(c.key, c.label) for c in chains.values()]  # type: ignore[attr-defined]  # a ChoiceField
    form.fields["chain"].initial = next(
        (key for key, chain in chains.items() if chain.reseller == found.reseller), None
    )
    if form.is_valid():
        reseller: Partner | None = chains[form.cleaned_data["chain"]].reseller
        try:
            service.change_reseller(relationship=found, reseller=reseller, act=act_of(request))
        except (service.SameReseller, EndingRefused, SellingRefused, NotLinked) as refusal:
            form.add_error("chain", str(refusal))
        except NoPrice:
            form.add_error("chain", _("The price list does not have everything that moves."))
        else:
            text = _("From today %(seller)s bills and supports %(customer)s.")
            names = {"seller": reseller or partner, "customer": found.customer}
            messages.success(request, text % names)
            return redirect("relationships:customer-relationship", found.customer.public_id)
    context = {"form": form, "relationship": found, "customer": found.customer}
    return render(request, "billing/change_reseller.html", context)
