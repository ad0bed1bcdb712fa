"""The list of orders for all customers."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from billing.models import Quote
from csp_portal.lists import Choice, Column, Filter, Listing
from csp_portal.lists.cells import linked, with_note
from csp_portal.templatetags.portal import money_tag
from tenants.roles import Action, Kind

from ..queries.all_orders import ListedOrder


def _order(row: ListedOrder) -> SafeString:
    url = reverse("billing:quote", args=[row.row.quote_id])
    return linked(url, row.row.kind_label, row.order.subscription.title)


def _customer(row: ListedOrder) -> SafeString:
    url = reverse("billing:customer-orders", args=[row.order.tenant.public_id])
    return linked(url, row.order.tenant.name, row.order.tenant.domain)


def _charged(row: ListedOrder) -> object:
    return None if row.charged is None else money_tag(row.charged, row.row.money.currency)


PLACED = Filter(
    "days",
    gettext_lazy("Placed"),
    gettext_lazy("At any time"),
    (
        Choice("7", gettext_lazy("Last 7 days")),
        Choice("30", gettext_lazy("Last 30 days")),
        Choice("90", gettext_lazy("Last 90 days")),
    ),
)

ORDERS = Listing(
    name="orders",
    title=gettext_lazy("Orders"),
    one=gettext_lazy("order"),
    noun=gettext_lazy("orders"),
    search=gettext_lazy("Customer"),
    usual_order="-placed",
    chips="kind",
    filters=(
        Filter(
            "kind",
            gettext_lazy("Kind"),
            gettext_lazy("All"),
            [Choice(kind.value, kind.label) for kind in Quote.QuoteKind],
        ),
        PLACED,
    ),
    columns=(
        Column("order", gettext_lazy("Order"), lambda row: row.row.kind_label, _order),
        Column(
            "customer",
            gettext_lazy("Customer"),
            lambda row: row.order.tenant.name,
            _customer,
            in_file="Company name",
        ),
        Column(
            "offer",
            gettext_lazy("Subscription"),
            lambda row: row.order.subscription.title,
            is_usual=False,
        ),
        Column(
            "what",
            gettext_lazy("What"),
            lambda row: row.row.what,
            lambda row: with_note(row.row.what, row.row.reason),
        ),
        Column(
            "placed",
            gettext_lazy("Placed"),
            lambda row: row.order.placed_at,
            order=("placed_at", "pk"),
        ),
        Column("by", gettext_lazy("By"), lambda row: row.row.by),
        Column(
            "charged",
            gettext_lazy("Charged to the customer"),
            lambda row: row.charged,
            _charged,
            css="num",
            needs=Action.SEE_PRICES,
        ),
        Column(
            "currency",
            gettext_lazy("Currency"),
            lambda row: row.row.money.currency,
            is_usual=False,
            needs=Action.SEE_PRICES,
        ),
        Column("reason", gettext_lazy("Reason"), lambda row: row.row.reason, is_usual=False),
        Column(
            "reseller",
            gettext_lazy("Reseller"),
            lambda row: row.reseller,
            css="opt",
            is_usual=False,
            usual_for=frozenset({Kind.INDIRECT_PROVIDER}),
        ),
        Column(
            "id", gettext_lazy("Order ID"), lambda row: str(row.order.public_id), is_usual=False
        ),
    ),
)
