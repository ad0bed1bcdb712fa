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

# Each OFFSET 0 keeps the planner from merging the steps, which would compute what a step
# names once for every time it is named: that took three times as long.
_TERMS = """
      SELECT l.id, l.buyer_id, l.currency, l.unit_price, l.minor_units, t.id AS term_id,
        l.period_months::int, t.anchor_on, t.starts_on, t.ends_on, t.opening_seats,
        t.billable_seats, {k} AS k
      FROM billing_lockedprice l JOIN subscriptions_term t ON t.id = l.term_id
      WHERE l.seller_id = %(seller)s AND {{buyers}}
        AND t.starts_on < {starts_before} AND t.ends_on > {ends_after} OFFSET 0"""

# Billable seats at the start of the period's first day: today's, less later changes.
_PRICED = """
  SELECT s.id AS locked_price_id, s.buyer_id, s.currency,
    CASE WHEN s.period_from = s.starts_on THEN 'renew' ELSE 'cycleCharge' END AS charge_type,
    s.period_from,
    least((s.anchor_on + make_interval(months => s.k + s.period_months))::date, s.ends_on)
      AS period_until,
    s.seats, round(s.unit_price * s.seats, s.minor_units) AS amount
  FROM (
    SELECT p.*, p.billable_seats - coalesce((
      SELECT sum(f.billable_delta) FROM subscriptions_seatchange f
      WHERE f.term_id = p.term_id AND f.effective_on >= p.period_from), 0)::int AS seats
    FROM ({periods} OFFSET 0) p
    WHERE p.period_from >= p.starts_on AND p.period_from < p.ends_on OFFSET 0) s
  WHERE s.seats > 0"""

# Every month has one day on which a monthly period starts, and a yearly one once in twelve.
_THIS_MONTH = _PRICED.format(
    periods=f"""
      SELECT t.*, (t.anchor_on + make_interval(months => t.k))::date AS period_from
      FROM ({_TERMS.format(k=_SINCE_ANCHOR, starts_before="%(until)s", ends_after="%(month)s")}) t
      WHERE t.k %% t.period_months = 0"""  # noqa: S608 -- made of constants
)

# What an earlier close left behind, e.g. because a renewal failed until later. The newest
# earlier period of a term tells: if it is charged, or is the first of a new subscription
# (charged by rule 2), nothing was. That is one probe of the unique index for each row: a
# scalar subquery on purpose, since an anti-join would read the whole history.
_NEWEST_EARLIER = f"""
        (least({_SINCE_ANCHOR}, {_LENGTH}) - 1) / l.period_months * l.period_months"""
_CHARGED = """(SELECT c.id FROM billing_charge c
         WHERE c.locked_price_id = {row}.id AND c.seat_change_id IS NULL
           AND c.period_from = {day})"""
_EARLIER_TERMS = _TERMS.format(
    k=_NEWEST_EARLIER, starts_before="%(month)s", ends_after="%(look_back)s"
)
_LEFT_BEHIND = _PRICED.format(
    periods=f"""
      SELECT q.* FROM (
        SELECT e.id, e.buyer_id, e.currency, e.unit_price, e.minor_units, e.term_id,
          e.period_months, e.anchor_on, e.starts_on, e.ends_on, e.opening_seats,
          e.billable_seats, n AS k, (e.anchor_on + make_interval(months => n))::date AS period_from
        FROM (
          SELECT t.*, (t.anchor_on + make_interval(months => t.k))::date AS newest
          FROM ({_EARLIER_TERMS}) t OFFSET 0) e
        CROSS JOIN LATERAL generate_series(0, e.k, e.period_months) n
        WHERE NOT (e.opening_seats = 0 AND e.newest <= e.starts_on)
          AND {_CHARGED.format(row="e", day="e.newest")} IS NULL
        OFFSET 0) q
      WHERE q.period_from >= {{since}}
        AND {_CHARGED.format(row="q", day="q.period_from")} IS NULL"""  # noqa: S608 -- made of constants
)

FOR_ALL_BUYERS = "true"
FOR_ONE_BUYER = "l.buyer_id = %(buyer)s"


def due_periods_sql(buyers: str = FOR_ALL_BUYERS, since: str = "%(since)s") -> str:
    """
    Return the SELECT; its parameters are those of `CloseWindow.parameters`.

    `since` is SQL for the first day whose charges are wanted.
    """
    return f"{_THIS_MONTH}\n  UNION ALL{_LEFT_BEHIND}".format(buyers=buyers, since=since)


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
