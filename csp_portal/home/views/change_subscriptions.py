"""Turn automatic renewal of the ticked subscriptions on or off, or tag their customers."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from csp_portal.lists.bulk import outcomes_of, show_outcomes, ticked
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import SubscriptionRefused
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..queries.all_subscriptions import subscriptions_of_customers
from .common import may
from .tag_customers import ask_for_tag


class NotYours(Exception):
    """R3: the partner did not sell it."""


@requires(Action.ORDER)
@require_POST
def change_subscriptions(request: PortalRequest) -> HttpResponse:
    partner, wanted = acting_partner(request), ticked(request)
    found = list(
        subscriptions_of_customers(partner).filter(public_id__in=wanted).order_by("tenant_id", "pk")
    )
    if request.POST.get("do") == "tag" and may(request, Action.TAG_CUSTOMERS):
        return ask_for_tag(request, {subscription.tenant for subscription in found})
    is_on, act = request.POST.get("do") == "on", act_of(request)

    def change(subscription: Subscription) -> str:
        if subscription.partner_id != partner.pk:
            raise NotYours(_("You did not sell it: only its own channel changes it."))
        lifecycle.set_auto_renew(subscription=subscription, is_on=is_on, act=act)
        return _("auto-renew is on") if is_on else _("auto-renew is off")

    outcomes = outcomes_of(found, change, refusals=(SubscriptionRefused, NotYours), named=_named)
    title = _("Turn auto-renew on") if is_on else _("Turn auto-renew off")
    return show_outcomes(request, title, outcomes, missing=len(wanted) - len(found))


def _named(subscription: Subscription) -> tuple[str, str]:
    page = reverse("home:customer-subscriptions", args=[subscription.tenant.public_id])
    name = f"{subscription.title} · {subscription.tenant.name}"
    return name, f"{page}?panel={subscription.public_id}"
