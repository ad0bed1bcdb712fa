"""Which quotes, invoices and price lists the acting organisation may see. Anything else is 404."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from relationships.models import Relationship, ResellerLink
from relationships.queries.relationships import active_relationships
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Partner, Tenant
from tenants.permissions import acting_partner, acting_tenant
from tenants.roles import Action, Kind

from .models import Invoice, LockedPrice, OrderRequest, PriceList, Quote, TrialConversion
from .models.order_requests import OrderRequestQuerySet
from .models.price_lists import PriceListQuerySet

# What a person must be allowed to do to confirm a quote of that kind.
ACTION_OF_KIND = {
    Quote.QuoteKind.NEW: Action.ORDER,
    Quote.QuoteKind.SEATS: Action.ORDER,
    Quote.QuoteKind.SUSPEND: Action.CHANGE_SERVICE,
    Quote.QuoteKind.REACTIVATE: Action.CHANGE_SERVICE,
    Quote.QuoteKind.CANCEL: Action.CHANGE_SERVICE,
}


def get_quote(request: PortalRequest, quote_id: UUID) -> Quote:
    """
    Return a quote of the acting partner for a customer that it still serves.

    For a customer, one of its own for what it buys from the vendor.

    :raises Http404: for another organisation's quote as for none
    :raises PermissionDenied: if the person may not do what the quote is about
    """
    quotes = Quote.objects.select_related(
        "partner__tenant", "tenant", "subscription", "offer", "base", "term", "created_by"
    )
    if partner_of(request) is None:
        own = quotes.filter(partner=None, tenant=acting_tenant(request))
        if not _may(request, Action.BUY):
            raise PermissionDenied
        return get_object_or_404(own, public_id=quote_id)
    quote = get_object_or_404(quotes, public_id=quote_id, partner=acting_partner(request))
    if not _serves(request, quote.tenant):
        raise Http404
    if not _may(request, ACTION_OF_KIND[Quote.QuoteKind(quote.kind)]):
        raise PermissionDenied
    return quote


def get_conversion(request: PortalRequest, conversion_id: UUID) -> TrialConversion:
    """Return a proposal that the acting partner made, or that was made to the acting tenant."""
    tenant, partner = acting_tenant(request), partner_of(request)
    mine = Q(trial__tenant=tenant) if partner is None else Q(partner=partner)
    return get_object_or_404(
        TrialConversion.objects.select_related(
            "trial__tenant",
            "partner__tenant",
            "offer",
            "quote",
            "created_by",
            "order__subscription",
            "order__quote",
        ),
        mine,
        public_id=conversion_id,
    )


def buying_tenant(request: PortalRequest) -> Tenant:
    """Return the acting customer: partners buy for their customers, not in this shop."""
    if partner_of(request) is not None:
        raise Http404
    return acting_tenant(request)


def visible_order_requests(request: PortalRequest) -> OrderRequestQuerySet:
    """Return the requests that the acting partner sent or got, newest first."""
    return (
        OrderRequest.objects.of(acting_partner(request))
        .select_related(
            *("provider__tenant", "reseller__tenant", "tenant", "created_by"),
            *("offer", "subscription", "base", "order__quote"),
        )
        .order_by("-created_at", "-id")
    )


def get_order_request(request: PortalRequest, request_id: UUID) -> OrderRequest:
    return get_object_or_404(visible_order_requests(request), public_id=request_id)


def visible_invoices(request: PortalRequest) -> QuerySet[Invoice]:
    """
    Return the finalised invoices that the person may see, of either side.

    With "see invoices" all that the organisation issued or received; with "see what
    customers were invoiced" only what it issued to whom it bills today: its customers, and
    a provider its resellers. Either way
    nobody sees a leg that their organisation has no part in.
    """
    tenant = acting_tenant(request)
    finalised = Invoice.objects.filter(finalised_at__isnull=False)
    if _may(request, Action.SEE_INVOICES):
        return finalised.filter(Q(seller=tenant) | Q(buyer=tenant))
    partner = partner_of(request)
    if partner is None or not _may(request, Action.SEE_CUSTOMER_INVOICES):
        return finalised.none()
    return finalised.filter(seller=tenant, buyer__in=_billed_by(partner))


def get_visible_invoice(request: PortalRequest, invoice_id: UUID) -> Invoice:
    return get_object_or_404(
        visible_invoices(request).select_related("seller", "buyer"), public_id=invoice_id
    )


def next_invoice_parties(request: PortalRequest) -> tuple[Tenant, Tenant]:
    """
    Return seller and buyer of the next invoice the address asks for, the organisation being one.

    `?buyer=` is whom it bills, `?seller=` somebody who sells to it; without either it is the
    buyer of what it buys first: a partner from the vendor, a reseller from its provider, a
    customer from its partner.

    :raises PermissionDenied: if the person may see only what customers are invoiced
    :raises Http404: if the other side is none of theirs
    """
    tenant = acting_tenant(request)
    if "buyer" in request.GET:
        return tenant, _named(_billed_by(acting_partner(request)), request.GET["buyer"])
    if not _may(request, Action.SEE_INVOICES):
        raise PermissionDenied
    sold = LockedPrice.objects.filter(seller=OuterRef("pk"), buyer=tenant)
    linked = ResellerLink.objects.filter(reseller__tenant=tenant).values("provider__tenant")
    sellers = Tenant.objects.filter(Exists(sold) | Q(pk__in=linked))
    sellers = sellers.order_by("-is_vendor", "name")
    if "seller" in request.GET:
        return _named(sellers, request.GET["seller"]), tenant
    first = sellers.first() or usual_seller(tenant)
    if first is None:
        raise Http404
    return first, tenant


def visible_price_lists(request: PortalRequest) -> PriceListQuerySet:
    """Return the lists of the acting partner's market that are public at this instant (R13)."""
    tenant = acting_partner(request).tenant
    return PriceList.objects.visible_at(act_of(request).at).for_market(
        market=tenant.country, currency=tenant.currency
    )


