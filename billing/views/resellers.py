"""The provider's page to change a customer's reseller of record."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from relationships.models import Relationship
from relationships.permissions import get_relationship
from relationships.queries.links import Chain, chains_for
from relationships.queries.remaining import remaining
from relationships.queries.transfers import open_transfer_of
from relationships.services.ending import EndingRefused
from relationships.services.errors import NotLinked
from relationships.services.standing import SellingRefused
from subscriptions.services.errors import SubscriptionRefused
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action, Kind

from ..queries.prices import NoPrice
from ..services import resellers as service
from ..services.next_terms import NoPriceList

REFUSALS = (
    service.SameReseller,
    EndingRefused,
    SellingRefused,
    SubscriptionRefused,
    NotLinked,
    NoPrice,
    NoPriceList,
)


NOBODY = "none"  # the provider itself bills and supports


class ChangeResellerForm(forms.Form):
    """Which reseller, or none. Nothing is chosen beforehand: a click must not move by default."""

    use_required_attribute = False
    chain = forms.ChoiceField(
        label=gettext_lazy("Who bills and supports from today"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who bills and supports from today.")},
    )

    def __init__(self, *args: Any, relationship: Relationship, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = chains_for(relationship.partner)
        self.chains = {chain.key or NOBODY: chain for chain in found}
        field = cast("forms.ChoiceField", self.fields["chain"])
        field.choices = [
            (key, _label(chain, is_today=chain.reseller == relationship.reseller))
            for key, chain in self.chains.items()
        ]

    def reseller(self) -> Partner | None:
        return self.chains[self.cleaned_data["chain"]].reseller


@with_fresh_sign_in
@requires(Action.CHANGE_SERVICE)
@require_http_methods(["GET", "POST"])
def change_reseller(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Say what moves and who bills before and after; the click moves it today."""
    found, partner = get_relationship(request, customer_id), acting_partner(request)
    if found.partner != partner or partner.kind != Kind.INDIRECT_PROVIDER:
        raise PermissionDenied
    form = ChangeResellerForm(request.POST or None, relationship=found)
    if form.is_valid():
        reseller = form.reseller()
        try:
            service.change_reseller(relationship=found, reseller=reseller, act=act_of(request))
        except REFUSALS as refusal:
            form.add_error("chain", words_of(refusal))
        else:
            text = _("From today %(seller)s bills and supports %(customer)s.")
            names = {"seller": reseller or partner, "customer": found.customer}
            messages.success(request, text % names)
            return redirect("relationships:customer-relationship", found.customer.public_id)
    context = {
        "form": form,
        "relationship": found,
        "customer": found.customer,
        "moving": remaining(found),
        "transfer": open_transfer_of(found),
        "is_alone": len(form.chains) == 1 and found.reseller is None,
    }
    return render(request, "billing/change_reseller.html", context)


def _label(chain: Chain, *, is_today: bool) -> str:
    """Return the reseller with what it pays, and that it is the one of today."""
    words = chain.label
    if chain.discount_percent is not None:
        off = f"{chain.discount_percent.normalize():f}"
        words = _("%(name)s, at ERP less %(discount)s\N{NO-BREAK SPACE}%%") % {
            "name": words,
            "discount": off,
        }
    return _("%(words)s (as today)") % {"words": words} if is_today else words


def words_of(refusal: Exception) -> str:
    if isinstance(refusal, (NoPrice, NoPriceList)):
        return _("The price list does not have everything that moves.")
    if isinstance(refusal, NotLinked):
        return _("%(reseller)s is no reseller of yours any more. Choose another one.") % {
            "reseller": refusal.reseller
        }
    return str(refusal)
