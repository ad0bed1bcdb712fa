"""Recommendations as the partner lists them and as a link finds them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.shared.tokens import hash_token
from tenants.models import Partner

from ..models import Recommendation, RecommendedItem

STATE_LABELS = {
    "open": gettext_lazy("Open"),
    "partly": gettext_lazy("Partly bought"),
    "bought": gettext_lazy("Bought"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "expired": gettext_lazy("Expired"),
}
SHORT_HASH = 16


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    recommendation: Recommendation
    name: str
    offers: str
    state: str
    state_label: str
    last_step: str
    can_be_withdrawn: bool


def recommendations_of(partner: Partner) -> QuerySet[Recommendation]:
    """Return what a partner recommended, newest first, as `recommendation_row` needs it."""
    return _whole().filter(partner=partner).order_by("-created_at", "-id")


def recommendation_with_token(token: str) -> Recommendation | None:
    return _whole().filter(token_hash=hash_token(token)).order_by("id").first()


def recommendation_with_fingerprint(public_id: str, fingerprint: str) -> Recommendation | None:
    """Return it if the fingerprint is that of its link."""
    found = _whole().filter(public_id=public_id).order_by("id").first()
    return found if found is not None and fingerprint_of(found) == fingerprint else None


def fingerprint_of(recommendation: Recommendation) -> str:
    return bytes(recommendation.token_hash).hex()[:SHORT_HASH]


def items_of(recommendation: Recommendation) -> list[RecommendedItem]:
    return sorted(recommendation.items.all(), key=lambda item: item.position)


def recommendation_row(recommendation: Recommendation, *, on: date) -> RecommendationRow:
    state = recommendation.state_on(on)
    items = items_of(recommendation)
    return RecommendationRow(
        recommendation=recommendation,
        name=display_name(recommendation),
        offers=", ".join(f"{item.seats} × {item.offer.title}" for item in items),
        state=state,
        state_label=str(STATE_LABELS[state]),
        last_step=_last_step(recommendation),
        can_be_withdrawn=state in {"open", "partly", "expired"},
    )


def display_name(recommendation: Recommendation) -> str:
    """Return the tenant that bought, or whom the partner meant."""
    if recommendation.tenant:
        return recommendation.tenant.name
    return recommendation.customer_name or recommendation.email or _("Customer not named")


def _last_step(recommendation: Recommendation) -> str:
    if recommendation.tenant:
        return _("bought by %(tenant)s") % {"tenant": recommendation.tenant.name}
    if recommendation.opened_by_tenant:
        return _("opened by %(tenant)s") % {"tenant": recommendation.opened_by_tenant.name}
    return _("not opened")


def _whole() -> QuerySet[Recommendation]:
    return Recommendation.objects.select_related(
        "partner__tenant", "tenant", "opened_by_tenant", "created_by"
    ).prefetch_related("items__offer")
