"""The activity log as a list."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import with_note
from csp_portal.lists.columns import Choice, Column, Filter, Listing

from .models import Activity

# What an entry is about: the first word of its code.
TOPICS = {
    "subscription": gettext_lazy("Subscriptions"),
    "customer": gettext_lazy("Customers"),
    "relationship": gettext_lazy("Relationships"),
    "invitation": gettext_lazy("Invitations"),
    "link": gettext_lazy("Links with partners"),
    "transfer": gettext_lazy("Transfers"),
    "request": gettext_lazy("Order requests"),
    "recommendation": gettext_lazy("Recommendations"),
    "trial-conversion": gettext_lazy("Conversions of trials"),
    "invoice": gettext_lazy("Invoices"),
    "price_list": gettext_lazy("Price lists"),
    "member": gettext_lazy("People"),
    "licence": gettext_lazy("Licences"),
    "agreement": gettext_lazy("Agreement"),
    "tenant": gettext_lazy("Organisation"),
}
PORTAL = "portal"
PARTNER = "partner"


def _who(entry: Activity) -> str:
    return str(entry.by) if entry.by else _("The portal")


def _acting_for(entry: Activity) -> str:
    return entry.acting_for.name if entry.acting_for else ""


def _who_with_organisation(entry: Activity) -> SafeString:
    return with_note(_who(entry), _acting_for(entry))


ACTIVITY = Listing(
    name="activity",
    title=gettext_lazy("Activity"),
    one=gettext_lazy("entry"),
    noun=gettext_lazy("entries"),
    search=gettext_lazy("What, or the ID of what changed"),
    usual_order="-no",
    chips="topic",
    filters=(
        Filter(
            "topic",
            gettext_lazy("About"),
            gettext_lazy("All"),
            [Choice(code, label) for code, label in TOPICS.items()],
        ),
        Filter("who", gettext_lazy("Who"), gettext_lazy("Anybody")),
        Filter("since", gettext_lazy("From"), "", is_day=True),
        Filter("until", gettext_lazy("To"), "", is_day=True),
    ),
    columns=(
        Column(
            "what",
            gettext_lazy("What"),
            lambda entry: entry.summary,
            lambda entry: with_note(entry.summary, entry.action),
        ),
        Column("no", gettext_lazy("No."), lambda entry: entry.seq, css="num", order=("seq",)),
        Column("when", gettext_lazy("When"), lambda entry: entry.at),
        Column("who", gettext_lazy("Who"), _who, _who_with_organisation),
        Column("for", gettext_lazy("For"), _acting_for, is_usual=False),
        Column("action", gettext_lazy("Code"), lambda entry: entry.action, is_usual=False),
        Column("about", gettext_lazy("ID"), lambda entry: entry.about, is_usual=False),
    ),
)
