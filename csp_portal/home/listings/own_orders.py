"""The list of a customer's own orders."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from billing.models import Quote
from csp_portal.lists import Choice, Column, Filter, Listing
from csp_portal.lists.cells import linked, with_note
from csp_portal.templatetags.portal import channel_pill, money_tag
from subscriptions.domain.channels import RULES, Channel
from tenants.roles import Action

from ..queries.own_orders import OURSELVES, PARTNER, OwnOrder
from .orders import PLACED

# The channels in which something is ordered here; the others come with keys and imports.
ORDERED_HERE = (Channel.CSP, Channel.DIRECT, Channel.ADVISOR)


def _order(row: OwnOrder) -> SafeString:
    return linked(row.url, row.kind, row.title)


def _channel(row: OwnOrder) -> str:
    return RULES[Channel(row.order.subscription.channel)].label


def _amount(row: OwnOrder) -> object:
    return None if row.amount is None else money_tag(row.amount, row.currency)


OWN_ORDERS = Listing(
    name="own-orders",
    title=gettext_lazy("Orders"),
    one=gettext_lazy("order"),
    noun=gettext_lazy("orders"),
    search=gettext_lazy("Subscription"),
    usual_order="-placed",
    chips="kind",
    filters=(
        Filter(
            "kind",
            gettext_lazy("Kind"),
            gettext_lazy("All"),
            [Choice(kind.value, kind.label) for kind in Quote.QuoteKind],
        ),
        Filter(
            "who",
            gettext_lazy("Ordered by"),
            gettext_lazy("By anybody"),
            (
                Choice(OURSELVES, gettext_lazy("By us, from the vendor")),
                Choice(PARTNER, gettext_lazy("By a partner, for us")),
            ),
        ),
        Filter(
            "channel",
            gettext_lazy("Channel"),
            gettext_lazy("Any channel"),
            [Choice(channel.value, RULES[channel].label) for channel in ORDERED_HERE],
        ),
        PLACED,
    ),
    columns=(
        Column("order", gettext_lazy("Order"), lambda row: row.kind, _order),
        Column(
            "channel",
            gettext_lazy("Channel"),
            _channel,
            lambda row: channel_pill(row.order.subscription.channel),
        ),
        Column("offer", gettext_lazy("Subscription"), lambda row: row.title, is_usual=False),
        Column(
            "what",
            gettext_lazy("What"),
            lambda row: row.what,
            lambda row: with_note(row.what, row.add_ons_in_words),
        ),
        Column(
            "placed",
            gettext_lazy("Placed"),
            lambda row: row.order.placed_at,
            order=("placed_at", "pk"),
        ),
        Column(
            "by",
            gettext_lazy("Ordered by"),
            lambda row: row.placed_by,
            lambda row: with_note(row.placed_by, row.person),
        ),
        Column(
            "person",
            gettext_lazy("Person"),
            lambda row: row.person,
            is_usual=False,
        ),
        Column(
            "charged",
            gettext_lazy("Charged to us"),
            lambda row: row.amount,
            _amount,
            css="num",
            needs=Action.SEE_INVOICES,
        ),
        Column(
            "currency",
            gettext_lazy("Currency"),
            lambda row: row.currency,
            is_usual=False,
            needs=Action.SEE_INVOICES,
        ),
        Column("note", gettext_lazy("Note"), lambda row: row.note, is_usual=False),
        Column("id", gettext_lazy("Order ID"), lambda row: row.key, is_usual=False),
    ),
)
