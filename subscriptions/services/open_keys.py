"""Open licence keys: operators issue and withdraw them, customers redeem them, once."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from csp_portal.shared.dates import add_months
from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..domain.channels import Channel
from ..domain.keys import hash_key, new_key
from ..domain.lifecycle import State
from ..models import KeyAttempt, Offer, OpenKey, Subscription, Term
from .errors import (
    KeyExpired,
    KeyRedeemedHere,
    KeysIssuedBefore,
    KeyUnknown,
    KeyUsed,
    KeyWithdrawn,
    ManagedElsewhere,
    SubscriptionRefused,
    TooManyTries,
)
from .facts import lock_tenant
from .provisioning import begin, require_seats_in_range

Outcome = KeyAttempt.Outcome
TRIES = 5
WINDOW = timedelta(hours=1)
MONTHS_PER_YEAR = 12


@transaction.atomic
def issue(
    *, offer: Offer, seats: int, months: int, count: int, redeem_until: date, agreement: str,
    batch: UUID | None = None, act: Act,
) -> list[str]:  # fmt: skip
    """
    Make `count` keys and return them: they are shown now and kept nowhere.

    `batch` names the form that asks; sent twice, or twice at once, it makes keys once.

    :raises SeatsOutOfRange: by the offer's limits
    :raises KeysIssuedBefore: if the form was sent before
    """
    require_seats_in_range(offer, seats)
    batch = batch or uuid4()
    assert act.by is not None  # an operator issues keys
    keys = [new_key() for _ in range(count)]
    rows = [
        OpenKey(
            key_hash=hash_key(key),
            ending=key[-5:],
            offer=offer,
            seats=seats,
            months=months,
            agreement=agreement,
            redeem_until=redeem_until,
            issued_at=act.at,
            issued_by=act.by,
            batch=batch,
            number=number,
        )
        for number, key in enumerate(keys, start=1)
    ]
    try:
        with transaction.atomic():
            OpenKey.objects.bulk_create(rows)
    except IntegrityError as error:
        if broken_constraint(error) != "subscriptions_keys_of_a_form_once":
            raise
        raise KeysIssuedBefore from error
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="open-keys.issued",
        about=offer.public_id,
        summary=f"issued Open keys of {offer.title}, {seats} seats each: {count}",
        after={"count": count, "seats": seats, "months": months, "agreement": agreement},
    )
    return keys


@transaction.atomic
def withdraw(*, key: OpenKey, act: Act) -> None:
    """
    Make a key worthless.

    :raises KeyUsed: if it was redeemed: what it gave stays
    :raises KeyWithdrawn: if it was withdrawn before
    """
    kept = OpenKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    if kept.redeemed_at:
        raise KeyUsed(kept.redeemed_at.date())
    if kept.withdrawn_at:
        raise KeyWithdrawn
    kept.withdrawn_at, kept.withdrawn_by = act.at, act.by
    kept.save(update_fields=["withdrawn_at", "withdrawn_by"])
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="open-key.withdrawn",
        about=kept.public_id,
        summary=f"withdrew the Open key ending in {kept.ending}",
    )


def redeem(*, typed: str, tenant: Tenant, act: Act) -> Subscription:
    """
    Give `tenant` the prepaid Open subscription that the key stands for, from `act.on`.

    Every try is kept, whatever comes of it; after 5 in vain within an hour the next has to
    wait. Two at once for one key: the key's row is the queue, one gets it.

    :raises TooManyTries: with the moment from which it may try again
    :raises KeyRedeemedHere: if `tenant` redeemed it before; that is no try
    :raises KeyUnknown, KeyUsed, KeyExpired, KeyWithdrawn: what is wrong with the key
    :raises ManagedElsewhere: if anybody but the tenant itself redeems
    """
    if act.organisation is None or act.organisation.pk != tenant.pk:
        raise ManagedElsewhere("Open", "")
    assert act.by is not None  # a person types the key
    with transaction.atomic():
        locked = lock_tenant(tenant.pk)
        _require_tries_left(locked, act)
        key = (
            OpenKey.objects.select_for_update(no_key=True, of=("self",))
            .select_related("offer")
            .filter(key_hash=hash_key(typed))
            .order_by("pk")
            .first()
        )
        _require_not_ours(key, locked)
        refusal = _why_not(key, act)
        KeyAttempt.objects.create(
            tenant=locked,
            by=act.by,
            at=act.at,
            outcome=refusal[0] if refusal else Outcome.REDEEMED,
        )
        if key is not None and refusal is None:
            return _give(key, locked, act)
    assert refusal is not None  # the try in vain is committed, and now said
    raise refusal[1]


def _require_tries_left(tenant: Tenant, act: Act) -> None:
    in_vain = KeyAttempt.objects.filter(tenant=tenant, at__gt=act.at - WINDOW)
    latest = in_vain.exclude(outcome=Outcome.REDEEMED).order_by("-at", "-pk")
    moments = list(latest.values_list("at", flat=True)[:TRIES])
    if len(moments) >= TRIES:
        raise TooManyTries(moments[-1] + WINDOW)


def _require_not_ours(key: OpenKey | None, tenant: Tenant) -> None:
    if key is None or key.subscription is None or key.redeemed_at is None:
        return
    if key.subscription.tenant_id == tenant.pk:
        raise KeyRedeemedHere(key.redeemed_at.date(), key.subscription.public_id)


def _why_not(key: OpenKey | None, act: Act) -> tuple[Outcome, SubscriptionRefused] | None:
    if key is None:
        return Outcome.UNKNOWN, KeyUnknown()
    if key.redeemed_at:
        return Outcome.USED, KeyUsed(key.redeemed_at.date())
    if key.withdrawn_at:
        return Outcome.WITHDRAWN, KeyWithdrawn()
    if act.on > key.redeem_until:
        return Outcome.EXPIRED, KeyExpired(key.redeem_until)
    return None


def _give(key: OpenKey, tenant: Tenant, act: Act) -> Subscription:
    subscription = Subscription.objects.create(
        tenant=tenant,
        channel=Channel.OPEN,
        offer=key.offer,
        title=key.offer.title,
        state=State.ACTIVE,
        seats=key.seats,
        starts_on=act.on,
        ends_on=add_months(act.on, key.months),
        auto_renew=False,
        note=f"Open key ending in {key.ending}",
        created_at=act.at,
    )
    is_yearly = key.months % MONTHS_PER_YEAR == 0
    begin(
        subscription=subscription,
        duration=Term.Duration.YEAR if is_yearly else Term.Duration.MONTH,
        anchor_on=act.on,
        act=act,
    )
    key.redeemed_at, key.redeemed_by, key.subscription = act.at, act.by, subscription
    key.save(update_fields=["redeemed_at", "redeemed_by", "subscription"])
    return subscription
