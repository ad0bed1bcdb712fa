"""The list of a partner's recommendations."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Choice, asked_of, list_context
from csp_portal.lists.parts import Bulk, Command, Empty
from csp_portal.lists.views import default_view, file_of
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..models import Recommendation
from ..queries.recommendations import (
    STATE_LABELS,
    RecommendationRow,
    State,
    counts_by_state,
    narrowed,
    recommendation_row,
    recommendations_of,
)
from .recommendation_listing import RECOMMENDATIONS


@requires(Action.RECOMMEND)
@require_safe
def recommendations(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, RECOMMENDATIONS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, RECOMMENDATIONS)
    on = act_of(request).on
    found = recommendations_of(partner)
    found = asked.ordered(narrowed(found, state=asked.chosen("state"), q=asked.q, on=on))

    def rows_of(page: Sequence[Recommendation]) -> list[RecommendationRow]:
        prefetch_related_objects(page, "items__offer")
        return [recommendation_row(each, on=on) for each in page]

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    counts = counts_by_state(partner, on)
    states = [Choice(s.value, STATE_LABELS[s], counts[s.value]) for s in State]
    context = list_context(request, asked, found=found, rows_of=rows_of, choices={"state": states})
    return render(request, "lists/list.html", context | _around())


def _around() -> dict[str, Any]:
    recommend = Command(
        "add", _("Recommend a purchase"), reverse("billing:recommend"), is_primary=True
    )
    empty = Empty(
        "person-support",
        _("No recommendations yet"),
        _(
            "Recommend offers to a customer: you get a letter and a link to send. The customer "
            "buys from the vendor, and you become partner of record on it."
        ),
    )
    return {
        "lead": _("What you advised customers to buy from the vendor, and what became of it"),
        "commands": [recommend],
        "empty": empty.leading(recommend),
        "row_menu": "billing/recommendations/menu.html",
        "bulk_url": reverse("home:bulk-ask", args=[RECOMMENDATIONS.name]),
        "bulk": [
            Bulk("send", "send", _("Send again")),
            Bulk("withdraw", "dismiss", _("Withdraw")),
        ],
    }