def get_visible_price_list(request: PortalRequest, price_list_id: int) -> PriceList:
    return get_object_or_404(visible_price_lists(request), pk=price_list_id)


def _named(tenants: QuerySet[Tenant], public_id: str) -> Tenant:
    try:
        return get_object_or_404(tenants, public_id=UUID(public_id))
    except ValueError as error:
        raise Http404 from error


def sellers_to(partner: Partner, *, resells: bool) -> list[Tenant]:
    """
    Return who invoices a partner: the vendor, and a reseller's providers, linked ones first.

    A provider whose link has ended still bills for the customers that stayed. `resells` says
    whether the partner has, or had, a provider.
    """
    sellers = [] if partner.kind == Kind.INDIRECT_RESELLER else [Tenant.objects.vendor()]
    if resells:
        links = ResellerLink.objects.filter(reseller=partner).select_related("provider__tenant")
        links = links.order_by(F("ended_on").desc(nulls_first=True), "provider__tenant__name", "id")
        sellers += dict.fromkeys(link.provider.tenant for link in links)
    return sellers


def usual_seller(tenant: Tenant) -> Tenant | None:
    """Return who sells to a tenant, or would to one that has bought nothing yet."""
    partner = getattr(tenant, "partner", None)
    if partner is not None:
        is_reseller = partner.kind == Kind.INDIRECT_RESELLER
        return next(iter(sellers_to(partner, resells=is_reseller)), None)
    relationship = active_relationships(tenant).first()
    return relationship.seller.tenant if relationship else None


def _billed_by(partner: Partner) -> QuerySet[Tenant]:
    """Return whom the partner bills: customers it serves alone or resells to, and its resellers."""
    served = Relationship.objects.active().involving(partner).values("customer")
    resellers = ResellerLink.objects.filter(provider=partner).values("reseller__tenant")
    return Tenant.objects.filter(Q(pk__in=served) | Q(pk__in=resellers))


def _serves(request: PortalRequest, customer: Tenant) -> bool:
    return (
        Relationship.objects.active()
        .filter(partner=acting_partner(request), customer=customer)
        .exists()
    )


def _may(request: PortalRequest, action: Action) -> bool:
    return request.membership is not None and request.membership.may(action)
