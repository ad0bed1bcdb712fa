"""The prices that a running term has locked."""

from dataclasses import dataclass
from datetime import date

from subscriptions.models import Subscription, Term
from tenants.models import Tenant

from ..models import LockedPrice, PriceList, Quote


@dataclass(frozen=True, slots=True)
class TermPrices:
    """
    A term with what its partner sells a seat and period for in it, and what it pays itself.

    In 2-tier the partner's buyer is the reseller; what the customer pays is not the
    partner's to see.
    """

    term: Term
    customer: LockedPrice
    cost: LockedPrice

    @property
    def buyer(self) -> Tenant:
        """Whom the partner bills."""
        return self.customer.buyer

    @property
    def per(self) -> str:
        return self.customer.per


def running_prices(*, subscription: Subscription, on: date) -> TermPrices | None:
    """Return the prices of the term that `on` is in, None if no term runs on that day."""
    term = subscription.terms.filter(starts_on__lte=on, ends_on__gt=on).order_by("number").first()
    if term is None:
        return None
    partner = subscription.partner
    if partner is None:
        return None
    locked = list(term.locked_prices.select_related("buyer").order_by("leg"))
    customer = next((price for price in locked if price.seller_id == partner.tenant_id), None)
    cost = next((price for price in locked if price.buyer_id == partner.tenant_id), None)
    return TermPrices(term, customer, cost) if customer and cost else None


def own_price(*, subscription: Subscription, on: date) -> LockedPrice | None:
    """Return what the customer pays for it on `on`; None if nothing is kept here."""
    return (
        LockedPrice.objects.filter(
            subscription=subscription,
            buyer_id=subscription.tenant_id,
            term__starts_on__lte=on,
            term__ends_on__gt=on,
        )
        .select_related("term")
        .order_by("-leg")
        .first()
    )


def price_source_of(quote: Quote) -> str:
    """Return where the quote's prices come from: the running term's lock, or the list in force."""
    if quote.subscription:
        price = own_price(subscription=quote.subscription, on=quote.on)
        return price.price_source if price else ""
    tenant = quote.partner.tenant if quote.partner else quote.tenant
    price_list = (
        PriceList.objects.for_market(market=tenant.country, currency=tenant.currency)
        .in_force_on(quote.on)
        .first()
    )
    if price_list is None:
        return ""
    return f"price list {price_list.effective_on.day} {price_list.effective_on:%b %Y}"
