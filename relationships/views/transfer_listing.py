"""The list of transfers, of those that leave a partner and those that come to it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import linked, with_note
from csp_portal.lists.columns import Choice, Column, Filter, Listing
from csp_portal.templatetags.portal import state_status
from tenants.models import Partner

from ..models import Transfer

STATE_LABELS = {
    Transfer.State.REQUESTED: gettext_lazy("Waiting for a decision"),
    Transfer.State.APPROVED: gettext_lazy("Approved"),
    Transfer.State.DONE: gettext_lazy("Carried out"),
    Transfer.State.DECLINED: gettext_lazy("Declined"),
    Transfer.State.WITHDRAWN: gettext_lazy("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer as one of its sides, `viewer`, sees it."""

    transfer: Transfer
    viewer: Partner

    @property
    def key(self) -> str:
        return str(self.transfer.public_id)

    @property
    def is_leaving(self) -> bool:
        """Tell whether the viewer is of the side that the customer leaves."""
        return self.viewer in {self.transfer.old_partner, self.transfer.old_seller}

    @property
    def direction(self) -> str:
        return _("Leaving you") if self.is_leaving else _("Coming to you")

    @property
    def day(self) -> date:
        return self.transfer.carried_out_on or self.transfer.takes_effect_on

    @property
    def state(self) -> str:
        return str(STATE_LABELS[Transfer.State(self.transfer.state)])

    @property
    def remark(self) -> str:
        """What the state alone does not say."""
        if self.transfer.failure and self.transfer.is_open:
            return _("could not be carried out yet")
        return self.transfer.decline_reason


def _customer(row: TransferRow) -> SafeString:
    url = reverse("relationships:transfer", args=[row.transfer.public_id])
    return linked(url, row.transfer.customer.name, row.transfer.customer.domain)


def _state(row: TransferRow) -> SafeString:
    return with_note(state_status(row.transfer.state, label=row.state), row.remark)


TRANSFERS = Listing(
    name="transfers",
    title=gettext_lazy("Transfers"),
    one=gettext_lazy("transfer"),
    noun=gettext_lazy("transfers"),
    search=gettext_lazy("Customer"),
    usual_order="-asked",
    chips="state",
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            gettext_lazy("All"),
            [Choice(state.value, label) for state, label in STATE_LABELS.items()],
        ),
        Filter(
            "direction",
            gettext_lazy("Direction"),
            gettext_lazy("Leaving and coming"),
            (
                Choice("leaving", gettext_lazy("Leaving you")),
                Choice("coming", gettext_lazy("Coming to you")),
            ),
        ),
    ),
    columns=(
        Column(
            "customer",
            gettext_lazy("Customer"),
            lambda row: row.transfer.customer.name,
            _customer,
            in_file="Company name",
        ),
        Column("direction", gettext_lazy("Direction"), lambda row: row.direction),
        Column("from", gettext_lazy("From"), lambda row: str(row.transfer.old_seller)),
        Column("to", gettext_lazy("To"), lambda row: str(row.transfer.new_seller)),
        Column("state", gettext_lazy("State"), lambda row: row.state, _state),
        Column(
            "day",
            gettext_lazy("Takes effect"),
            lambda row: row.day,
            order=("takes_effect_on", "pk"),
        ),
        Column(
            "asked",
            gettext_lazy("Asked"),
            lambda row: row.transfer.requested_on,
            order=("requested_at", "pk"),
        ),
        Column(
            "by", gettext_lazy("Asked by"), lambda row: row.transfer.requested_by, is_usual=False
        ),
        Column(
            "decided",
            gettext_lazy("Decided"),
            lambda row: row.transfer.decided_at,
            is_usual=False,
        ),
        Column("reason", gettext_lazy("Reason"), lambda row: row.remark, is_usual=False),
        Column(
            "domain",
            gettext_lazy("Domain"),
            lambda row: row.transfer.customer.domain,
            is_usual=False,
        ),
    ),
)
