"""What a subscription was before it moved to its present sellers."""

from collections.abc import Iterable

from django.db import connection

from ..models import Subscription

# Decision 11: a move ends one row and starts another that names it.
BEFORE = """
WITH RECURSIVE before AS (
  SELECT id AS now, moved_from_id AS row, 1 AS steps
    FROM subscriptions_subscription WHERE id = ANY(%s)
  UNION ALL
  SELECT before.now, s.moved_from_id, before.steps + 1
    FROM before JOIN subscriptions_subscription s ON s.id = before.row
)
SELECT now, row FROM before WHERE row IS NOT NULL ORDER BY now, steps DESC
"""


def rows_before(moved: Iterable[Subscription]) -> dict[int, list[Subscription]]:
    """
    Return the rows that each was before, the first one first, by its present key.

    Two queries, however often they moved; none if nothing is asked for.
    """
    ids = [subscription.pk for subscription in moved]
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [ids])
        steps: list[tuple[int, int]] = cursor.fetchall()
    rows = Subscription.objects.in_bulk({row for _now, row in steps})
    before: dict[int, list[Subscription]] = {}
    for now, row in steps:
        before.setdefault(now, []).append(rows[row])
    return before
