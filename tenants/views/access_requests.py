from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from csp_portal.shared import clock

from ..acts import Act
from ..domain.names import domain_of
from ..forms import AccessRequestForm
from ..held_links import LinkKind, held_link
from ..permissions import open_to_anyone
from ..queries.tenants import owner_of_domain
from ..services.access_requests import notify_admins


@open_to_anyone
@require_POST
def ask_admins(request: HttpRequest) -> HttpResponse:
    """
    Tell the admins of a domain's organisation that somebody there holds a partner's link.

    Open only to a browser that holds one, and limited like password resets: it makes the
    portal write to people who did not ask.
    """
    form = AccessRequestForm(request.POST)
    held = held_link(request)
    if held is None or not form.is_valid():
        return redirect("account_login")
    email = form.cleaned_data["email"].lower()
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, action="reset_password", key=domain_of(email)
    )
    if limited:
        return limited
    tenant = owner_of_domain(domain_of(email))
    if tenant is not None:
        notify_admins(
            tenant=tenant,
            email=email,
            name=form.cleaned_data["name"],
            is_recommendation=held.kind == LinkKind.RECOMMENDATION,
            language=get_language() or "en",
            act=Act.of_the_portal(at=clock.now(), on=clock.today()),
        )
    text = (
        _("The admins of %(domain)s have been told. They can buy what is recommended.")
        if held.kind == LinkKind.RECOMMENDATION
        else _("The admins of %(domain)s have been told. They can accept the invitation.")
    )
    messages.success(request, text % {"domain": domain_of(email)})
    return redirect("account_login")
