"""The list of a partner's customers."""

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.lists import Choice, Column, Filter, Listing
from csp_portal.lists.cells import linked, pill, with_note
from csp_portal.templatetags.portal import channel_pill, meter, money_tag
from subscriptions.domain.channels import RULES, Channel
from tenants.roles import Action, Kind

from ..queries.customers import CustomerRow


def _name(row: CustomerRow) -> SafeString:
    url = reverse("home:customer-subscriptions", args=[row.tenant.public_id])
    return linked(url, row.tenant.name, row.tenant.domain)


def _channels(row: CustomerRow) -> SafeString:
    if not row.channels:
        return SafeString(f'<span class="none">{_("nothing yet")}</span>')
    return format_html_join(" ", "{}", ((channel_pill(code),) for code in row.channels))


def _value(row: CustomerRow) -> SafeString:
    return with_note(money_tag(row.monthly, row.currency), _("per month"))


def _flag_parts(row: CustomerRow) -> list[tuple[str, str, str]]:
    """Return tone, icon and words of each flag."""
    parts = [
        ("warn", "pause-circle-16-filled", _("%d suspended"), row.suspended),
        ("bad", "warning-16-filled", _("%d in grace"), row.in_grace),
        ("warn", "arrow-swap-16", _("%d paid twice"), row.twice),
    ]
    return [(tone, symbol, words % count) for tone, symbol, words, count in parts if count]


def _flags(row: CustomerRow) -> SafeString:
    parts = _flag_parts(row)
    return format_html_join(" ", "{}", ((pill(tone, w, symbol),) for tone, symbol, w in parts))


def _flag_words(row: CustomerRow) -> str:
    return ", ".join(words for _tone, _symbol, words in _flag_parts(row))


def _tags(row: CustomerRow) -> SafeString:
    return format_html_join(" ", "{}", ((pill("neutral", word),) for word in row.words))


def _reseller(row: CustomerRow) -> str:
    reseller = row.relationship.reseller
    return reseller.tenant.name if reseller else ""


def _yes_or_no(*, is_so: bool) -> str:
    return _("Yes") if is_so else _("No")


# R8: who has a CSP partner holds nothing through syndication.
CHANNELS = sorted(set(Channel) - {Channel.SYNDICATION}, key=lambda c: (c != Channel.CSP, c))

CUSTOMERS = Listing(
    name="customers",
    title=gettext_lazy("Customers"),
    one=gettext_lazy("customer"),
    noun=gettext_lazy("customers"),
    search=gettext_lazy("Name or domain"),
    usual_order="name",
    chips="channel",
    filters=(
        Filter(
            "channel",
            gettext_lazy("Channel"),
            gettext_lazy("All"),
            [Choice(c.value, RULES[c].label, channel=c.value) for c in CHANNELS],
        ),
        Filter(
            "only",
            gettext_lazy("Which customers"),
            gettext_lazy("Any customer"),
            (
                Choice("suspended", gettext_lazy("With something suspended")),
                Choice("nothing", gettext_lazy("New, nothing sold yet")),
                Choice("delegated", gettext_lazy("With delegated admin")),
                Choice("undelegated", gettext_lazy("Without delegated admin")),
            ),
        ),
        Filter("tag", gettext_lazy("Tag"), gettext_lazy("Any tag")),
        Filter("reseller", gettext_lazy("Reseller"), gettext_lazy("Any reseller")),
    ),
    # The headings in files are the ones partners know.
    columns=(
        Column(
            "name",
            gettext_lazy("Customer"),
            lambda row: row.tenant.name,
            _name,
            order=(Lower("customer__name"), "customer_id"),
            in_file="Company name",
        ),
        Column(
            "id",
            gettext_lazy("Customer ID"),
            lambda row: str(row.tenant.public_id),
            is_usual=False,
            in_file="Microsoft ID",
        ),
        Column(
            "domain",
            gettext_lazy("Domain"),
            lambda row: row.tenant.domain,
            is_usual=False,
            in_file="Primary domain name",
        ),
        Column("channels", gettext_lazy("Channels"), lambda row: " ".join(row.channels), _channels),
        Column(
            "seats",
            gettext_lazy("Seats in use"),
            lambda row: row.assigned,
            lambda row: meter(row.assigned, row.seats),
        ),
        Column(
            "purchased", gettext_lazy("Seats"), lambda row: row.seats, css="num", is_usual=False
        ),
        Column(
            "value",
            gettext_lazy("CSP value"),
            lambda row: row.monthly,
            _value,
            css="num",
            needs=Action.SEE_PRICES,
        ),
        Column(
            "since",
            gettext_lazy("Relationship since"),
            lambda row: row.relationship.started_on,
            order=("started_on", "pk"),
        ),
        Column("flags", gettext_lazy("Flags"), _flag_words, _flags),
        Column("tags", gettext_lazy("Tags"), lambda row: ", ".join(row.words), _tags),
        Column(
            "delegated",
            gettext_lazy("Delegated admin"),
            lambda row: _yes_or_no(is_so=row.relationship.has_delegated_admin),
            css="opt",
        ),
        Column("changed", gettext_lazy("Last change"), lambda row: row.changed_at, is_usual=False),
        Column(
            "reseller",
            gettext_lazy("Reseller"),
            _reseller,
            css="opt",
            is_usual=False,
            usual_for=frozenset({Kind.INDIRECT_PROVIDER}),
        ),
        Column("country", gettext_lazy("Country"), lambda row: row.tenant.country, is_usual=False),
    ),
)
