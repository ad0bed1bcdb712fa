"""The rows of the price list in force, as the order page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription, Term
from tenants.models import Partner, Tenant

from ..domain.discounts import less_percent
from ..models import Price
from ..models.price_lists import Plan


@dataclass(frozen=True, slots=True)
class OfferRow:
    """
    A price with the words beside its numbers: `cost` is the viewer's, `sells` its buyer's.

    A partner's cost is the vendor's price to it; a reseller's is the ERP less its discount,
    which is what a provider sells at in 2-tier. Everybody else sells at the ERP.
    """

    price_id: int
    title: str
    sku: str
    description: str
    is_add_on: bool
    term: str
    plan: str
    per: str
    segment: str
    currency: str
    cost: Decimal
    erp: Decimal
    sells: Decimal
    margin: Decimal
    seat_minimum: int
    seat_maximum: int
    seat_reduction: str
    price_list: str


def offer_row(
    price: Price, *, discount: Decimal | None = None, resold_at: Decimal | None = None
) -> OfferRow:
    """
    Return the row; with `discount`, in percent off the ERP, as a reseller sees it.

    With `resold_at`, also in percent, as a provider sees it that sells to such a reseller.
    """
    cost = price.unit_price if discount is None else less_percent(price.erp, discount)
    sells = price.erp if resold_at is None else less_percent(price.erp, resold_at)
    is_yearly = price.plan == Plan.ANNUAL
    offer, listed = price.offer, price.price_list
    return OfferRow(
        price_id=price.pk,
        title=offer.title,
        sku=offer.sku,
        description=offer.description,
        is_add_on=offer.is_add_on,
        term=price.get_duration_display(),
        plan=price.get_plan_display(),
        per=_("per seat and year") if is_yearly else _("per seat and month"),
        segment=price.get_segment_display(),
        currency=listed.currency,
        cost=cost,
        erp=price.erp,
        sells=sells,
        margin=sells - cost,
        seat_minimum=offer.seat_minimum,
        seat_maximum=offer.seat_maximum,
        seat_reduction=offer.get_seat_reduction_display(),
        price_list=f"{listed.effective_on.day} {listed.effective_on:%b %Y}",
    )


def offer_rows(
    prices: Iterable[Price], *, discount: Decimal | None = None, resold_at: Decimal | None = None
) -> list[OfferRow]:
    return [offer_row(price, discount=discount, resold_at=resold_at) for price in prices]


def counts_by_kind(prices: QuerySet[Price]) -> dict[str, int]:
    """Return how many rows there are: all, licences and add-ons."""
    counts = prices.aggregate(all=Count("pk"), add_ons=Count("pk", filter=Q(offer__is_add_on=True)))
    return {
        "": counts["all"],
        "licences": counts["all"] - counts["add_ons"],
        "add-ons": counts["add_ons"],
    }


def bases_for(
    price: Price | None, *, partner: Partner | None, tenant: Tenant, on: date
) -> QuerySet[Subscription]:
    """
    Return the tenant's subscriptions that take `price`, if it is an add-on's; else none.

    Those that `partner` sold; without one those that the tenant bought from the vendor.
    """
    bases = Subscription.objects.sold_by(partner) if partner else Subscription.objects.direct()
    bases = bases.filter(tenant=tenant, base=None, state=State.ACTIVE)
    if price is None or not price.offer.is_add_on:
        return bases.none()
    if named := list(price.offer.add_on_to.values_list("pk", flat=True)):
        bases = bases.filter(offer__in=named)
    running = Term.objects.filter(
        subscription=OuterRef("pk"), starts_on__lte=on, ends_on__gt=on, duration=price.duration
    )
    return bases.filter(Exists(running)).order_by("title", "id")
