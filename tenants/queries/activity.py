"""What happened in an organisation, and whether the record of it is whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Subquery

from ..models import Activity, Tenant, User

# A row fits if its hash is what its content says and it continues the row before it.
CHAIN = r"""
WITH links AS (
  SELECT seq, hash,
         hash = tenants_activity_hash(previous_hash, seq, at, by_id, acting_for_id, action, about,
                                      summary, before, after)
         AND previous_hash = lag(hash, 1, '\x00'::bytea) OVER (ORDER BY seq)
         AND seq = row_number() OVER (ORDER BY seq) AS fits
  FROM tenants_activity WHERE tenant_id = %s
)
SELECT count(links.seq), count(*) FILTER (WHERE NOT fits),
       coalesce(min(links.seq) FILTER (WHERE NOT fits), 0),
       coalesce(max(links.seq), 0) = head.seq
         AND coalesce((array_agg(links.hash ORDER BY links.seq DESC))[1], '\x00') = head.hash
FROM links RIGHT JOIN tenants_activity_end(%s) AS head ON true
GROUP BY head.seq, head.hash
"""

# Entries that a search of a log looks through: a partner of 100,000 customers has millions.
LOOKED_THROUGH = 20_000
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """
    The verdict on one tenant's chain.

    `first_bad` is the number of the first row that was edited or follows a gap; 0 if the
    rows are whole. Rows cut off the end show only against the head.
    """

    rows: int
    bad_rows: int
    first_bad: int
    ends_at_head: bool

    @property
    def is_whole(self) -> bool:
        return self.bad_rows == 0 and self.ends_at_head


def activities_of(tenant: Tenant) -> QuerySet[Activity]:
    """Return the tenant's log, newest first, with the people and organisations who acted."""
    return tenant.activities.select_related("by", "acting_for").order_by("-seq")


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Some rows of a log, newest first; `older` is where the next page begins, 0 on the last."""

    rows: list[Activity]
    older: int


def page_of_activities(
    tenant: Tenant, *, before: int | None = None, size: int = 50
) -> ActivityPage:
    """Return a page of the log by its own numbers: as fast at row 100,000 as at row 1."""
    rows = activities_of(tenant)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: size + 1])
    return ActivityPage(found[:size], found[size - 1].seq if len(found) > size else 0)


def entries_of(
    tenant: Tenant,
    *,
    topic: str = "",
    by: int | None = None,
    by_the_portal: bool = False,
    by_partners: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
) -> QuerySet[Activity]:
    """
    Return the entries of the tenant's log that are asked for.

    `topic` is the first word of their code, `text` is in what they say or all of the id that
    they are about; `until` is the first moment that is too late. What is asked for beside the
    days is looked for in the last `LOOKED_THROUGH` entries of those days: see `looked_through`.
    """
    found = tenant.activities.select_related("by", "acting_for")
    wanted = _wanted(topic, by, text, by_the_portal=by_the_portal, by_partners=by_partners)
    if wanted:
        newest = _numbers(tenant, until=until)[:1]
        found = found.filter(wanted, seq__gt=Subquery(newest) - LOOKED_THROUGH)
    # Numbers and moments go up together, but for what was written at once. The list is in the
    # order of the numbers: with them, the days are found without reading up to them.
    if since is not None:
        first = tenant.activities.filter(at__gte=since).order_by("at", "seq").values("seq")
        found = found.filter(seq__gte=Subquery(first[:1]) - AT_ONCE, at__gte=since)
    if until is not None:
        last = Subquery(_numbers(tenant, until=until)[:1])
        found = found.filter(seq__lte=last + AT_ONCE, at__lt=until)
    return found


def looked_through(tenant: Tenant, *, since: datetime | None, until: datetime | None) -> int:
    """Return how many entries a search of these days is limited to; 0 if it reads them all."""
    beyond = _numbers(tenant, until=until)
    if since is not None:
        beyond = beyond.filter(at__gte=since)
    is_limited = beyond[LOOKED_THROUGH : LOOKED_THROUGH + 1].exists()
    return LOOKED_THROUGH if is_limited else 0


def _wanted(topic: str, by: int | None, text: str, *, by_the_portal: bool, by_partners: bool) -> Q:
    wanted = Q()
    if topic:
        wanted &= Q(action__startswith=f"{topic}.")
    if by is not None:
        wanted &= Q(by=by)
    if by_the_portal:
        wanted &= Q(by=None)
    if by_partners:
        wanted &= Q(acting_for__partner__isnull=False) & ~Q(acting_for=F("tenant"))
    if text:
        wanted &= Q(summary__icontains=text) | Q(about=text)
    return wanted


def _numbers(tenant: Tenant, *, until: datetime | None) -> QuerySet[Activity, Any]:
    """Return the numbers of the entries before `until`, the newest first."""
    if until is None:
        return tenant.activities.order_by("-seq").values("seq")
    return tenant.activities.filter(at__lt=until).order_by("-at", "-seq").values("seq")


def people_in(tenant: Tenant) -> QuerySet[User]:
    """Return who works in the organisation now; others may be in its log as well."""
    return User.objects.filter(memberships__tenant=tenant).order_by("first_name", "last_name", "pk")


def verify(tenant: Tenant) -> ChainCheck:
    """Recompute the hash chain of the tenant's log in the database, and compare its head."""
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [tenant.pk, tenant.pk])
        rows, bad_rows, first_bad, ends_at_head = cursor.fetchone()
    return ChainCheck(rows, bad_rows, first_bad, ends_at_head)
