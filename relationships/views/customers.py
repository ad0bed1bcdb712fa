"""A partner takes on a customer, and what the two have agreed."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.queries.tenants import owner_of_domain
from tenants.roles import Action, Kind

from ..forms import DomainForm, NewCustomerForm
from ..permissions import get_relationship, selling_chains
from ..queries.agreements import customer_agreements
from ..queries.transfers import open_transfer_of
from ..services import customers as service
from ..services.standing import SellingRefused, selling_refusal
from .presentation import not_linked_words


@requires(Action.INVITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def new_customer(request: PortalRequest) -> HttpResponse:
    partner, chains = acting_partner(request), selling_chains(request)
    if not chains:
        return render(request, "relationships/no_provider.html", status=403)
    home = {"country": partner.tenant.country, "currency": partner.tenant.currency}
    refusal = selling_refusal(partner=partner, customer=None, on=clock.today())
    form = NewCustomerForm(request.POST or None, chains=chains, today=clock.today(), initial=home)
    if form.is_valid():
        try:
            relationship = service.create_customer(act=act_of(request), **form.service_values())
        except service.DomainTaken:
            form.add_error("domain", _("This domain belongs to a tenant. Invite it instead."))
        except service.NotLinked as error:
            form.add_error("chain", not_linked_words(error))
        except service.MailNotSent:
            form.add_error(None, _("The mail server did not take the letter. Nothing was made."))
        except SellingRefused as error:
            if refusal is None:  # else the page says it anyhow
                form.add_error(None, str(error))
        else:
            text = _("%(name)s created. %(email)s gets a letter with a link to set a password.")
            values = {"name": relationship.customer, "email": form.cleaned_data["admin_email"]}
            messages.success(request, text % values)
            return redirect("relationships:customer-relationship", relationship.customer.public_id)
    context = {"form": form, "selling_refusal": refusal}
    return render(request, "relationships/new_customer.html", context)


@requires(Action.INVITE_CUSTOMERS)
@require_safe
def domain_check(request: PortalRequest) -> HttpResponse:
    """Say whether a domain is free, while it is typed."""
    form = DomainForm(request.GET or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        domain = form.cleaned_data["domain"]
        context |= {"domain": domain, "is_taken": owner_of_domain(domain) is not None}
    return render(request, "relationships/_domain_check.html", context)


@requires(Action.SEE_CUSTOMERS)
@require_safe
def relationship(request: PortalRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Show what the customer agreed to, when, by whom, and what follows from it."""
    found = get_relationship(request, customer_id)
    context = {
        "relationship": found,
        "customer": found.customer,
        "invitation": found.invitation,
        "agreement": customer_agreements(partner=found.partner, customer=found.customer).first(),
        "is_reseller": found.reseller == acting_partner(request),
        "is_resold": found.reseller == acting_partner(request),
        "is_transacting": found.partner == acting_partner(request),
        "may_have_reseller": found.partner.kind == Kind.INDIRECT_PROVIDER,
        "transfer": open_transfer_of(found),
    }
    return render(request, "relationships/customer_relationship.html", context)
