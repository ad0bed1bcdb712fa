"""
The limit that the close is measured against: one bare INSERT … SELECT of the same lines.

The table has a primary key, one unique key and one foreign key, and no other index, check
or trigger; the lines have the same columns, and their amounts are computed, prorated and
rounded from the same tables. No invoices are made, no totals and no numbers.
"""

import time

from django.db import connection

from billing.queries.due_periods import CloseWindow

from .world import PRORATED

_TABLES = """
DROP TABLE IF EXISTS bench_line, bench_invoice;
CREATE TABLE bench_invoice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seller_id bigint, buyer_id bigint);
INSERT INTO bench_invoice (seller_id, buyer_id)
  SELECT DISTINCT seller_id, buyer_id FROM billing_lockedprice;
CREATE TABLE bench_line (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  locked_price_id bigint NOT NULL, seat_change_id bigint,
  invoice_id bigint NOT NULL REFERENCES bench_invoice (id),
  charge_type varchar(16) NOT NULL, period_from date NOT NULL, period_until date NOT NULL,
  charged_from date NOT NULL, seats integer NOT NULL, amount numeric(14, 2) NOT NULL,
  UNIQUE NULLS NOT DISTINCT (locked_price_id, period_from, seat_change_id));
ANALYZE bench_invoice
"""

_INSERT = f"""
INSERT INTO bench_line (locked_price_id, seat_change_id, invoice_id, charge_type, period_from,
                        period_until, charged_from, seats, amount)
SELECT l.id, x.seat_change_id, i.id, x.charge_type, x.start, x.until, x.day, x.seats,
  {PRORATED.format(seats="x.seats", day="x.day", start="x.start", until="x.until")}
FROM billing_lockedprice l
JOIN bench_invoice i ON i.seller_id = l.seller_id AND i.buyer_id = l.buyer_id
JOIN (
  SELECT t.id AS term_id, NULL::bigint AS seat_change_id, 'cycleCharge' AS charge_type,
    p.start, (t.anchor_on + make_interval(months => m.k + 1))::date AS until, p.start AS day,
    t.billable_seats - coalesce((
      SELECT sum(f.billable_delta) FROM subscriptions_seatchange f
      WHERE f.term_id = t.id AND f.effective_on >= p.start), 0)::int AS seats
  FROM subscriptions_term t
  CROSS JOIN LATERAL (
    SELECT %(month_count)s + 1 - date_part('year', t.anchor_on)::int * 12
      - date_part('month', t.anchor_on)::int AS k) m
  CROSS JOIN LATERAL (
    SELECT (t.anchor_on + make_interval(months => m.k))::date AS start) p
  WHERE t.starts_on < %(until)s AND t.ends_on > %(month)s
  UNION ALL
  SELECT f.term_id, f.id, 'addQuantity', p.start, p.until, f.effective_on, f.billable_delta
  FROM subscriptions_seatchange f JOIN subscriptions_term t ON t.id = f.term_id
  CROSS JOIN LATERAL (
    SELECT %(month_count)s + 1 - date_part('year', t.anchor_on)::int * 12
      - date_part('month', t.anchor_on)::int AS now) m
  CROSS JOIN LATERAL (
    SELECT m.now - ((t.anchor_on + make_interval(months => m.now))::date > f.effective_on)::int
      AS k) k
  CROSS JOIN LATERAL (
    SELECT (t.anchor_on + make_interval(months => k.k))::date AS start,
           (t.anchor_on + make_interval(months => k.k + 1))::date AS until) p
  WHERE f.effective_on >= %(month)s AND f.effective_on < %(until)s AND f.kind = 'seats'
) x ON x.term_id = l.term_id
"""  # noqa: S608 -- made of constants


def measure(window: CloseWindow) -> tuple[int, float]:
    """Return how many lines were written, and the seconds until they were committed."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        started = time.perf_counter()
        cursor.execute(_INSERT, window.parameters())
        return cursor.rowcount, time.perf_counter() - started


def difference_to_close() -> int:
    """Return how many lines of the close and of the bare statement are not the same."""
    columns = "locked_price_id, seat_change_id, period_from, period_until, charged_from, seats"
    with connection.cursor() as cursor:
        cursor.execute(f"""
          SELECT count(*) FROM (
            (SELECT {columns}, amount FROM bench_line EXCEPT ALL
             SELECT {columns}, amount FROM billing_charge c JOIN billing_invoice i
               ON i.id = c.invoice_id WHERE i.month = '2026-11-01')
            UNION ALL
            (SELECT {columns}, amount FROM billing_charge c JOIN billing_invoice i
               ON i.id = c.invoice_id WHERE i.month = '2026-11-01'
             EXCEPT ALL SELECT {columns}, amount FROM bench_line)) d""")  # noqa: S608 -- constants
        (count,) = cursor.fetchone()
    return int(count)
