"""A partner recommends a purchase: a new one, one of them, its link again, taking it back."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relationships.services.standing import selling_refusal
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.recommendations import AdviceFormSet, AdviceRows, RecommendationForm
from ..models import Recommendation
from ..queries.recommendations import items_of, recommendation_row, recommendations_of
from ..recommendation_letters import link_of, recommendation_text
from ..services import recommendations as service


@requires(Action.RECOMMEND)
@require_http_methods(["GET", "POST"])
def recommend(request: PortalRequest) -> HttpResponse:
    """Make a recommendation and show its link, this once: the token is kept nowhere."""
    partner, act = acting_partner(request), act_of(request)
    refusal = selling_refusal(partner=partner, customer=None, on=act.on)
    form = RecommendationForm(request.POST or None)
    rows = cast("AdviceRows", AdviceFormSet(request.POST or None, prefix="rows"))
    if form.is_valid() and rows.is_valid():
        try:
            made, token = service.recommend(
                partner=partner,
                items=[service.Advice(**row) for row in rows.chosen()],
                act=act,
                **form.cleaned_data,
            )
        except service.MailNotSent:
            form.add_error(None, _("The mail server did not take the letter. Nothing was made."))
        except service.SellingRefused:
            pass  # the page says it anyhow
        else:
            return _shown_link(request, made, token, is_new=True)
    context = {"form": form, "rows": rows, "selling_refusal": refusal}
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
def renew_link(request: PortalRequest, recommendation_id: UUID) -> HttpResponse:
    """Make a new link and show it, this once: the token is kept nowhere, so no redirect."""
    found = _own(request, recommendation_id)
    try:
        token = service.renew_link(recommendation=found, act=act_of(request))
    except (service.RecommendationNotOpen, service.SellingRefused) as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
        return redirect("billing:recommendation", recommendation_id)
    return _shown_link(request, _own(request, recommendation_id), token, is_new=False)


@requires(Action.RECOMMEND)
@require_POST
def send(request: PortalRequest, recommendation_id: UUID) -> HttpResponse:
    found = _own(request, recommendation_id)
    try:
        service.send(recommendation=found, act=act_of(request))
    except (service.NoAddress, service.RecommendationNotOpen, service.SellingRefused) as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
    except service.MailNotSent:
        messages.error(request, _("The mail server did not take the letter. Nothing changed."))
    else:
        text = _("Sent to %(email)s with a new link. Earlier links no longer work.")
        messages.success(request, text % {"email": found.email})
    return redirect("billing:recommendation", recommendation_id)


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


def _shown_link(
    request: PortalRequest, made: Recommendation, token: str, *, is_new: bool
) -> HttpResponse:
    context = {
        "recommendation": made,
        "link": link_of(token),
        "text": recommendation_text(recommendation=made, token=token),
        "is_new": is_new,
        "was_mailed": is_new and made.last_sent_at is not None,
    }
    return render(request, "billing/recommendations/link.html", context)


def _own(request: PortalRequest, recommendation_id: UUID) -> Recommendation:
    own = recommendations_of(acting_partner(request))
    return get_object_or_404(own, public_id=recommendation_id)
