"""Who sees which transfers, and what a page says about one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from tenants.models import Partner, Tenant

from ..models import Relationship, Transfer


@dataclass(frozen=True, slots=True)
class Standing:
    """Who bills and supports in one stretch of time; `until` is its last day, if known."""

    seller: Partner
    transacts: Partner
    since: date | None
    until: date | None

    @property
    def is_two_tier(self) -> bool:
        return self.seller != self.transacts


def outgoing(partner: Partner) -> QuerySet[Transfer]:
    """Return the transfers of customers that leave, or left, `partner`; newest first."""
    mine = Q(relationship__partner=partner) | Q(relationship__reseller=partner)
    return Transfer.objects.filter(mine).with_parties().order_by("-requested_at", "-id")


def to_decide(partner: Partner) -> QuerySet[Transfer]:
    """Return what waits for the partner's decision, the oldest first, with customer and seller."""
    waiting = Transfer.objects.undecided().filter(relationship__partner=partner)
    names = waiting.select_related(
        "relationship__customer", "invitation__partner__tenant", "invitation__reseller__tenant"
    )
    return names.order_by("requested_at", "id")


def incoming(partner: Partner) -> QuerySet[Transfer]:
    """Return the transfers of customers that come, or came, to `partner`; newest first."""
    mine = Q(invitation__partner=partner) | Q(invitation__reseller=partner)
    return Transfer.objects.filter(mine).with_parties().order_by("-requested_at", "-id")


def transfers_of(partner: Partner) -> QuerySet[Transfer]:
    return outgoing(partner) | incoming(partner)


def counts_by_state(partner: Partner) -> dict[str, int]:
    """Return how many transfers to and from the partner are in each state."""
    found = transfers_of(partner).order_by().values("state").annotate(n=Count("pk"))
    return dict(found.values_list("state", "n"))


def transfers_of_customer(customer: Tenant) -> QuerySet[Transfer]:
    """Return a customer's own, newest first."""
    return (
        Transfer.objects.filter(relationship__customer=customer)
        .with_parties()
        .order_by("-requested_at", "-id")
    )


def open_moves_of(customer: Tenant) -> QuerySet[Transfer]:
    """Return a customer's transfers under way, with the names of those it moves to."""
    found = Transfer.objects.open().filter(relationship__customer=customer)
    names = found.select_related("invitation__partner__tenant", "invitation__reseller__tenant")
    return names.order_by("takes_effect_on", "id")


def open_transfer_of(relationship: Relationship) -> Transfer | None:
    """Return it with its parties: read when there is one, which is seldom."""
    found = Transfer.objects.open().filter(relationship=relationship).values_list("pk", flat=True)
    return Transfer.objects.with_parties().filter(pk__in=list(found)).first()


def in_the_way(relationships: Iterable[Relationship]) -> Transfer | None:
    """Return an open transfer, if each of these relationships has one: none can be asked for."""
    rows = list(relationships)
    found = list(Transfer.objects.open().with_parties().filter(relationship__in=rows))
    return found[0] if found and len(found) == len(rows) else None


def transfer_notice(*, partner: Partner, customer: Tenant) -> dict[str, Transfer | None]:
    """
    Return what pages say of a transfer under way before somebody types a change.

    `frozen` is one that waits for a decision: nothing of what `partner` sold the customer is
    ordered, cancelled or changed in number meanwhile. `moving` is one that is approved and
    waits for its day. Read with its parties when there is one, which is seldom.
    """
    found = Transfer.objects.open().filter(
        relationship__customer=customer, relationship__partner=partner
    )
    keys = list(found.values_list("pk", flat=True))
    transfer = Transfer.objects.with_parties().get(pk=keys[0]) if keys else None
    is_frozen = transfer is not None and transfer.is_undecided
    return {"frozen": transfer if is_frozen else None, "moving": None if is_frozen else transfer}


def before_and_after(transfer: Transfer, *, on: date) -> tuple[Standing, Standing]:
    """
    Return who bills and supports until the day, and who from it on.

    One that is late moves no earlier than `on`: until it is carried out the old partner serves.
    """
    day = transfer.carried_out_on or transfer.takes_effect_on
    if transfer.is_open:
        day = max(day, on)
    relationship, invitation = transfer.relationship, transfer.invitation
    return (
        Standing(transfer.old_seller, relationship.partner, relationship.started_on, day - ONE_DAY),
        Standing(transfer.new_seller, invitation.partner, day, None),
    )


ONE_DAY = timedelta(days=1)
