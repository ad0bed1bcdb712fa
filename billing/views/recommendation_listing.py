"""The list of a partner's recommendations."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import age_words, linked, with_note
from csp_portal.lists.columns import Choice, Column, Filter, Listing
from csp_portal.templatetags.portal import day, state_status

from ..queries.recommendations import STATE_LABELS, RecommendationRow, State


def _name(row: RecommendationRow) -> SafeString:
    url = reverse("billing:recommendation", args=[row.recommendation.public_id])
    return linked(url, row.name, row.recommendation.email)


def _age(row: RecommendationRow) -> SafeString:
    return with_note(age_words(row.days_old), day(row.recommendation.created_at))


RECOMMENDATIONS = Listing(
    name="recommendations",
    title=gettext_lazy("Recommendations"),
    one=gettext_lazy("recommendation"),
    noun=gettext_lazy("recommendations"),
    search=gettext_lazy("Customer, e-mail or note"),
    usual_order="-age",
    chips="state",
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            gettext_lazy("All"),
            [Choice(state.value, STATE_LABELS[state]) for state in State],
        ),
    ),
    columns=(
        Column("name", gettext_lazy("Customer"), lambda row: row.name, _name),
        Column("offers", gettext_lazy("Offers"), lambda row: row.offers),
        Column(
            "state",
            gettext_lazy("State"),
            lambda row: row.state_label,
            lambda row: state_status(row.state, label=row.state_label),
        ),
        Column(
            "age",
            gettext_lazy("Age"),
            lambda row: row.recommendation.created_at,
            _age,
            order=("created_at", "pk"),
            in_file="Made",
        ),
        Column("step", gettext_lazy("Last step"), lambda row: row.last_step),
        Column("until", gettext_lazy("Open until"), lambda row: row.recommendation.last_day),
        Column(
            "email", gettext_lazy("E-mail"), lambda row: row.recommendation.email, is_usual=False
        ),
        Column(
            "by",
            gettext_lazy("Made by"),
            lambda row: str(row.recommendation.created_by),
            is_usual=False,
        ),
        Column("note", gettext_lazy("Note"), lambda row: row.recommendation.note, is_usual=False),
    ),
)
