"""Ordering a new subscription for a customer."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relationships.permissions import get_customer
from subscriptions.queries.selling import order_refusal
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.orders import OfferFilter, OrderForm
from ..models import Price
from ..queries.offers_for_sale import bases_for, counts_by_kind, offer_row, offer_rows
from ..queries.prices import prices_for_sale
from ..services import quotes
from .chips import chips
from .paging import page_of
from .refusals import REFUSALS, show_refusal

MOST_DIGITS = 18  # so many still fit the database's bigint


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def order(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Choose an offer and seats. Sending it makes a quote, which orders nothing yet."""
    customer, partner = get_customer(request, customer_id), acting_partner(request)
    act = act_of(request)
    prices = _prices(request, partner)
    chosen = _chosen(request, prices)
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
        "form": form,
        "chosen": offer_row(chosen) if chosen else None,
        "was_chosen": bool(_asked_price(request)),
        "bases": bases,
        "selling_refusal": order_refusal(partner=partner, tenant=customer, on=act.on),
        **_offers(request, prices),
    }
    return render(request, "billing/order.html", context)


def _prices(request: PortalRequest, partner: Partner) -> QuerySet[Price]:
    tenant = partner.tenant
    on = act_of(request).on
    return prices_for_sale(market=tenant.country, currency=tenant.currency, on=on)


def _asked_price(request: PortalRequest) -> str:
    """Return the row that the form names or, before there is one, the address."""
    return request.POST.get("price") or request.GET.get("price") or ""


def _chosen(request: PortalRequest, prices: QuerySet[Price]) -> Price | None:
    asked = _asked_price(request)
    if not (asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS):
        return None
    return prices.filter(pk=int(asked)).first()


def _offers(request: PortalRequest, prices: QuerySet[Price]) -> dict[str, Any]:
    """Return the list to choose from, as the address narrows it."""
    asked = OfferFilter(request.GET)
    found = asked.narrowed(prices, with_kind=False)
    shown = asked.narrowed(prices).order_by(
        "offer__is_add_on", "offer__title", "offer_id", "segment", "-duration", "-plan"
    )
    page = page_of(request, shown)
    page.object_list = offer_rows(page.object_list)
    kinds = [("", _("All")), ("licences", _("Licences")), ("add-ons", _("Add-ons"))]
    kind = asked.cleaned_data.get("kind", "")
    return {
        "asked": asked,
        "chips": chips(request, "kind", kinds, current=kind, counts=counts_by_kind(found)),
        "page": page,
    }
