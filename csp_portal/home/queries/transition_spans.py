"""The days that the two subscriptions of a transition ran, across moves of the CSP one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from subscriptions.domain.lifecycle import FactKind
from subscriptions.models import SeatChange, Subscription, Term
from subscriptions.queries.moves import rows_before
from tenants.models import Activity


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Days in which a CSP subscription was one row.

    A transfer ends a row and starts another (decision 11): what a customer sees as one
    subscription is several stretches, each beginning on the day the one before ends.
    """

    row: Subscription
    starts_on: date
    ends_on: date | None

    def days_in(self, since: date, until: date) -> int:
        """Return how many of its days are in the days from `since` to before `until`."""
        end = min(self.ends_on, until) if self.ends_on else until
        return max((end - max(self.starts_on, since)).days, 0)


@dataclass(frozen=True, slots=True)
class Spans:
    """
    When each subscription began, when each old one ended, and the stretches of each new one.

    By the subscription's key; `stretches` in their order, the present row last.
    """

    first_days: Mapping[int, date]
    ended: Mapping[int, date]
    stretches: Mapping[int, list[Stretch]]

    def both_since(self, old: Subscription, new: Subscription | None) -> date | None:
        if new is None:
            return None
        own = self.first_days.get(old.pk, old.starts_on)
        return max(self.stretches[new.pk][0].starts_on, own)


def spans_of(held: list[Subscription], news: Iterable[Subscription], *, on: date) -> Spans:
    """Return the days of old and new ones: four queries at most, however many there are."""
    news = list(news)
    before = rows_before([new for new in news if new.moved_from_id])
    rows = [row for rows in before.values() for row in rows]
    first_days = _first_days([*held, *news, *rows])
    ended = {}
    facts, logged = _ends(held), _logged_ends(held)
    for old in held:
        last = _ended_on(old, facts.get(old.pk), logged.get(str(old.public_id)), on)
        if last is not None:
            ended[old.pk] = last
    return Spans(
        first_days=first_days,
        ended=ended,
        stretches={new.pk: _stretches([*before.get(new.pk, []), new], first_days) for new in news},
    )


def _stretches(rows: list[Subscription], first_days: Mapping[int, date]) -> list[Stretch]:
    days = [first_days.get(row.pk, row.starts_on) for row in rows]
    return [
        Stretch(row, starts_on, ends_on)
        for row, starts_on, ends_on in zip(rows, days, [*days[1:], None], strict=True)
    ]


def _first_days(subscriptions: Iterable[Subscription]) -> Mapping[int, date]:
    """Return the first day of each one's first term; a subscription's own is its running term's."""
    ids = [each.pk for each in subscriptions]
    terms = Term.objects.filter(subscription__in=ids).order_by().values("subscription_id")
    return dict(terms.annotate(first=Min("starts_on")).values_list("subscription_id", "first"))


def _ends(held: Iterable[Subscription]) -> Mapping[int, SeatChange]:
    facts = SeatChange.objects.filter(
        kind__in=[FactKind.CANCELLED, FactKind.EXPIRED],
        term__subscription__in=[old.pk for old in held if not old.is_live],
    )
    return {
        fact.term.subscription_id: fact
        for fact in facts.select_related("term", "by").order_by("effective_on", "pk")
    }


def _logged_ends(held: Iterable[Subscription]) -> Mapping[str, date]:
    """Return the day that imported ones were cancelled here: those have no facts, but a log."""
    gone = [str(old.public_id) for old in held if not old.is_live]
    if not gone:
        return {}
    rows = Activity.objects.filter(
        tenant__in={old.tenant_id for old in held},
        action__in=["subscription.cancelled", "subscription.ended-elsewhere"],
        about__in=gone,
    )
    return {about: at.date() for about, at in rows.values_list("about", "at")}


def _ended_on(
    old: Subscription, fact: SeatChange | None, logged: date | None, on: date
) -> date | None:
    """Return the first day without it; of one that ended elsewhere its term's end."""
    if old.is_live:
        return None
    if fact is None:
        return logged or min(old.ends_on or on, on)
    if fact.kind == FactKind.EXPIRED:
        return fact.term.ends_on
    return fact.effective_on
