"""The programme agreement of the acting partner, and what its customers agreed to."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action

from ..domain.agreements import Side, last_day_after_notice
from ..forms import CustomerAgreementForm, NoticeForm
from ..permissions import get_relationship
from ..queries.agreements import (
    agreement_history,
    agreement_of,
    customer_agreements,
    suspension_of,
)
from ..services import agreements as service


@requires(Action.MANAGE_AGREEMENT)
@require_safe
def agreement(request: PortalRequest) -> HttpResponse:
    """Show how the programme agreement stands, what can be done about it, and its history."""
    partner, today = acting_partner(request), clock.today()
    found = agreement_of(partner, on=today)
    context = {
        "partner": partner,
        "agreement": found,
        "suspension": suspension_of(partner, on=today),
        "would_end_on": last_day_after_notice(today),
        "noticed_by_us": Side.PARTNER in found.noticed_by,
        "noticed_by_vendor": Side.VENDOR in found.noticed_by,
        "history": agreement_history(partner),
        "form": NoticeForm(),
        "today": today,
    }
    return render(request, "relationships/agreement.html", context)


@with_fresh_sign_in
@requires(Action.MANAGE_AGREEMENT)
@require_POST
def sign(request: PortalRequest) -> HttpResponse:
    return _done(
        request,
        lambda: service.sign(partner=acting_partner(request), act=act_of(request)),
        _("The programme agreement is signed and in force from today."),
    )


@with_fresh_sign_in
@requires(Action.MANAGE_AGREEMENT)
@require_POST
def give_notice(request: PortalRequest) -> HttpResponse:
    note = request.POST.get("note", "")[:500]
    return _done(
        request,
        lambda: service.give_notice(
            partner=acting_partner(request), note=note, act=act_of(request)
        ),
        _("Notice given. Until the agreement ends you can withdraw it."),
    )


@with_fresh_sign_in
@requires(Action.MANAGE_AGREEMENT)
@require_POST
def withdraw_notice(request: PortalRequest) -> HttpResponse:
    return _done(
        request,
        lambda: service.withdraw_notice(partner=acting_partner(request), act=act_of(request)),
        _("Your notice is withdrawn."),
    )


@requires(Action.INVITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def customer_agreement(request: PortalRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Attest that the customer accepted the vendor's agreement; needed before a first order."""
    relationship = get_relationship(request, customer_id)
    partner, customer = relationship.partner, relationship.customer
    form = CustomerAgreementForm(request.POST or None, today=clock.today())
    if form.is_valid():
        try:
            service.attest_customer_agreement(
                partner=partner,
                reseller=relationship.reseller.tenant if relationship.reseller else None,
                customer=customer,
                act=act_of(request),
                **form.service_values(),
            )
        except service.AgreementRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("Recorded. You can order for %(name)s.") % {"name": customer}
            messages.success(request, text)
            return redirect("relationships:customer-agreement", customer_id)
    context = {
        "relationship": relationship,
        "customer": customer,
        "is_resold": relationship.reseller == acting_partner(request),
        "form": form,
        "attested": customer_agreements(partner=partner, customer=customer),
    }
    return render(request, "relationships/customer_agreement.html", context)


def _done(request: PortalRequest, change: Callable[[], object], text: str) -> HttpResponse:
    """Do it and say what happened, or why it did not."""
    try:
        change()
    except service.AgreementRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, text)
    return redirect("relationships:agreement")
