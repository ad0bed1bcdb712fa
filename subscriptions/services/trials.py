"""Direct trials: 25 seats for 30 days, free, once per offer and customer (R11: never in CSP)."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Tenant
from tenants.queries.tenants import admins_of

from .. import letters
from ..domain.channels import RULES, Channel
from ..domain.lifecycle import State
from ..models import Offer, Subscription, Term, TrialNotice
from .errors import NoTrial, OtherChannel, SeatsBelowAssigned, TriedBefore
from .facts import lock_tenant, record
from .licences import move_licences
from .owners import store
from .provisioning import begin

log = logging.getLogger(__name__)

SEATS = 25
LASTS = timedelta(days=30)
NOTICES = (7, 1)  # days before the end


@transaction.atomic
def start_trial(*, tenant: Tenant, offer: Offer, act: Act) -> Subscription:
    """
    Let `tenant` try an offer from `act.on` for 30 days. It costs nothing and ends by itself.

    :raises OtherChannel: if anybody but the tenant itself asks (R3)
    :raises NoTrial: if the offer is not one to try
    :raises TriedBefore: if the tenant had this trial, however it ended
    """
    locked = lock_tenant(tenant.pk)
    if act.organisation is None or act.organisation.pk != locked.pk:
        raise OtherChannel(RULES[Channel.DIRECT].label)
    if not Offer.objects.for_trial().filter(pk=offer.pk).exists():
        raise NoTrial(offer.title)
    try:
        with transaction.atomic():
            trial = Subscription.objects.create(
                tenant=locked,
                channel=Channel.DIRECT,
                offer=offer,
                title=offer.title,
                state=State.ACTIVE,
                is_trial=True,
                seats=SEATS,
                starts_on=act.on,
                ends_on=act.on + LASTS,
                auto_renew=False,
                created_at=act.at,
            )
    except IntegrityError as error:
        if broken_constraint(error) != "subscriptions_one_trial_per_offer_and_customer":
            raise
        raise TriedBefore(offer.title) from error
    begin(subscription=trial, duration=Term.Duration.MONTH, anchor_on=act.on, act=act)
    return trial


@transaction.atomic
def hand_over(*, trial: Subscription, new: Subscription) -> int:
    """
    Let the people who use the trial use `new`, which follows it; return how many.

    In the caller's transaction, which holds the tenant's lock.

    :raises SeatsBelowAssigned: if `new` has fewer seats than are assigned
    """
    old = Subscription.objects.select_for_update(no_key=True).get(pk=trial.pk)
    kept = Subscription.objects.select_for_update(no_key=True).get(pk=new.pk)
    if kept.seats < old.assigned_seats:
        raise SeatsBelowAssigned(old.assigned_seats)
    kept.assigned_seats, moved = old.assigned_seats, old.assigned_seats
    store(kept, "assigned_seats")
    move_licences(old=old, new=kept)
    old.assigned_seats = 0
    store(old, "assigned_seats")
    return moved


def send_notices(*, act: Act) -> int:
    """
    Tell customers 7 days and 1 day before their trial ends, once each; return how many.

    Late, it says how many days are left. Each is a transaction of its own: one whose mail
    is not taken is tried again the next time.
    """
    ending = Subscription.objects.live().filter(
        is_trial=True,
        channel=Channel.DIRECT,
        ends_on__gt=act.on,
        ends_on__lte=act.on + timedelta(days=max(NOTICES)),
    )
    sent = 0
    for pk in list(ending.order_by("pk").values_list("pk", flat=True)):
        try:
            sent += _notify(pk, act=act)
        except OSError:  # what SMTP and sockets raise
            log.exception("the notice for trial %s could not be mailed; it is tried again", pk)
    return sent


@transaction.atomic
def _notify(pk: int, *, act: Act) -> int:
    trial = (
        Subscription.objects.live()
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("tenant", "offer", "partner", "reseller")
        .filter(pk=pk)
        .first()
    )
    if trial is None or trial.ends_on is None:
        return 0
    days = (trial.ends_on - act.on).days
    due = min(notice for notice in NOTICES if days <= notice)
    _, is_new = TrialNotice.objects.get_or_create(
        subscription=trial, days_before=due, defaults={"sent_at": act.at}
    )
    if not is_new:
        return 0
    for admin in admins_of(trial.tenant):
        letters.trial_ending_letter(trial=trial, to=admin, days=days).send()
    record(
        subscription=trial,
        act=act,
        action="trial-notice",
        summary=f"{trial.title}: the trial ends in {'1 day' if days == 1 else f'{days} days'}, "
        "its admins were told",
        before={},
        after={"ends_on": trial.ends_on},
    )
    return 1
