"""Which subscriptions people are to be told of: renewal, expiry, the end of a suspension."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from subscriptions.domain.lifecycle import SUSPENSION_DAYS, State
from subscriptions.models import Subscription, SubscriptionNotice, Term
from subscriptions.queries import with_terms

from .term_ends import NextTerms, next_terms_of

# How many days before its day people are told, and of a suspended one's end.
BEFORE_TERM_END = (60, 30, 7)
BEFORE_CANCELLATION = (30, 7)
Kind = SubscriptionNotice.Kind


@dataclass(frozen=True, slots=True)
class Due:
    """
    A notice to give: `about_on` is the day it is about, `days` the step before it.

    `is_changed` if something is scheduled for the next term.
    """

    subscription: Subscription
    kind: str
    about_on: date
    days: int
    is_changed: bool = False

    @property
    def last_day(self) -> date:
        return self.about_on - timedelta(days=1)

    @property
    def key(self) -> tuple[int, date, int]:
        return self.subscription.pk, self.about_on, self.days


def candidates(*, on: date) -> QuerySet[Subscription]:
    """
    Return what might be due on `on`: terms that end soon, and what is suspended.

    Trials are left out: they have their own letters, 7 days and 1 day before.
    """
    soon = on + timedelta(days=max(BEFORE_TERM_END))
    long_suspended = on - timedelta(days=SUSPENSION_DAYS - max(BEFORE_CANCELLATION))
    return (
        with_terms()
        .filter(is_trial=False)
        .filter(
            Q(state=State.ACTIVE, ends_on__gt=on, ends_on__lte=soon)
            | Q(state=State.SUSPENDED, suspended_on__lte=long_suspended)
            | Q(state=State.SUSPENDED, ends_on__gt=on, ends_on__lte=soon)
        )
        .select_related("offer", "tenant", "partner__tenant", "reseller__tenant", "base")
        .order_by("tenant__name", "title", "pk")
    )


def due_notices(subscriptions: Iterable[Subscription], *, on: date, at: datetime) -> list[Due]:
    """
    Return what to tell of these, each step once; the same queries however many there are.

    Somebody who was not told at 60 days because the portal stood still is told at the step
    it is now. A term gets no notice of a step longer than half of it, and one of a month
    that renews by itself none at all. Told already is whoever was told of the same
    step of the same day, whatever it said.
    """
    held = list(subscriptions)
    lengths = _term_days(held)
    next_terms = next_terms_of(held, at=at)
    found = []
    for each in held:
        due = _suspended(each, on) if each.state == State.SUSPENDED else None
        if each.state == State.ACTIVE and each.ends_on is not None:
            due = _ending(each, on, lengths.get(each.pk, 0), next_terms)
        if due is not None:
            found.append(due)
    told = set(
        SubscriptionNotice.objects.filter(subscription__in=[due.subscription.pk for due in found])
        .exclude(kind=Kind.TWICE)
        .values_list("subscription_id", "about_on", "days")
    )
    return [due for due in found if due.key not in told]


def step_of(left: int, steps: tuple[int, ...]) -> int | None:
    """
    Return the step that `left` days before the day belong to; None if it is still far.

    >>> [step_of(left, (60, 30, 7)) for left in (61, 60, 31, 30, 8, 7, 1, 0)]
    [None, 60, 60, 30, 30, 7, 7, None]
    """
    return min((step for step in steps if 0 < left <= step), default=None)


def _suspended(each: Subscription, on: date) -> Due | None:
    if each.suspended_on is None or each.base_id is not None:
        return None
    day = each.suspended_on + timedelta(days=SUSPENSION_DAYS)
    day = min(day, each.ends_on or day)
    step = step_of((day - on).days, BEFORE_CANCELLATION)
    return Due(each, Kind.KEPT.value, day, step) if step else None


def _ending(each: Subscription, on: date, length: int, next_terms: NextTerms) -> Due | None:
    assert each.ends_on is not None  # the caller looked
    step = step_of((each.ends_on - on).days, BEFORE_TERM_END)
    if step is None or length <= 2 * step:
        return None
    goes_on = each.auto_renew and next_terms.has_one(each) and next_terms.fits_its_base(each)
    if not goes_on:
        return Due(each, Kind.EXPIRES.value, each.ends_on, step)
    is_monthly = length <= max(BEFORE_TERM_END)
    if is_monthly or each.base_id is not None:
        return None  # an add-on is renewed with its base, which is told of
    is_changed = each.pk in next_terms.changes
    return Due(each, Kind.RENEWS.value, each.ends_on, step, is_changed=is_changed)


def _term_days(held: Iterable[Subscription]) -> dict[int, int]:
    terms = Term.objects.filter(subscription__in=[each.pk for each in held]).order_by("number")
    return {
        pk: (ends_on - starts_on).days
        for pk, starts_on, ends_on in terms.values_list("subscription_id", "starts_on", "ends_on")
    }
