"""Buying from the vendor: a customer's own order, whatever CSP partner it has (R5)."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..forms.orders import OrderForm
from ..models import Price
from ..permissions import buying_tenant
from ..queries.offers_for_sale import bases_for, offer_row
from ..queries.prices import prices_for_sale
from ..services import quotes
from .offers import asked_price, chosen_price, offers_to_choose
from .refusals import REFUSALS, show_refusal


@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def shop(request: PortalRequest) -> HttpResponse:
    """Choose an offer and seats at list price. Sending it makes a quote, which buys nothing."""
    tenant, act = buying_tenant(request), act_of(request)
    prices = _prices(request)
    chosen = chosen_price(request, prices)
    bases = bases_for(chosen, partner=None, tenant=tenant, on=act.on)
    wanted = {"base": request.GET.get("base")}
    form = OrderForm(
        request.POST or None, prices=prices, bases=bases, chosen=chosen, initial=wanted
    )
    if form.is_valid():
        try:
            made = quotes.quote(kind="new", tenant=tenant, act=act, **form.as_order())
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("billing:quote", made.public_id)
    context = {
        "customer": tenant,
        "form": form,
        "chosen": offer_row(chosen) if chosen else None,
        "was_chosen": bool(asked_price(request)),
        "bases": bases,
        **offers_to_choose(request, prices),
    }
    return render(request, "billing/shop.html", context)


def _prices(request: PortalRequest) -> QuerySet[Price]:
    """Return the list of the customer's own market."""
    tenant, on = acting_tenant(request), act_of(request).on
    return prices_for_sale(market=tenant.country, currency=tenant.currency, on=on)
