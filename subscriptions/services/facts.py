"""
Appending facts: the only place that writes a subscription's seats, state and terms.

Every service of a subscription's life goes through here: it locks the tenant, then the
subscription with its base and add-ons in ascending id, and appends what happened with the
term's running sum of billable seats and the activity of both organisations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from relationships.models import Transfer
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.services import activity

from ..domain.channels import RULES, Channel
from ..domain.lifecycle import STATE_LABELS, FactKind, State
from ..models import SeatChange, Subscription, Term
from .errors import (
    DayIsBefore,
    NoRunningTerm,
    NoTermHere,
    NotInThatState,
    OtherChannel,
    QuantitiesFrozen,
)
from .owners import require_owner


@dataclass(frozen=True, slots=True)
class Family:
    """A subscription as it is now, locked, with its add-ons (ascending id) or its base."""

    subscription: Subscription
    base: Subscription | None
    add_ons: list[Subscription]


def lock_tenant(tenant_id: int) -> Tenant:
    return Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)


def lock_family(subscription: Subscription, *, act: Act | None = None) -> Family:
    """
    Lock the subscription and read it again; callers must not trust what they had before.

    Services pass `act`, and whoever may not write to it is refused: see `owners`.

    :raises OtherChannel: if it is not a CSP subscription and nobody says who acts (R3)
    :raises AskYourPartner, ManagedElsewhere: see `owners.require_owner`
    """
    if act is not None:
        require_owner(subscription, act)
    elif subscription.channel != Channel.CSP:
        raise OtherChannel(RULES[Channel(subscription.channel)].label)
    lock_tenant(subscription.tenant_id)
    root = subscription.base_id or subscription.pk
    family = {
        member.pk: member
        for member in Subscription.objects.select_for_update(no_key=True, of=("self",))
        .filter(Q(pk=root) | Q(base=root))
        .select_related("tenant", "offer", "partner__tenant", "reseller__tenant")
        .order_by("pk")
    }
    return Family(
        subscription=family[subscription.pk],
        base=family[root] if subscription.base_id else None,
        add_ons=[m for m in family.values() if m.base_id == subscription.pk],
    )


def require_not_frozen(tenant: Tenant, partner: Partner | None, *, act: Act) -> None:
    """
    Refuse a person's change of quantities while the old partner decides on a transfer.

    What the portal does on its own, such as a renewal, goes on.

    :raises QuantitiesFrozen: if one is requested and not decided
    """
    undecided = Transfer.objects.undecided().filter(
        relationship__customer=tenant, relationship__partner=partner
    )
    if act.by is not None and undecided.exists():
        raise QuantitiesFrozen(tenant.name, str(partner))


def latest_term(subscription: Subscription) -> Term:
    """
    Return the term with the highest number, whether it still runs or not.

    :raises NoTermHere: if it never had one, as what an import brought
    """
    term = subscription.terms.order_by("-number").first()
    if term is None:
        raise NoTermHere(subscription.title)
    term.subscription = subscription
    return term


def running_term(subscription: Subscription, on: date) -> Term:
    """
    Return the latest term, which must run on `on`.

    :raises NoRunningTerm: if it is over (a renewal is due) or has not begun
    """
    term = latest_term(subscription)
    if on not in term.period:
        raise NoRunningTerm(on)
    return term


def require_state(subscription: Subscription, *states: State) -> None:
    """
    Refuse a subscription that is in none of `states`.

    :raises NotInThatState: with the state it is in
    """
    if subscription.state not in states:
        raise NotInThatState(
            _("%(title)s is %(state)s, so this cannot be done.")
            % {
                "title": subscription.title,
                "state": STATE_LABELS[State(subscription.state)].lower(),
            }
        )


def append(
    *,
    term: Term,
    kind: FactKind,
    effective_on: date,
    seats_before: int,
    billable_delta: int,
    reason: str = "",
    act: Act,
) -> SeatChange:
    """
    Record a fact of `term`, whose subscription already has the seats it has after it.

    :raises DayIsBefore: if the subscription has a fact of a later day
    """
    subscription = term.subscription
    latest = (
        SeatChange.objects.filter(term__subscription=subscription)
        .order_by("-effective_on")
        .values_list("effective_on", flat=True)
        .first()
    )
    if latest is not None and effective_on < latest:
        raise DayIsBefore(latest)
    if billable_delta:
        Term.objects.filter(pk=term.pk).update(billable_seats=F("billable_seats") + billable_delta)
        term.billable_seats += billable_delta
    return SeatChange.objects.create(
        term=term,
        kind=kind,
        effective_on=effective_on,
        seats_before=seats_before,
        seats_after=subscription.seats,
        billable_delta=billable_delta,
        reason=reason[:300],
        recorded_at=act.at,
        by=act.by,
        acting_for=act.organisation,
    )


def record(
    *,
    subscription: Subscription,
    act: Act,
    action: str,
    summary: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """
    Write one activity row for each organisation that the subscription concerns.

    The sellers' first, by their ids, the customer's last, as everybody does who writes
    several: each log's end stays locked until the commit. A partner of record reads nothing
    of it: the subscription is between the customer and the vendor.
    """
    partners = [p for p in (subscription.partner, subscription.reseller) if p is not None]
    sellers = activity.in_order(partner.tenant for partner in partners)
    for tenant in (*sellers, subscription.tenant):
        activity.record(
            tenant=tenant,
            act=act,
            action=f"subscription.{action}",
            about=subscription.public_id,
            summary=summary,
            before=before,
            after=after,
        )
