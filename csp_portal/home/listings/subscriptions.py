"""The lists of subscriptions of all customers, and of those that renew or end soon."""

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from csp_portal.lists import Choice, Column, Filter, Listing
from csp_portal.lists.cells import linked, with_note
from csp_portal.templatetags.portal import (
    channel_pill,
    day,
    icon,
    meter,
    money_tag,
    state_status,
)
from subscriptions.domain.channels import RULES, Channel
from subscriptions.domain.lifecycle import STATE_LABELS, State
from tenants.roles import Action, Kind

from ..queries.all_subscriptions import SubscriptionRow
from ..queries.renewal_words import renewal_words
from .customers import CHANNELS


def _page_of(row: SubscriptionRow) -> str:
    page = reverse("home:customer-subscriptions", args=[row.tenant.public_id])
    return f"{page}?panel={row.subscription.public_id}"


def _offer(row: SubscriptionRow) -> SafeString:
    return linked(_page_of(row), row.subscription.title, row.sku)


def _customer(row: SubscriptionRow) -> SafeString:
    url = reverse("home:customer", args=[row.tenant.public_id])
    return linked(url, row.tenant.name, row.tenant.domain)


def _value(row: SubscriptionRow) -> object:
    if row.price is None:
        return None
    return with_note(money_tag(row.monthly, row.price.currency), _("per month"))


def _term_end(row: SubscriptionRow) -> object:
    if row.last_day is None:
        return None
    return with_note(day(row.last_day), renewal_words(row.subscription, on=row.on))


def _state(row: SubscriptionRow) -> SafeString:
    status = state_status(row.subscription.state)
    if row.paid_twice is None:
        return status
    link = '{} <a class="pill pill--warn" href="{}">{}{}</a>'
    page = reverse("home:transition", args=[row.paid_twice])
    return format_html(link, status, page, icon("arrow-swap-16"), _("Paid twice"))


def _days_left(row: SubscriptionRow) -> str:
    days = row.days_left or 0
    return _("today") if days == 0 else ngettext("in %d day", "in %d days", days) % days


def _on_or_off(row: SubscriptionRow) -> str:
    return _("on") if row.subscription.auto_renew else _("off")


OFFER = Column(
    "offer",
    gettext_lazy("Subscription"),
    lambda row: row.subscription.title,
    _offer,
    in_file="Subscription",
)
CUSTOMER = Column(
    "customer",
    gettext_lazy("Customer"),
    lambda row: row.tenant.name,
    _customer,
    order=(Lower("tenant__name"), "tenant_id", "pk"),
    in_file="Company name",
)
SKU = Column("sku", gettext_lazy("SKU"), lambda row: row.sku, is_usual=False)
CHANNEL = Column(
    "channel",
    gettext_lazy("Channel"),
    lambda row: str(RULES[Channel(row.subscription.channel)].label),
    lambda row: channel_pill(row.subscription.channel),
)
STATE = Column(
    "state",
    gettext_lazy("State"),
    lambda row: STATE_LABELS[State(row.subscription.state)],
    _state,
    in_file="Status",
)
SEATS = Column(
    "seats",
    gettext_lazy("Seats"),
    lambda row: row.subscription.seats,
    lambda row: meter(row.subscription.assigned_seats, row.subscription.seats),
    in_file="Quantity",
)
ASSIGNED = Column(
    "assigned",
    gettext_lazy("Assigned"),
    lambda row: row.subscription.assigned_seats,
    css="num",
    is_usual=False,
)
ENDS = Column(
    "ends",
    gettext_lazy("Last day of the term"),
    lambda row: row.last_day,
    _term_end,
    order=("ends_on", "pk"),
)
AUTO_RENEW = Column(
    "renews", gettext_lazy("Auto-renew"), _on_or_off, is_usual=False, in_file="Auto renew"
)
VALUE = Column(
    "value",
    gettext_lazy("CSP value"),
    lambda row: row.monthly,
    _value,
    css="num",
    needs=Action.SEE_PRICES,
    in_file="Value per month",
)
CURRENCY = Column(
    "currency",
    gettext_lazy("Currency"),
    lambda row: row.price.currency if row.price else "",
    is_usual=False,
    needs=Action.SEE_PRICES,
)
RESELLER = Column(
    "reseller",
    gettext_lazy("Reseller"),
    lambda row: row.reseller,
    css="opt",
    is_usual=False,
    usual_for=frozenset({Kind.INDIRECT_PROVIDER}),
)
ID = Column(
    "id",
    gettext_lazy("Subscription ID"),
    lambda row: str(row.subscription.public_id),
    is_usual=False,
)
STARTS = Column(
    "starts",
    gettext_lazy("Term began"),
    lambda row: row.subscription.starts_on,
    is_usual=False,
)

CHANNEL_FILTER = Filter(
    "channel",
    gettext_lazy("Channel"),
    gettext_lazy("All"),
    [Choice(c.value, RULES[c].label, channel=c.value) for c in CHANNELS],
)
STATE_FILTER = Filter(
    "state",
    gettext_lazy("State"),
    gettext_lazy("Running"),
    [Choice(s.value, STATE_LABELS[s]) for s in State],
)
RENEWAL_FILTER = Filter(
    "renewal",
    gettext_lazy("Auto-renew"),
    gettext_lazy("Auto-renew on or off"),
    (
        Choice("on", gettext_lazy("Auto-renew on")),
        Choice("off", gettext_lazy("Auto-renew off")),
    ),
)
TAG_FILTER = Filter("tag", gettext_lazy("Tag"), gettext_lazy("Any tag"))
RESELLER_FILTER = Filter("reseller", gettext_lazy("Reseller"), gettext_lazy("Any reseller"))

SUBSCRIPTIONS = Listing(
    name="subscriptions",
    title=gettext_lazy("Subscriptions"),
    one=gettext_lazy("subscription"),
    noun=gettext_lazy("subscriptions"),
    search=gettext_lazy("Customer, offer or SKU"),
    usual_order="ends",
    chips="channel",
    filters=(CHANNEL_FILTER, STATE_FILTER, RENEWAL_FILTER, TAG_FILTER, RESELLER_FILTER),
    columns=(
        OFFER,
        CUSTOMER,
        SKU,
        CHANNEL,
        STATE,
        SEATS,
        ASSIGNED,
        STARTS,
        ENDS,
        AUTO_RENEW,
        VALUE,
        CURRENCY,
        RESELLER,
        ID,
    ),
)

RENEWALS = Listing(
    name="renewals",
    title=gettext_lazy("Renewals"),
    one=gettext_lazy("renewal"),
    noun=gettext_lazy("renewals"),
    search=gettext_lazy("Customer, offer or SKU"),
    usual_order="ends",
    chips="within",
    filters=(
        Filter(
            "within",
            gettext_lazy("Within"),
            gettext_lazy("A year"),
            (
                Choice("30", gettext_lazy("30 days")),
                Choice("60", gettext_lazy("60 days")),
                Choice("90", gettext_lazy("90 days")),
            ),
        ),
        RENEWAL_FILTER,
        TAG_FILTER,
        RESELLER_FILTER,
    ),
    columns=(
        OFFER,
        CUSTOMER,
        SKU,
        ENDS,
        Column("left", gettext_lazy("When"), lambda row: row.days_left, _days_left),
        STATE,
        SEATS,
        AUTO_RENEW,
        VALUE,
        CURRENCY,
        RESELLER,
        ID,
    ),
)
