"""
The statements of a month's close: one seller, set by set, in this order.

Each runs in a few passes over the seller's own rows, found by indexes; the worker sees
counts only. What the numbers mean is in `billing/README.md`.
"""

from ..queries.due_periods import due_periods_sql

# For this transaction only. A close may take longer than a page or a task usually may; its
# rows are in memory as a rule, where an index costs hardly more than a scan; and its lists
# should stay in memory too.
SETTINGS = """
SELECT set_config('statement_timeout', '14min', true),
       set_config('lock_timeout', %(patience)s, true),
       set_config('random_page_cost', '1.1', true), set_config('work_mem', '64MB', true)
"""

_DRAFT = """
INSERT INTO billing_invoice (public_id, seller_id, buyer_id, currency, month, issued_on, due_on,
                             line_count, net_total, brought_forward, total, parties)
SELECT gen_random_uuid(), %(seller)s, b.buyer_id, b.currency, %(month)s, %(until)s,
       %(due_on)s::date, 0, 0, 0, 0, '{}'"""

# First those with charges that orders wrote: a draft each, then the charges onto it.
DRAFTS_OF_OPEN_CHARGES = f"""{_DRAFT}
FROM (
  SELECT DISTINCT l.buyer_id, l.currency
  FROM billing_charge c JOIN billing_lockedprice l ON l.id = c.locked_price_id
  WHERE c.invoice_id IS NULL AND l.seller_id = %(seller)s AND c.charged_from < %(until)s) b
"""  # noqa: S608 -- joined from constants of this file

GATHER_OPEN_CHARGES = """
UPDATE billing_charge c SET invoice_id = i.id
FROM billing_lockedprice l
JOIN billing_invoice i ON i.seller_id = l.seller_id AND i.buyer_id = l.buyer_id
  AND i.currency = l.currency
WHERE c.invoice_id IS NULL AND c.charged_from < %(until)s AND l.id = c.locked_price_id
  AND l.seller_id = %(seller)s AND i.month = %(month)s
"""

# Then the period charges, with the drafts that are still missing, in one pass.
PERIOD_CHARGES = f"""
WITH due AS MATERIALIZED ({due_periods_sql()}
), earlier AS (
  SELECT id, buyer_id, currency FROM billing_invoice
  WHERE seller_id = %(seller)s AND month = %(month)s
), further AS ({_DRAFT}
  FROM (SELECT buyer_id, currency FROM due EXCEPT SELECT buyer_id, currency FROM earlier) b
  RETURNING id, buyer_id, currency
), draft AS (SELECT * FROM earlier UNION ALL SELECT * FROM further)
INSERT INTO billing_charge (locked_price_id, invoice_id, charge_type, period_from, period_until,
                            charged_from, seats, amount)
SELECT due.locked_price_id, draft.id, due.charge_type, due.period_from, due.period_until,
       due.period_from, due.seats, due.amount
FROM due JOIN draft ON draft.buyer_id = due.buyer_id AND draft.currency = due.currency
"""  # noqa: S608 -- made of constants; every value is a parameter

COUNT_DRAFTS = """
SELECT count(*) FROM billing_invoice WHERE seller_id = %(seller)s AND month = %(month)s
"""

# The counter's row stays locked until the end, which is the next two statements.
NUMBERS = """
INSERT INTO billing_numberseries AS s (seller_id, year, last)
VALUES (%(seller)s, %(year)s, %(count)s)
ON CONFLICT (seller_id, year) DO UPDATE SET last = s.last + excluded.last
RETURNING last - %(count)s
"""

_PARTY = """jsonb_build_object('name', {t}.name, 'street', {t}.street, 'postal_code',
      {t}.postal_code, 'city', {t}.city, 'country', {t}.country, 'tax_id', {t}.tax_id,
      'domain', {t}.domain, 'partner_id',
      (SELECT p.mpn_id FROM tenants_partner p WHERE p.tenant_id = {t}.id))"""

# The balance of the newest earlier invoice is carried if it is below zero: that one has
# already carried what came before it.
FINALISE = f"""
UPDATE billing_invoice i SET
  number = %(year)s || '-' || lpad((%(first)s + n.position)::text, 6, '0'),
  finalised_at = %(at)s, line_count = n.lines, net_total = n.net,
  brought_forward = n.brought_forward, total = n.net + n.brought_forward,
  parties = jsonb_build_object('seller', {_PARTY.format(t="seller")},
                               'buyer', {_PARTY.format(t="buyer")})
FROM (
  SELECT d.id, sums.lines, sums.net,
    row_number() OVER (ORDER BY d.buyer_id, d.currency) AS position,
    coalesce((
      SELECT least(e.total, 0) FROM billing_invoice e
      WHERE e.seller_id = d.seller_id AND e.buyer_id = d.buyer_id AND e.currency = d.currency
        AND e.month < d.month ORDER BY e.month DESC LIMIT 1), 0) AS brought_forward
  FROM billing_invoice d
  JOIN (SELECT c.invoice_id, count(*) AS lines, sum(c.amount) AS net
        FROM billing_charge c JOIN billing_invoice e ON e.id = c.invoice_id
        WHERE e.seller_id = %(seller)s AND e.month = %(month)s
        GROUP BY c.invoice_id) sums ON sums.invoice_id = d.id
) n, tenants_tenant seller, tenants_tenant buyer
WHERE i.id = n.id AND seller.id = i.seller_id AND buyer.id = i.buyer_id
"""  # noqa: S608 -- made of constants; every value is a parameter
