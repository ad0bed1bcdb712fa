"""
The period charges of a month (rule 1), as one SELECT.

The month's close inserts what it returns and the preview of the next invoice shows it, so
whatever the preview says is what the invoice will say.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from csp_portal.shared.dates import add_months

# A term that ended longer ago is no longer searched for periods that were left behind.
LOOK_BACK_MONTHS = 12

# Months are counted from year 0, so that a month of a term is a difference of two counts.
# `date + interval 'n months'` clamps to the last day of the month, as add_months does.
_MONTH_OF = "(date_part('year', {day}) * 12 + date_part('month', {day}) - 1)::int"
_SINCE_ANCHOR = f"(%(month_count)s - {_MONTH_OF.format(day='t.anchor_on')})"
_LENGTH = f"({_MONTH_OF.format(day='t.ends_on')} - {_MONTH_OF.format(day='t.anchor_on')})"

# Billable seats at the start of a day: today's, less what changed on that day or later.
_SEATS = """
  CROSS JOIN LATERAL (
    SELECT t.billable_seats - coalesce((
      SELECT sum(f.billable_delta) FROM subscriptions_seatchange f
      WHERE f.term_id = t.id AND f.effective_on >= p.period_from), 0)::int AS seats
  ) s"""

_COLUMNS = """
  SELECT l.id AS locked_price_id, l.buyer_id, l.currency,
    CASE WHEN p.period_from = t.starts_on THEN 'renew' ELSE 'cycleCharge' END AS charge_type,
    p.period_from,
    least((t.anchor_on + make_interval(months => p.k + l.period_months))::date, t.ends_on)
      AS period_until,
    s.seats, round(l.unit_price * s.seats, l.minor_units) AS amount"""

# Every month has one day on which a monthly period starts, and a yearly one once in twelve.
_THIS_MONTH = f"""{_COLUMNS}
  FROM billing_lockedprice l JOIN subscriptions_term t ON t.id = l.term_id
  CROSS JOIN LATERAL (SELECT {_SINCE_ANCHOR} AS k) m
  CROSS JOIN LATERAL (
    SELECT m.k, (t.anchor_on + make_interval(months => m.k))::date AS period_from) p{_SEATS}
  WHERE l.seller_id = %(seller)s AND {{buyers}}
    AND t.starts_on < %(until)s AND t.ends_on > %(month)s
    AND m.k %% l.period_months = 0
    AND p.period_from >= t.starts_on AND p.period_from < t.ends_on AND s.seats > 0"""

# What an earlier close left behind, e.g. because a renewal failed until later. The newest
# earlier period of a term tells: if it is charged, or is the first of a new subscription
# (charged by rule 2), nothing was. That is one probe of the unique index for each row: a
# scalar subquery on purpose, since an anti-join would read the whole history.
_LEFT_BEHIND = f"""{_COLUMNS}
  FROM billing_lockedprice l JOIN subscriptions_term t ON t.id = l.term_id
  CROSS JOIN LATERAL (
    SELECT least(({_SINCE_ANCHOR} - 1) / l.period_months * l.period_months,
                 ({_LENGTH} - 1) / l.period_months * l.period_months) AS k) m
  CROSS JOIN LATERAL (
    SELECT (t.anchor_on + make_interval(months => m.k))::date AS day) newest
  CROSS JOIN LATERAL (
    SELECT n AS k, (t.anchor_on + make_interval(months => n))::date AS period_from
    FROM generate_series(0, m.k, l.period_months) n) p{_SEATS}
  WHERE l.seller_id = %(seller)s AND {{buyers}}
    AND t.starts_on < %(month)s AND t.ends_on > %(look_back)s
    AND NOT (t.opening_seats = 0 AND newest.day <= t.starts_on)
    AND (SELECT c.id FROM billing_charge c
         WHERE c.locked_price_id = l.id AND c.seat_change_id IS NULL
           AND c.period_from = newest.day) IS NULL
    AND p.period_from >= t.starts_on AND p.period_from >= %(since)s AND s.seats > 0
    AND (SELECT c.id FROM billing_charge c
         WHERE c.locked_price_id = l.id AND c.seat_change_id IS NULL
           AND c.period_from = p.period_from) IS NULL"""

FOR_ALL_BUYERS = "true"
FOR_ONE_BUYER = "l.buyer_id = %(buyer)s"


def due_periods_sql(buyers: str = FOR_ALL_BUYERS) -> str:
    """Return the SELECT; its parameters are those of `CloseWindow.parameters`."""
    return f"{_THIS_MONTH}\n  UNION ALL{_LEFT_BEHIND}".format(buyers=buyers)


@dataclass(frozen=True, slots=True)
class CloseWindow:
    """
    A seller's invoicing month, and the first day whose charges may go on its invoices.

    `since` is None for a real close, which takes whatever earlier ones left behind.
    """

    seller_id: int
    month: date
    since: date | None = None

    @property
    def until(self) -> date:
        """The first day after the month, which is the invoices' date."""
        return add_months(self.month, 1)

    def parameters(self, **more: Any) -> dict[str, Any]:
        return {
            "seller": self.seller_id,
            "month": self.month,
            "until": self.until,
            "month_count": self.month.year * 12 + self.month.month - 1,
            "since": self.since or date.min,
            "look_back": add_months(self.month, -LOOK_BACK_MONTHS),
            **more,
        }
