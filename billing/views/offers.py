"""Choosing an offer from the price list in force, for a customer or for oneself."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tenants.http import PortalRequest

from ..forms.orders import OfferFilter
from ..models import Price
from ..queries.offers_for_sale import counts_by_kind, offer_rows
from .chips import chips
from .paging import page_of

MOST_DIGITS = 18  # so many still fit the database's bigint


def asked_price(request: PortalRequest) -> str:
    """Return the row that the form names or, before there is one, the address."""
    return request.POST.get("price") or request.GET.get("price") or ""


def chosen_price(request: PortalRequest, prices: QuerySet[Price]) -> Price | None:
    asked = asked_price(request)
    if not (asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS):
        return None
    return prices.filter(pk=int(asked)).first()


def offers_to_choose(
    request: PortalRequest,
    prices: QuerySet[Price],
    *,
    discount: Decimal | None = None,
    resold_at: Decimal | None = None,
) -> dict[str, Any]:
    """Return the list to choose from, as the address narrows it; see `offer_row`."""
    asked = OfferFilter(request.GET)
    found = asked.narrowed(prices, with_kind=False)
    shown = asked.narrowed(prices).order_by(
        "offer__is_add_on", "offer__title", "offer_id", "segment", "-duration", "-plan"
    )
    page = page_of(request, shown)
    page.object_list = offer_rows(page.object_list, discount=discount, resold_at=resold_at)
    kinds = [("", _("All")), ("licences", _("Licences")), ("add-ons", _("Add-ons"))]
    kind = asked.cleaned_data.get("kind", "")
    return {
        "asked": asked,
        "chips": chips(request, "kind", kinds, current=kind, counts=counts_by_kind(found)),
        "page": page,
    }
