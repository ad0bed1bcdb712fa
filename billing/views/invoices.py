"""Invoices: bought from the vendor, sold to customers, and what the next one will say."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal import lists
from csp_portal.shared.csvfiles import csv_lines
from csp_portal.shared.dates import month_of
from relationships.permissions import get_relationship
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Tenant
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action, Kind

from ..models import Invoice
from ..permissions import get_visible_invoice, next_invoice_parties, visible_invoices
from ..queries import invoice_list, invoice_page
from ..queries import invoices as invoices_queries
from ..queries.invoice_list import BOUGHT, SOLD, InvoiceFilter
from ..queries.invoices import NextInvoice
from ..services import documents
from .chips import chips
from .paging import page_of

LINES_A_PAGE = 100


@requires(Action.SEE_INVOICES)
@require_safe
def invoices(request: PortalRequest) -> HttpResponse:
    """Show a partner's invoices, one side at a time, or a customer's own bills."""
    tenant, is_partner = acting_tenant(request), partner_of(request) is not None
    side = SOLD if is_partner and request.GET.get("side") != BOUGHT else BOUGHT
    visible = visible_invoices(request)
    months = (
        invoice_list.months_closed_by(tenant)
        if side == SOLD
        else invoice_list.months_of(invoice_list.of_side(visible, side=side, tenant=tenant))
    )
    return _list(
        request,
        visible,
        tenant,
        side=side,
        months=months,
        template="billing/invoices.html",
        extra={
            "is_partner": is_partner,
            "seller_is_provider": tenant.kind == Kind.INDIRECT_RESELLER,
            "side": side,
            "is_sold": side == SOLD,
        },
    )


@requires(Action.SEE_CUSTOMER_INVOICES)
@require_safe
def customer_invoices(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Show what the partner invoiced to one of its customers."""
    relationship, tenant = get_relationship(request, customer_id), acting_tenant(request)
    customer = relationship.customer
    sold = visible_invoices(request).filter(seller=tenant, buyer=customer)
    return _list(
        request,
        sold,
        tenant,
        side=SOLD,
        months=invoice_list.months_of(sold),
        template="billing/invoices_customer.html",
        extra={
            "customer": customer,
            "relationship": relationship,
            "is_resold": relationship.seller.tenant == tenant
            and relationship.partner.tenant != tenant,
            "is_sold": True,
        },
    )


@requires(Action.SEE_INVOICES, Action.SEE_CUSTOMER_INVOICES)
@require_safe
def invoice(request: PortalRequest, invoice_id: UUID) -> HttpResponse:
    """Show the invoice on paper; a partner's purchase grouped by the customers it is for."""
    found = get_visible_invoice(request, invoice_id)
    is_purchase = found.buyer_id == acting_tenant(request).pk and partner_of(request) is not None
    charges = invoice_page.charges_of(found, by_customer=is_purchase)
    page = page_of(request, charges, size=LINES_A_PAGE)
    lines = invoice_page.shown_charges(page.object_list)
    context = {
        "invoice": found,
        "state": invoice_list.shown_state(found, on=act_of(request).on),
        "seller": invoice_page.party_of(found.parties["seller"]),
        "buyer": invoice_page.party_of(found.parties["buyer"]),
        "page": page,
        "resellers": invoice_page.resellers_on(lines),
        "lines": [] if is_purchase else lines,
        "groups": invoice_page.customers_on(found, lines) if is_purchase else [],
        "is_credit": found.total < 0,
        "proof": invoice_page.proof_of(found),
        "back": _list_of(request, found),
    }
    return render(request, "billing/invoice.html", context)


