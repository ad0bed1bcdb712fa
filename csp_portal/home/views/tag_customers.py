"""Tag the ticked customers of a list, or take a tag from them."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from csp_portal.lists.bulk import outcomes_of, show_outcomes, ticked, way_back
from relationships.queries.relationships import customers_of
from relationships.queries.tags import words_of
from relationships.services import tags
from tenants.http import PortalRequest, act_of
from tenants.models import Tenant
from tenants.permissions import acting_partner, requires
from tenants.roles import Action


@requires(Action.TAG_CUSTOMERS)
@require_POST
def tag_customers(request: PortalRequest) -> HttpResponse:
    """Ask which tag; when it is named, change the customers and say what became of each."""
    wanted = ticked(request)
    found = customers_of(acting_partner(request)).filter(customer__public_id__in=wanted)
    customers = [relationship.customer for relationship in found.order_by("pk")]
    if "word" not in request.POST:
        return ask_for_tag(request, customers)
    try:
        word = tags.tag_word(request.POST["word"])
    except tags.NotATag as refused:
        return ask_for_tag(request, customers, problem=str(refused))
    return _change(request, customers, word, missing=len(wanted) - len(customers))


def ask_for_tag(
    request: PortalRequest, customers: Iterable[Tenant], problem: str = ""
) -> HttpResponse:
    chosen = sorted(customers, key=lambda customer: customer.name.casefold())
    is_removing = request.POST.get("do") == "untag"
    context: dict[str, Any] = {
        "customers": chosen,
        "count": len(chosen),
        "is_removing": is_removing,
        "do": "untag" if is_removing else "tag",
        "words": words_of(acting_partner(request)),
        "problem": problem,
        "typed": request.POST.get("word", ""),
        "back": way_back(request),
    }
    return render(request, "home/tag_customers.html", context)


def _change(
    request: PortalRequest, customers: list[Tenant], word: str, *, missing: int
) -> HttpResponse:
    is_removing = request.POST.get("do") == "untag"
    partner, act = acting_partner(request), act_of(request)

    def change(customer: Tenant) -> str:
        service = tags.remove_tag if is_removing else tags.add_tag
        service(partner=partner, customer=customer, word=word, act=act)
        return _("removed") if is_removing else _("tagged")

    outcomes = outcomes_of(customers, change, refusals=(tags.TagRefused,), named=_named)
    title = _("Remove the tag “%s”") if is_removing else _("Add the tag “%s”")
    return show_outcomes(request, title % word, outcomes, missing=missing)


def _named(customer: Tenant) -> tuple[str, str]:
    return customer.name, reverse("home:customer", args=[customer.public_id])
