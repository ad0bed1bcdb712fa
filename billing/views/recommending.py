"""A partner recommends purchases: its list, a new one, one of them, and taking it back."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.recommendations import AdviceFormSet, AdviceRows, RecommendationForm
from ..models import Recommendation
from ..queries.recommendations import items_of, recommendation_row, recommendations_of
from ..recommendation_letters import link_of, recommendation_text
from ..services import recommendations as service
from .paging import page_of


@requires(Action.RECOMMEND)
@require_safe
def recommendations(request: PortalRequest) -> HttpResponse:
    page = page_of(request, recommendations_of(acting_partner(request)))
    on = act_of(request).on
    page.object_list = [recommendation_row(each, on=on) for each in page.object_list]
    return render(request, "billing/recommendations/list.html", {"page": page})


@requires(Action.RECOMMEND)
@require_http_methods(["GET", "POST"])
def recommend(request: PortalRequest) -> HttpResponse:
    """Make a recommendation and show its link, this once: the token is kept nowhere."""
    partner = acting_partner(request)
    form = RecommendationForm(request.POST or None)
    rows = cast("AdviceRows", AdviceFormSet(request.POST or None, prefix="rows"))
    if form.is_valid() and rows.is_valid():
        try:
            made, token = service.recommend(
                partner=partner,
                items=[service.Advice(**row) for row in rows.chosen()],
                act=act_of(request),
                **form.cleaned_data,
            )
        except service.MailNotSent:
            form.add_error(None, _("The mail server did not take the letter. Nothing was made."))
        else:
            context = {
                "recommendation": made,
                "link": link_of(token),
                "text": recommendation_text(recommendation=made, token=token),
                "was_mailed": form.cleaned_data["is_mailed"],
            }
            return render(request, "billing/recommendations/link.html", context)
    context = {"form": form, "rows": rows}
    return render(request, "billing/recommendations/new.html", context)


@requires(Action.RECOMMEND)
@require_safe
def recommendation(request: PortalRequest, recommendation_id: UUID) -> HttpResponse:
    found = _own(request, recommendation_id)
    context = {
        "recommendation": found,
        "row": recommendation_row(found, on=act_of(request).on),
        "items": items_of(found),
    }
    return render(request, "billing/recommendations/detail.html", context)


@requires(Action.RECOMMEND)
@require_POST
def withdraw(request: PortalRequest, recommendation_id: UUID) -> HttpResponse:
    found = _own(request, recommendation_id)
    try:
        service.withdraw(recommendation=found, act=act_of(request))
    except service.RecommendationNotOpen as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
    else:
        messages.success(request, _("Recommendation withdrawn. Its link now says so."))
    return redirect("billing:recommendation", recommendation_id)


def _own(request: PortalRequest, recommendation_id: UUID) -> Recommendation:
    own = recommendations_of(acting_partner(request))
    return get_object_or_404(own, public_id=recommendation_id)