@requires(Action.SEE_INVOICES, Action.SEE_CUSTOMER_INVOICES)
@require_safe
def next_invoice(request: PortalRequest) -> HttpResponse:
    """Show what the running month's invoice will say if nothing changes until its end."""
    seller, buyer = next_invoice_parties(request)
    month = month_of(act_of(request).on)
    previews = [
        _preview(request, each)
        for each in invoices_queries.next_invoice(seller=seller, buyer=buyer, month=month.start)
    ]
    context = {
        "seller": seller,
        "buyer": buyer,
        "previews": previews,
        "month": month.start,
        "issued_on": month.end,
        "last_day": month.last_day,
        "is_sale": seller == acting_tenant(request),
        "is_partner": partner_of(request) is not None,
    }
    return render(request, "billing/next_invoice.html", context)


@requires(Action.SEE_INVOICES, Action.SEE_CUSTOMER_INVOICES)
@require_safe
def invoice_pdf(request: PortalRequest, invoice_id: UUID) -> HttpResponse:
    shown = get_visible_invoice(request, invoice_id)
    response = HttpResponse(documents.invoice_pdf(shown), content_type="application/pdf")
    return _download(response, f"invoice-{shown.number}.pdf")


@requires(Action.SEE_INVOICES, Action.SEE_CUSTOMER_INVOICES)
@require_safe
def invoice_csv(request: PortalRequest, invoice_id: UUID) -> HttpResponse:
    shown = get_visible_invoice(request, invoice_id)
    response = StreamingHttpResponse(
        documents.reconciliation_csv(shown), content_type="text/csv; charset=utf-8"
    )
    return _download(response, f"invoice-{shown.number}.csv")


def _list(
    request: PortalRequest,
    visible: QuerySet[Invoice],
    tenant: Tenant,
    *,
    side: str,
    months: list[Any],
    template: str,
    extra: dict[str, Any],
) -> HttpResponse:
    """Show, or export, the invoices that the address narrows the visible ones to."""
    on = act_of(request).on
    asked = InvoiceFilter.of(request.GET, side=side)
    found = asked.apply(visible, tenant=tenant, on=on)
    if request.GET.get("format") == "csv":
        return _exported(found, on=on)
    page = lists.page_of(request, found)
    page.object_list = [(each, invoice_list.shown_state(each, on=on)) for each in page.object_list]
    states = [("", _("All")), *invoice_list.states()]
    context = {
        "page": page,
        "asked": asked,
        "months": months,
        "chips": chips(request, "state", states, current=asked.state),
        "today": on,
        **extra,
    }
    return render(request, template, context)


def _preview(request: PortalRequest, preview: NextInvoice) -> dict[str, Any]:
    is_purchase = partner_of(request) is not None and preview.buyer == acting_tenant(request)
    lines = preview.lines
    if is_purchase:
        lines = invoice_page.sorted_by_customer(lines)
    page = page_of(request, lines, size=LINES_A_PAGE)
    shown = invoice_page.shown_lines(page.object_list)
    return {
        "invoice": preview,
        "page": page,
        "lines": [] if is_purchase else shown,
        "groups": invoice_page.customers_of(shown, all_lines=lines) if is_purchase else [],
    }


def _list_of(request: PortalRequest, found: Invoice) -> tuple[str, str]:
    """Return address and name of the list that the person can see the invoice on."""
    membership = request.membership
    if partner_of(request) is None:
        return reverse("billing:invoices"), _("Bills")
    if membership and membership.may(Action.SEE_INVOICES):
        side = SOLD if found.seller_id == acting_tenant(request).pk else BOUGHT
        return f"{reverse('billing:invoices')}?side={side}", _("Invoices")
    url = reverse("billing:customer-invoices", args=[found.buyer.public_id])
    return url, _("Invoices of %s") % found.buyer


def _exported(found: QuerySet[Invoice], *, on: Any) -> HttpResponse:
    rows = invoice_list.export_rows(found, on=on)
    response = StreamingHttpResponse(
        csv_lines(header=invoice_list.EXPORT_HEADER, rows=rows),
        content_type="text/csv; charset=utf-8",
    )
    return _download(response, "invoices.csv")


def _download(response: Any, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response  # type: ignore[no-any-return]  # any kind of response
