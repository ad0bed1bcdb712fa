"""What a partner sees of its invitations, and what stands between one and its acceptance."""

from datetime import date
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from csp_portal.shared.tokens import hash_token
from tenants.models import Partner, Tenant
from tenants.roles import Kind

from ..models import Invitation
from .links import is_linked
from .policy import most_partners
from .relationships import active_relationships

SHORT_HASH = 16


class State(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """Whether a tenant can accept an invitation, or what stops it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OWN_TENANT = "own tenant"
    LINK_ENDED = "the link of provider and reseller ended"
    ALREADY_YOURS = "already the CSP partner"
    OTHER_PARTNER = "another CSP partner"
    SYNDICATION = "syndication"
    REPLACES = "replaces the CSP partner"


def invitation_with_token(token: str) -> Invitation | None:
    """Return the invitation whose current link has this token."""
    return _whole().filter(token_hash=hash_token(token)).order_by("id").first()


def invitation_with_fingerprint(public_id: str, fingerprint: str) -> Invitation | None:
    """Return the invitation if the fingerprint is still that of its current link."""
    found = _whole().filter(public_id=public_id).order_by("id").first()
    return found if found is not None and fingerprint_of(found) == fingerprint else None


def invitation_with_id(public_id: str) -> Invitation | None:
    return _whole().filter(public_id=public_id).order_by("id").first()


def fingerprint_of(invitation: Invitation) -> str:
    """Return a short form of the token's hash: it changes when a new link is made."""
    return bytes(invitation.token_hash).hex()[:SHORT_HASH]


def standing(*, invitation: Invitation, tenant: Tenant | None, on: date) -> Standing:
    """
    Say whether `tenant` could accept the invitation on `on`.

    It is what the page shows; the service and the database decide.
    """
    state = invitation.state_on(on)
    if state != State.OPEN or tenant is None:
        return Standing(state)
    if tenant.pk in {side.tenant_id for side in invitation.sides}:
        return Standing.OWN_TENANT
    if not _still_together(invitation):
        return Standing.LINK_ENDED
    return _beside_others(invitation, tenant)


def _beside_others(invitation: Invitation, tenant: Tenant) -> Standing:
    """Say what the partners and channels that the tenant has mean for the invitation."""
    current = [relationship.partner_id for relationship in active_relationships(tenant)]
    if invitation.kind == Invitation.Kind.REPLACEMENT and set(current) - {invitation.partner_id}:
        return Standing.REPLACES
    if invitation.partner_id in current:
        return Standing.ALREADY_YOURS
    if len(current) >= most_partners():
        return Standing.OTHER_PARTNER
    return Standing.SYNDICATION if is_syndicated(tenant) else Standing.OPEN


def is_syndicated(tenant: Tenant) -> bool:
    """
    Say whether the tenant has an active Syndication subscription (R8).

    The one look upwards in this app, by relation and without an import: the fact lives in
    `subscriptions`, and the foreign key that keeps R8 reads the same column.
    """
    return Tenant.objects.filter(
        pk=tenant.pk, subscriptions__exclusive_channel=Tenant.ExclusiveChannel.SYNDICATION
    ).exists()


def _still_together(invitation: Invitation) -> bool:
    """Tell whether the partner and the reseller that an invitation names may still serve both."""
    reseller = invitation.reseller
    return reseller is None or is_linked(provider=invitation.partner, reseller=reseller)


def naming(partner: Partner) -> Q:
    """
    Return the condition that an invitation to a customer names `partner`.

    Only a direct partner is named on either side; the others need one index each.
    """
    if partner.kind == Kind.INDIRECT_RESELLER:
        named = Q(reseller=partner)
    elif partner.kind == Kind.INDIRECT_PROVIDER:
        named = Q(partner=partner)
    else:
        named = Q(partner=partner) | Q(reseller=partner)
    return named & ~Q(kind=Invitation.Kind.RESELLER)


def invitations_of(partner: Partner) -> QuerySet[Invitation]:
    """Return the invitations to customers that name a partner, newest first."""
    return (
        Invitation.objects.filter(naming(partner))
        .select_related(
            *("partner__tenant", "reseller__tenant", "sent_by__tenant"),
            *("tenant", "opened_by_tenant", "created_by", "answered_by"),
        )
        .order_by("-created_at", "-id")
    )


def narrowed(found: QuerySet[Invitation], *, state: str, q: str, on: date) -> QuerySet[Invitation]:
    """Return those that the list's filters leave; "" leaves a filter out."""
    if state:
        found = found.filter(in_state(State(state), on))
    return found.filter(matching(q)) if q else found


def in_state(state: State, on: date) -> Q:
    """Return the condition of a state, which is derived and never stored."""
    unanswered = Q(answer="", withdrawn_at=None)
    return {
        State.OPEN: unanswered & Q(expires_on__gt=on),
        State.EXPIRED: unanswered & Q(expires_on__lte=on),
        State.ACCEPTED: Q(answer="accepted"),
        State.DECLINED: Q(answer="declined"),
        State.WITHDRAWN: Q(withdrawn_at__isnull=False),
    }[state]


def matching(text: str) -> Q:
    """Return the condition of a search in what a partner knows about an invitation."""
    condition = Q()
    for field in ("customer_name", "email", "note", "tenant__name", "tenant__domain"):
        condition |= Q(**{f"{field}__icontains": text})
    return condition


def counts_by_state(partner: Partner, on: date) -> dict[str, int]:
    counts = Invitation.objects.filter(naming(partner)).aggregate(
        **{state.value: Count("id", filter=in_state(state, on)) for state in State}
    )
    return {state.value: counts[state.value] for state in State}


def _whole() -> QuerySet[Invitation]:
    return Invitation.objects.select_related(
        "partner__tenant", "reseller__tenant", "sent_by__tenant", "tenant", "answered_by"
    )
