"""Orders: confirmed quotes."""

from dataclasses import replace

from django.db import transaction

from tenants.acts import Act
from tenants.models import Tenant

from ..models import Order, OrderLine, Quote
from ..queries.quotes import lines_of_charges, without_words
from .order_requests import lock_open_request, mark_ordered
from .quotes import carry_out


class QuoteExpired(Exception):
    """The quote's 30 minutes are over."""


class QuoteStale(Exception):
    """The same change would cost something else now than the quote says."""


@transaction.atomic
def confirm(*, quote: Quote, act: Act) -> Order:
    """
    Carry out what `quote` asks for, at its price and on its day, and return the order.

    Safe to repeat: confirming again, or twice at once, returns the first order. The
    subscription changes on the day of the quote, even if midnight has passed since.

    :raises QuoteExpired: if it was made 30 minutes ago or earlier
    :raises QuoteStale: if the charges would differ from the quote's; nothing is changed
    :raises SubscriptionRefused: if the change is no longer possible, with the reason
    :raises RequestNotOpen: if it answers a reseller's request that is no longer open
    """
    # the first lock of every change; a second confirmation waits here for the first
    Tenant.objects.select_for_update(no_key=True).get(pk=quote.tenant_id)
    confirmed = Order.objects.filter(quote=quote).first()
    if confirmed:
        return confirmed
    if act.at >= quote.expires_at:
        raise QuoteExpired(f"{quote} expired at {quote.expires_at}")
    request = lock_open_request(quote.request) if quote.request else None
    if request is not None and request.seats != quote.seats:
        raise QuoteStale(f"{request} asks for something else now")
    outcome = carry_out(quote=quote, act=replace(act, on=quote.on))
    lines = [line.to_json() for line in lines_of_charges(outcome.charges)]
    term = outcome.facts[0].term
    if without_words(lines) != without_words(quote.lines) or quote.term_id not in {None, term.pk}:
        raise QuoteStale(f"{quote} is no longer what it would cost")
    assert act.by is not None  # the portal itself does not order
    order = Order.objects.create(
        quote=quote,
        partner=quote.partner,
        tenant=quote.tenant,
        subscription=term.subscription,
        placed_at=act.at,
        placed_by=act.by,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, seat_change=fact) for fact in outcome.facts
    )
    if request is not None:
        mark_ordered(request=request, order=order, act=act)
    return order
