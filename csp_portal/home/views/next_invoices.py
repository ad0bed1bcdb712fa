"""What a partner's sellers will invoice it for this month, as its start page shows it."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from billing.permissions import sellers_to
from billing.queries.next_totals import next_totals
from csp_portal.shared.dates import add_months
from tenants.http import PortalRequest, act_of
from tenants.models import Partner

# Sellers whose next invoice is computed for the start page; the rest is linked.
PREVIEWED = 5


def next_invoices_to(request: PortalRequest, partner: Partner) -> dict[str, Any]:
    """Return the next invoice of the vendor, or of each of a reseller's providers, and the sums."""
    month, membership = act_of(request).on.replace(day=1), request.membership
    sellers = sellers_to(partner, resells=membership is not None and membership.resells)
    invoices = [
        (seller, total)
        for seller in sellers[:PREVIEWED]
        for total in next_totals(seller=seller, buyer=partner.tenant, month=month)
    ]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for _seller, total in invoices:
        sums[total.currency] += total.total
    return {
        "next_invoice": invoices[0][1] if len(invoices) == 1 else None,
        "next_seller": invoices[0][0] if len(invoices) == 1 else None,
        "next_invoices": invoices if len(invoices) > 1 else [],
        "next_sums": [(amount, currency) for currency, amount in sums.items()],
        "next_unseen": sellers[PREVIEWED:],
        "next_invoice_month": month,
        "next_invoice_on": add_months(month, 1),
    }
