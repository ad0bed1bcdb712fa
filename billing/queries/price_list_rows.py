"""The rows of a price list and of a comparison in words and figures, as pages show them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from csp_portal.shared.money import format_unit_price
from subscriptions.models import Term

from ..models import Price
from ..models.price_lists import Plan, Segment
from .price_changes import PriceChange

PER = {Plan.MONTHLY: _("per seat and month"), Plan.ANNUAL: _("per seat and year")}


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A row of a list. `starts_on` and `last_day` only where they narrow the list's own days."""

    title: str
    sku: str
    family: str
    is_add_on: bool
    is_trial: bool
    segment: str
    term: str
    plan: str
    per: str | Promise
    price: str
    erp: str
    starts_on: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ComparedPrice:
    """A row of a comparison; a side that does not exist is empty, an ERP that stays shows once."""

    change: PriceChange
    segment: str
    term: str
    plan: str
    per: str | Promise
    old_price: str
    new_price: str
    old_erp: str
    new_erp: str


def listed(price: Price) -> ListedPrice:
    """Return a row; the price needs its offer and its list loaded."""
    offer, of = price.offer, price.price_list
    starts_later = price.valid_from is not None and price.valid_from > of.effective_on
    return ListedPrice(
        title=offer.title,
        sku=offer.sku,
        family=offer.product_family,
        is_add_on=offer.is_add_on,
        is_trial=offer.is_trial,
        segment=str(Segment(price.segment).label),
        term=str(Term.Duration(price.duration).label),
        plan=str(Plan(price.plan).label),
        per=PER[Plan(price.plan)],
        price=format_unit_price(price.unit_price, of.currency),
        erp=format_unit_price(price.erp, of.currency),
        starts_on=price.valid_from if starts_later else None,
        last_day=date.fromordinal(price.valid_until.toordinal() - 1) if price.valid_until else None,
    )


def compared(change: PriceChange, *, currency: str) -> ComparedPrice:
    def words(amount: Decimal | None) -> str:
        return "" if amount is None else format_unit_price(amount, currency)

    return ComparedPrice(
        change=change,
        segment=str(Segment(change.segment).label),
        term=str(Term.Duration(change.duration).label),
        plan=str(Plan(change.plan).label),
        per=PER[Plan(change.plan)],
        old_price=words(change.old_price),
        new_price=words(change.new_price),
        old_erp="" if change.old_erp == change.new_erp else words(change.old_erp),
        new_erp=words(change.new_erp),
    )
