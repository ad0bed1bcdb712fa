"""
Giving seats to people and taking them back: never more than were bought.

The subscription's row is the queue: whoever assigns waits for it, counts, and writes both
the number and the name. `assigned_seats` changes first, because the database refuses more
names than it says.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Membership
from tenants.services import activity

from ..domain.channels import Channel
from ..domain.lifecycle import STATE_LABELS, State
from ..models import LicenceAssignment, Subscription
from ..queries.licences import ASSIGNABLE
from .errors import NotInThatState, SubscriptionRefused
from .facts import lock_tenant
from .owners import owning_path


class NoSeatFree(SubscriptionRefused):
    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            _("All %(seats)d seats of %(title)s are assigned. Unassign one, or add seats first.")
            % {"seats": subscription.seats, "title": subscription.title}
        )


class AlreadyLicensed(SubscriptionRefused):
    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            _("This person has a licence of %(title)s already.") % {"title": subscription.title}
        )


class NotLicensed(SubscriptionRefused):
    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            _("This person has no licence of %(title)s.") % {"title": subscription.title}
        )


class NotOfThisTenant(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("The person and the subscription belong to different organisations."))


class PersonIsDisabled(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("This person is disabled. Restore them first."))


class NotYoursToAssign(SubscriptionRefused):
    """R3: delegated admin reaches the licences of what the partner sold, and no others."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(
            _(
                "You did not sell %(title)s through CSP, so its licences are not yours to assign. "
                "The customer's Tenant admin can."
            )
            % {"title": subscription.title}
        )


def why_not_given(subscription: Subscription) -> str:
    """Return why nobody can get a licence of it now, for pages that say so before the click."""
    if subscription.state not in ASSIGNABLE:
        return _("it is not active")
    return _("no seat is free") if subscription.assigned_seats >= subscription.seats else ""


@transaction.atomic
def assign(*, subscription: Subscription, membership: Membership, act: Act) -> LicenceAssignment:
    """
    Give the person a seat.

    :raises NoSeatFree: if all seats are assigned, eight requests at once included
    :raises AlreadyLicensed: if the person has one
    :raises PersonIsDisabled, NotOfThisTenant: by the person
    :raises NotInThatState: if users have no access to it
    :raises NotYoursToAssign: if a partner acts that did not sell it
    """
    locked = _locked(subscription, membership, act)
    if Membership.objects.get(pk=membership.pk).is_disabled:
        raise PersonIsDisabled
    if locked.state not in ASSIGNABLE:
        raise NotInThatState(
            _("%(title)s is %(state)s: its licences cannot be assigned.")
            % {"title": locked.title, "state": STATE_LABELS[State(locked.state)].lower()}
        )
    if LicenceAssignment.objects.filter(subscription=locked, membership=membership).exists():
        raise AlreadyLicensed(locked)
    if locked.assigned_seats >= locked.seats:
        raise NoSeatFree(locked)
    _count(locked, 1)
    made = LicenceAssignment.objects.create(
        subscription=locked, membership=membership, assigned_at=act.at, assigned_by=act.by
    )
    _record(locked, membership, act, "assigned", f"assigned {locked.title} to {membership.user}")
    return made


@transaction.atomic
def unassign(*, subscription: Subscription, membership: Membership, act: Act) -> None:
    """
    Take the person's seat back.

    :raises NotLicensed: if the person has none
    :raises NotOfThisTenant, NotYoursToAssign: as `assign`
    """
    locked = _locked(subscription, membership, act)
    deleted, _rows = LicenceAssignment.objects.filter(
        subscription=locked, membership=membership
    ).delete()
    if not deleted:
        raise NotLicensed(locked)
    _count(locked, -1)
    what = f"took the licence of {locked.title} from {membership.user}"
    _record(locked, membership, act, "unassigned", what)


@transaction.atomic
def set_licences(
    *,
    membership: Membership,
    among: Collection[Subscription],
    wanted: Collection[Subscription],
    act: Act,
) -> tuple[int, int]:
    """
    Give the person exactly the `wanted` ones `among` these; return how many came and went.

    All or nothing.

    :raises SubscriptionRefused: as `assign` and `unassign`
    """
    held = set(
        LicenceAssignment.objects.filter(
            membership=membership, subscription__in=list(among)
        ).values_list("subscription_id", flat=True)
    )
    names = {subscription.pk for subscription in wanted}
    came = went = 0
    for subscription in sorted(among, key=lambda s: s.pk):
        if subscription.pk in names and subscription.pk not in held:
            assign(subscription=subscription, membership=membership, act=act)
            came += 1
        elif subscription.pk in held and subscription.pk not in names:
            unassign(subscription=subscription, membership=membership, act=act)
            went += 1
    return came, went


@transaction.atomic
def free_all(*, membership: Membership, act: Act) -> int:
    """Take back every seat of somebody who leaves; return how many there were."""
    lock_tenant(membership.tenant_id)
    held = list(LicenceAssignment.objects.filter(membership=membership).order_by("subscription_id"))
    for licence in held:
        locked = Subscription.objects.select_for_update(no_key=True).get(pk=licence.subscription_id)
        licence.delete()
        _count(locked, -1)
        what = f"took the licence of {locked.title} from {membership.user}"
        _record(locked, membership, act, "unassigned", what)
    return len(held)


@transaction.atomic
def move_licences(*, old: Subscription, new: Subscription) -> int:
    """
    Let the people who use `old` use `new`, the same seats sold by somebody else.

    `new` must say as many assigned seats already. In the caller's transaction and locks;
    not an act of its own, so nothing is recorded.
    """
    held = list(LicenceAssignment.objects.filter(subscription=old).order_by("pk"))
    LicenceAssignment.objects.bulk_create(
        LicenceAssignment(
            subscription=new,
            membership_id=licence.membership_id,
            assigned_at=licence.assigned_at,
            assigned_by_id=licence.assigned_by_id,
        )
        for licence in held
    )
    LicenceAssignment.objects.filter(subscription=old).delete()
    return len(held)


def _locked(subscription: Subscription, membership: Membership, act: Act) -> Subscription:
    """Return the subscription as it is now, locked after its tenant, if `act` may assign it."""
    if subscription.tenant_id != membership.tenant_id:
        raise NotOfThisTenant
    lock_tenant(subscription.tenant_id)
    locked = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tenant", "partner__tenant", "reseller__tenant")
        .get(pk=subscription.pk)
    )
    actor = act.organisation.pk if act.organisation else None
    if actor in {None, locked.tenant_id}:
        return locked
    sellers = {p.tenant_id for p in (locked.partner, locked.reseller) if p is not None}
    if locked.channel != Channel.CSP or actor not in sellers:
        raise NotYoursToAssign(locked)
    return locked


def _count(subscription: Subscription, change: int) -> None:
    with owning_path(subscription):
        Subscription.objects.filter(pk=subscription.pk).update(
            assigned_seats=F("assigned_seats") + change
        )


def _record(
    subscription: Subscription, membership: Membership, act: Act, what: str, summary: str
) -> None:
    activity.record_on_behalf(
        tenant=subscription.tenant,
        act=act,
        action=f"licence.{what}",
        about=membership.public_id,
        summary=summary,
        after={"subscription": subscription.public_id, "person": membership.user.email},
    )
