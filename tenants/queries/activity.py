"""What happened in an organisation, and whether the record of it is whole."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

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
    they are about; `until` is the first moment that is too late.
    """
    found = tenant.activities.select_related("by", "acting_for")
    if topic:
        found = found.filter(action__startswith=f"{topic}.")
    if by is not None:
        found = found.filter(by=by)
    if by_the_portal:
        found = found.filter(by=None)
    if by_partners:
        found = found.filter(acting_for__partner__isnull=False).exclude(acting_for=tenant)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return found.filter(Q(summary__icontains=text) | Q(about=text)) if text else found


def people_in(tenant: Tenant) -> QuerySet[User]:
    """Return who works in the organisation now; others may be in its log as well."""
    return User.objects.filter(memberships__tenant=tenant).order_by("first_name", "last_name", "pk")


def verify(tenant: Tenant) -> ChainCheck:
    """Recompute the hash chain of the tenant's log in the database, and compare its head."""
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [tenant.pk, tenant.pk])
        rows, bad_rows, first_bad, ends_at_head = cursor.fetchone()
    return ChainCheck(rows, bad_rows, first_bad, ends_at_head)
