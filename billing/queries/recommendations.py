"""Recommendations as the partner lists them and as a link finds them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.shared.tokens import hash_token
from tenants.models import Partner

from ..models import Recommendation, RecommendedItem

SHORT_HASH = 16


class State(StrEnum):
    OPEN = "open"
    PARTLY = "partly"
    BOUGHT = "bought"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


STATE_LABELS = {
    State.OPEN: gettext_lazy("Open"),
    State.PARTLY: gettext_lazy("Partly bought"),
    State.BOUGHT: gettext_lazy("Bought"),
    State.EXPIRED: gettext_lazy("Expired"),
    State.WITHDRAWN: gettext_lazy("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    recommendation: Recommendation
    name: str
    offers: str
    state: str
    state_label: str
    last_step: str
    days_old: int
    is_unfinished: bool

    @property
    def key(self) -> str:
        return str(self.recommendation.public_id)

    @property
    def can_be_sent(self) -> bool:
        return self.is_unfinished and bool(self.recommendation.email)


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
    state = State(recommendation.state_on(on))
    items = items_of(recommendation)
    return RecommendationRow(
        recommendation=recommendation,
        name=display_name(recommendation),
        offers=", ".join(f"{item.seats} × {item.offer.title}" for item in items),
        state=state,
        state_label=str(STATE_LABELS[state]),
        last_step=_last_step(recommendation),
        days_old=(on - recommendation.created_at.date()).days,
        is_unfinished=state in {State.OPEN, State.PARTLY, State.EXPIRED},
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
    return _("sent, not opened") if recommendation.last_sent_at else _("not opened")


def narrowed(
    found: QuerySet[Recommendation], *, state: str, q: str, on: date
) -> QuerySet[Recommendation]:
    """Return those that the list's filters leave; "" leaves a filter out."""
    if state:
        found = found.filter(in_state(State(state), on))
    return found.filter(matching(q)) if q else found


def in_state(state: State, on: date) -> Q:
    """Return the condition of a state, which is derived and never stored."""
    items = RecommendedItem.objects.filter(recommendation=OuterRef("pk"))
    rest, some = Exists(items.filter(subscription=None)), Exists(items.exclude(subscription=None))
    if state == State.BOUGHT:
        return ~Q(rest)
    if state == State.WITHDRAWN:
        return Q(rest, withdrawn_at__isnull=False)
    if state == State.EXPIRED:
        return Q(rest, withdrawn_at=None, expires_on__lte=on)
    bought = Q(some) if state == State.PARTLY else ~Q(some)
    return Q(rest, withdrawn_at=None, expires_on__gt=on) & bought


def counts_by_state(partner: Partner, on: date) -> dict[str, int]:
    counts = Recommendation.objects.filter(partner=partner).aggregate(
        **{state.value: Count("id", filter=in_state(state, on)) for state in State}
    )
    return {state.value: counts[state.value] for state in State}


def matching(text: str) -> Q:
    """Return the condition of a search in what a partner knows about a recommendation."""
    condition = Q()
    for field in ("customer_name", "email", "note", "tenant__name", "tenant__domain"):
        condition |= Q(**{f"{field}__icontains": text})
    return condition


def _whole() -> QuerySet[Recommendation]:
    return Recommendation.objects.select_related(
        "partner__tenant", "tenant", "opened_by_tenant", "created_by"
    ).prefetch_related("items__offer")
