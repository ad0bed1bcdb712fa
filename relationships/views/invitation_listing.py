"""The list of a partner's invitations."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import linked, with_note
from csp_portal.lists.columns import Choice, Column, Filter, Listing
from csp_portal.templatetags.portal import day, state_status

from ..queries.invitations import State
from .presentation import STATE_LABELS, InvitationRow


def _name(row: InvitationRow) -> SafeString:
    url = reverse("relationships:invitation", args=[row.invitation.public_id])
    return linked(url, row.name, " · ".join(filter(None, (row.details, row.together_with))))


def _age(row: InvitationRow) -> SafeString:
    return with_note(row.age, day(row.invitation.created_at))


def _delegated(row: InvitationRow) -> str:
    return _("with") if row.invitation.has_delegated_admin else _("without")


INVITATIONS = Listing(
    name="invitations",
    title=gettext_lazy("Invitations"),
    one=gettext_lazy("invitation"),
    noun=gettext_lazy("invitations"),
    search=gettext_lazy("Customer, e-mail or note"),
    usual_order="-age",
    chips="state",
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            gettext_lazy("All"),
            [Choice(state.value, STATE_LABELS[state.value]) for state in State],
        ),
    ),
    columns=(
        Column("name", gettext_lazy("Customer"), lambda row: row.name, _name),
        Column(
            "state",
            gettext_lazy("State"),
            lambda row: str(STATE_LABELS[row.state]),
            lambda row: state_status(row.state),
        ),
        Column(
            "age",
            gettext_lazy("Age"),
            lambda row: row.invitation.created_at,
            _age,
            order=("created_at", "pk"),
            in_file="Made",
        ),
        Column("step", gettext_lazy("Last step"), lambda row: row.last_step),
        Column("delegated", gettext_lazy("Delegated admin"), _delegated, css="opt"),
        Column("until", gettext_lazy("Open until"), lambda row: row.invitation.last_day),
        Column("email", gettext_lazy("E-mail"), lambda row: row.invitation.email, is_usual=False),
        Column(
            "by",
            gettext_lazy("Made by"),
            lambda row: str(row.invitation.created_by),
            is_usual=False,
        ),
        Column(
            "with", gettext_lazy("Together with"), lambda row: row.together_with, is_usual=False
        ),
        Column("note", gettext_lazy("Note"), lambda row: row.invitation.note, is_usual=False),
    ),
)
