"""A recommendation seen from its purchase: what is bought, by whom, once."""

from datetime import date

from django.utils.translation import gettext as _

from relationships.services.standing import selling_refusal
from subscriptions.models import Subscription
from subscriptions.services.errors import SubscriptionRefused
from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..models import Recommendation, RecommendedItem


class RecommendationNotOpen(SubscriptionRefused):
    """It was withdrawn, has expired, was bought, or its partner may not: `state` says which."""

    def __init__(self, state: str) -> None:
        words = {
            "withdrawn": _("The partner has withdrawn this recommendation."),
            "expired": _("This recommendation has expired. Ask the partner for a new one."),
            "bought": _("This was bought already; it can be bought once."),
            "elsewhere": _("Another organisation has bought from this recommendation."),
            "own": _("A partner cannot buy on its own recommendation."),
            "on_hold": _(
                "The partner may start nothing new at the moment. Ask it when it can, or buy the "
                "offer from the vendor yourself."
            ),
        }
        super().__init__(words[state])
        self.state = state


def require_open(*, recommendation: Recommendation, tenant: Tenant, on: date) -> None:
    """
    Refuse a recommendation that `tenant` cannot buy from on `on`.

    :raises RecommendationNotOpen: with the reason
    """
    if recommendation.partner.tenant_id == tenant.pk:
        raise RecommendationNotOpen("own")
    if recommendation.tenant_id not in {None, tenant.pk}:
        raise RecommendationNotOpen("elsewhere")
    state = recommendation.state_on(on)
    if state not in {"open", "partly"}:
        raise RecommendationNotOpen(state)
    if selling_refusal(partner=recommendation.partner, customer=None, on=on) is not None:
        raise RecommendationNotOpen("on_hold")


def mark_bought(*, item: RecommendedItem, subscription: Subscription, act: Act) -> None:
    """
    Note that the item became `subscription`, in the purchase's own transaction.

    The recommendation's row is the queue of those who buy from it at once.

    :raises RecommendationNotOpen: if it cannot be bought from, or the item was bought
    """
    recommendation = (
        Recommendation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("partner__tenant")
        .get(pk=item.recommendation_id)
    )
    require_open(recommendation=recommendation, tenant=subscription.tenant, on=act.on)
    if not RecommendedItem.objects.filter(pk=item.pk, subscription=None).update(
        subscription=subscription
    ):
        raise RecommendationNotOpen("bought")
    if recommendation.tenant_id is None:
        recommendation.tenant = subscription.tenant
        recommendation.save(update_fields=["tenant"])
    activity.record(
        tenant=recommendation.partner.tenant,
        act=act,
        action="recommendation.bought",
        about=recommendation.public_id,
        summary=f"bought {subscription.title} for {subscription.tenant.name}, as you recommended",
        after={"seats": subscription.seats},
    )
