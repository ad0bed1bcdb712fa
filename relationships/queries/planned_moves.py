"""How far a direct partner's customers are on their way to a provider."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.models import Partner

from ..models import Invitation, PlannedMove, Relationship, ResellerLink, Transfer

WORDS: dict[str, Promise] = {
    "": _("Not asked yet"),
    "open": _("Asked, no answer yet"),
    "declined": _("Declined the invitation"),
    "expired": _("The invitation expired"),
    "withdrawn": _("Withdrawn"),
    "requested": _("Accepted, waits for a decision"),
    "approved": _("Accepted, waits for its day"),
    "done": _("Moved"),
}
CAN_BE_ASKED = frozenset({"", "declined", "expired", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Progress:
    """A customer's row: `state` is one of WORDS."""

    relationship: Relationship
    state: str
    invitation: Invitation | None
    transfer: Transfer | None

    @property
    def words(self) -> Promise:
        return WORDS[self.state]

    @property
    def can_be_asked(self) -> bool:
        return self.state in CAN_BE_ASKED


def providers_of(partner: Partner) -> QuerySet[ResellerLink]:
    """Return the active links in which a direct partner would be the reseller."""
    return (
        ResellerLink.objects.active()
        .filter(reseller=partner)
        .select_related("provider__tenant")
        .order_by("provider__tenant__name", "id")
    )


def own_customers(partner: Partner) -> QuerySet[Relationship]:
    """Return what a partner sells directly today, and what has moved away by such a plan."""
    moved = Q(ended_on__isnull=False, transfers__state="done", planned_moves__isnull=False)
    return (
        Relationship.objects.filter(Q(ended_on=None) | moved, partner=partner, reseller=None)
        .select_related("customer")
        .distinct()
        .order_by("customer__name", "id")
    )


def progress_of(relationships: Iterable[Relationship], *, on: date) -> list[Progress]:
    """Return how far each is, in two queries however many there are."""
    rows = list(relationships)
    newest = {
        move.relationship_id: move.invitation
        for move in PlannedMove.objects.filter(relationship__in=rows)
        .select_related("invitation__transfer", "invitation__partner__tenant")
        .order_by("id")
    }
    return [_progress(row, newest.get(row.pk), on) for row in rows]


def _progress(relationship: Relationship, invitation: Invitation | None, on: date) -> Progress:
    if invitation is None:
        return Progress(relationship, "", None, None)
    transfer: Transfer | None = getattr(invitation, "transfer", None)
    state = transfer.state if transfer else invitation.state_on(on)
    return Progress(relationship, state, invitation, transfer)
