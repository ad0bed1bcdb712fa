"""The list of order requests, as a provider and its reseller see them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import linked, with_note
from csp_portal.lists.columns import Choice, Column, Filter, Listing
from csp_portal.templatetags.portal import moment, state_status
from tenants.models import Partner

from ..models import OrderRequest


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as one of its sides, `viewer`, sees it."""

    asked: OrderRequest
    viewer: Partner

    @property
    def key(self) -> str:
        return str(self.asked.public_id)

    @property
    def other(self) -> str:
        """The other side of the chain."""
        is_provider = self.asked.provider == self.viewer
        return str(self.asked.reseller if is_provider else self.asked.provider)


def _what(row: RequestRow) -> SafeString:
    url = reverse("billing:order-request", args=[row.asked.public_id])
    return linked(url, row.asked.title, row.asked.get_kind_display())


def _asked(row: RequestRow) -> SafeString:
    return with_note(moment(row.asked.created_at), row.asked.created_by)


ORDER_REQUESTS = Listing(
    name="order-requests",
    title=gettext_lazy("Order requests"),
    one=gettext_lazy("request"),
    noun=gettext_lazy("requests"),
    search=gettext_lazy("Customer"),
    usual_order="-asked",
    chips="state",
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            gettext_lazy("All"),
            [Choice(state.value, state.label) for state in OrderRequest.State],
        ),
        Filter(
            "kind",
            gettext_lazy("Kind"),
            gettext_lazy("Any kind"),
            [Choice(kind.value, kind.label) for kind in OrderRequest.Kind],
        ),
    ),
    columns=(
        Column("what", gettext_lazy("What"), lambda row: row.asked.title, _what),
        Column(
            "state",
            gettext_lazy("State"),
            lambda row: row.asked.get_state_display(),
            lambda row: state_status(row.asked.state, label=row.asked.get_state_display()),
        ),
        Column("seats", gettext_lazy("Seats"), lambda row: row.asked.seats, css="num"),
        Column(
            "customer",
            gettext_lazy("Customer"),
            lambda row: row.asked.tenant.name,
            in_file="Company name",
        ),
        Column("other", gettext_lazy("Reseller or provider"), lambda row: row.other),
        Column(
            "asked",
            gettext_lazy("Asked"),
            lambda row: row.asked.created_at,
            _asked,
            order=("created_at", "pk"),
            css="opt",
        ),
        Column(
            "kind",
            gettext_lazy("Kind"),
            lambda row: row.asked.get_kind_display(),
            is_usual=False,
        ),
        Column("by", gettext_lazy("Asked by"), lambda row: row.asked.created_by, is_usual=False),
        Column(
            "domain", gettext_lazy("Domain"), lambda row: row.asked.tenant.domain, is_usual=False
        ),
    ),
)
