"""Ordering a new subscription for a customer."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from relationships.permissions import get_sold_relationship
from relationships.queries.links import discount_of
from relationships.queries.transfers import transfer_notice
from subscriptions.queries.selling import order_refusal
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.orders import OrderForm
from ..models import Price
from ..queries.offers_for_sale import bases_for, offer_row
from ..queries.prices import prices_for_sale
from ..services import quotes
from .offers import asked_price, chosen_price, offers_to_choose
from .refusals import REFUSALS, show_refusal


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def order(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Choose an offer and seats. Sending it makes a quote, which orders nothing yet."""
    relationship, partner = get_sold_relationship(request, customer_id), acting_partner(request)
    customer, act = relationship.customer, act_of(request)
    resold_at = discount_of(relationship)
    prices = _prices(request, partner)
    chosen = chosen_price(request, prices)
    bases = bases_for(chosen, partner=partner, tenant=customer, on=act.on)
    form = OrderForm(request.POST or None, prices=prices, bases=bases, chosen=chosen)
    if form.is_valid():
        try:
            made = quotes.quote(
                kind="new", partner=partner, tenant=customer, act=act, **form.as_order()
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("billing:quote", made.public_id)
    context = {
        "customer": customer,
        "buyer": relationship.reseller.tenant if relationship.reseller else customer,
        "form": form,
        "chosen": offer_row(chosen, resold_at=resold_at) if chosen else None,
        "was_chosen": bool(asked_price(request)),
        "bases": bases,
        **transfer_notice(partner=partner, customer=customer),
        "selling_refusal": order_refusal(partner=partner, tenant=customer, on=act.on),
        **offers_to_choose(request, prices, resold_at=resold_at),
    }
    return render(request, "billing/order.html", context)


def _prices(request: PortalRequest, partner: Partner) -> QuerySet[Price]:
    tenant = partner.tenant
    on = act_of(request).on
    return prices_for_sale(market=tenant.country, currency=tenant.currency, on=on)
