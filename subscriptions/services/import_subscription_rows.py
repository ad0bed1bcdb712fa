"""The rows of a file of subscriptions, read one by one."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import Row
from tenants.acts import Act

from ..domain.channels import Channel
from ..domain.lifecycle import LIVE, STATE_LABELS, State
from ..models import Subscription
from .import_cells import Cells

REQUIRED = (
    "Subscription ID",
    "Subscription",
    "Quantity",
    "Status",
    "Tenant domain",
    "Channel",
    "Start",
)
OPTIONAL = (
    "Reseller",
    "SKU",
    "Assigned",
    "End",
    "Auto renew",
    "Trial",
    "Partner of record",
    "Note",
)
MOST_SEATS = 1_000_000
CHANNELS = {channel.value: channel for channel in Channel if channel != Channel.CSP}
# What was moved to another partner was CSP, which is never imported.
STATES = {
    label.lower(): state for state, label in STATE_LABELS.items() if state != State.TRANSFERRED
} | {
    "grace": State.GRACE,
    "canceled": State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A parsed row: a subscription that still lacks what its names refer to."""

    line: int
    subscription: Subscription
    domain: str
    sku: str
    partner_of_record: str
    has_reseller: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.subscription.channel, self.subscription.reference

    @property
    def is_syndicated(self) -> bool:
        return self.subscription.channel == Channel.SYNDICATION and self.subscription.state in LIVE


def parse_subscription(line: int, row: Row, *, act: Act) -> SubscriptionRow:
    cells = Cells(row)
    channel = None
    if row["Channel"].casefold() != Channel.CSP:
        channel = cells.one_of("Channel", CHANNELS)
    else:
        cells.fault("Channel", _("CSP subscriptions are ordered in the portal, never imported."))
    seats = cells.number("Quantity", least=1, most=MOST_SEATS)
    assigned = cells.number("Assigned", least=0, most=MOST_SEATS, default=0)
    if assigned > seats and cells.is_good("Quantity") and cells.is_good("Assigned"):
        cells.fault("Assigned", _("More than the quantity."))
    starts_on = cells.day("Start", required=True)
    last_day = cells.day("End")
    if starts_on and last_day and last_day < starts_on:
        cells.fault("End", _("Before the start."))
    partner_of_record = cells.text("Partner of record", longest=20)
    if partner_of_record and channel not in (None, Channel.ADVISOR):
        cells.fault("Partner of record", _("Only Advisor subscriptions have one."))
    subscription = Subscription(
        channel=channel or "",
        reference=cells.text("Subscription ID", longest=100, required=True),
        title=cells.text("Subscription", longest=200, required=True),
        state=cells.one_of("Status", STATES) or "",
        is_trial=cells.flag("Trial", default=False),
        seats=seats,
        assigned_seats=assigned,
        ends_on=last_day + timedelta(days=1) if last_day else None,
        auto_renew=cells.flag("Auto renew", default=True),
        note=cells.text("Note", longest=200),
        created_at=act.at,
    )
    domain = cells.text("Tenant domain", longest=253, required=True).lower()
    sku = cells.text("SKU", longest=64).lower()
    cells.finish()
    assert starts_on is not None, "finish() raised otherwise"
    subscription.starts_on = starts_on
    return SubscriptionRow(
        line=line,
        subscription=subscription,
        domain=domain,
        sku=sku,
        partner_of_record=partner_of_record,
        has_reseller=bool(row["Reseller"]),
    )
