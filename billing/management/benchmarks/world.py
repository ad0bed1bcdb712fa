"""
A made-up market for the benchmarks, built by a handful of statements.

Twenty partners, ten subscriptions a customer, two legs each, on monthly plans that started
in the eleven months before. October 2026 is closed. In November one subscription in ten
had its seats changed, and those changes are charged as an order would have charged them.
"""

from dataclasses import dataclass

from django.db import connection, transaction

PARTNERS = 20
SUBSCRIPTIONS_PER_CUSTOMER = 10
ONE_IN = 10  # subscriptions whose seats change in the month

# Rule 2 in whole numbers, so that ties are ties: prices have 4 decimals, amounts 2. Twice
# the amount in cents, plus one, halved and cut off is the amount, halves away from zero.
PRORATED = """
  sign({seats}::numeric) * div(2 * (l.unit_price * 10000) * abs({seats}) * ({until} - {day})
      + 100 * ({until} - {start}), 200 * ({until} - {start})) / 100"""

_TENANTS = """
INSERT INTO tenants_tenant (id, public_id, name, domain, country, currency, street, postal_code,
                            city, tax_id, is_vendor, exclusive_channel, created_at)
SELECT n, gen_random_uuid(), 'Tenant ' || n, 't' || n || '.example', 'DE', 'EUR',
       'Hauptstr. ' || n, '10115', 'Berlin', '', n = 1,
       CASE WHEN n > %(partners)s + 1 THEN 'csp' ELSE '' END, '2025-01-01'
FROM generate_series(1, 1 + %(partners)s + %(customers)s) n"""

_PEOPLE = """
INSERT INTO tenants_user (id, password, is_superuser, first_name, last_name, is_staff, is_active,
                          date_joined, email)
VALUES (1, '!', false, 'Ada', 'Keller', false, true, '2025-01-01', 'ada@t2.example')"""

_PARTNERS = """
INSERT INTO tenants_partner (id, tenant_id, mpn_id, kind, joined_on)
SELECT n, n + 1, 'P' || n, 'direct_partner', '2025-01-01' FROM generate_series(1, %(partners)s) n"""

_RELATIONSHIPS = """
INSERT INTO relationships_relationship (public_id, partner_id, customer_id, has_delegated_admin,
                                        started_on, attested_by_id, attested_on)
SELECT gen_random_uuid(), 1 + c %% %(partners)s, 1 + %(partners)s + c, true, '2025-06-01', 1,
       '2025-06-01'
FROM generate_series(1, %(customers)s) c"""

_OFFER = """
INSERT INTO subscriptions_offer (id, public_id, sku, title, product_family, description,
    is_add_on, is_trial, seat_minimum, seat_maximum, seat_reduction, state)
VALUES (1, gen_random_uuid(), 'CFQ7TTC0LCHC:0002', 'Business Premium', '', '', false, false,
        1, 10000, 'any_time', 'available')"""

_SUBSCRIPTIONS = """
INSERT INTO subscriptions_subscription (id, public_id, tenant_id, channel, reference, offer_id,
    title, partner_id, state, is_trial, seats, assigned_seats, starts_on, ends_on, auto_renew,
    note, created_at)
SELECT n, gen_random_uuid(), 1 + %(partners)s + c, 'csp', '', 1, 'Business Premium',
       1 + c %% %(partners)s, 'active', false, 5 + n %% 50, 0, s.on, s.on + interval '1 year',
       true, '', s.on
FROM generate_series(1, %(scale)s) n
CROSS JOIN LATERAL (SELECT 1 + (n - 1) / %(each)s AS c) c
CROSS JOIN LATERAL (SELECT date '2025-12-02' + n * 7 %% 330 AS on) s"""

_TERMS = """
INSERT INTO subscriptions_term (id, subscription_id, number, duration, anchor_on, starts_on,
                                ends_on, opening_seats, billable_seats)
SELECT id, id, 1, 'P1Y', starts_on, starts_on, ends_on, 0, seats
FROM subscriptions_subscription"""

_ORDERED = """
INSERT INTO subscriptions_seatchange (public_id, term_id, kind, effective_on, seats_before,
    seats_after, billable_delta, reason, recorded_at, by_id, acting_for_id)
SELECT gen_random_uuid(), id, 'ordered', starts_on, 0, opening, opening, '', starts_on, 1, 2
FROM subscriptions_term
CROSS JOIN LATERAL (
  SELECT billable_seats - CASE WHEN id %% %(one_in)s = 0 THEN 3 ELSE 0 END AS opening) o"""

_CHANGED = """
INSERT INTO subscriptions_seatchange (public_id, term_id, kind, effective_on, seats_before,
    seats_after, billable_delta, reason, recorded_at, by_id, acting_for_id)
SELECT gen_random_uuid(), id, 'seats', date '2026-11-01' + (id %% 30)::int,
       billable_seats - 3, billable_seats, 3, '', '2026-11-30', 1, 2
FROM subscriptions_term WHERE id %% %(one_in)s = 0"""

_LOCKED_PRICES = """
INSERT INTO billing_lockedprice (term_id, leg, seller_id, buyer_id, subscription_id, currency,
    minor_units, plan, period_months, segment, unit_price, price_source, offer_title, offer_sku)
SELECT s.id, leg, CASE leg WHEN 1 THEN 1 ELSE s.partner_id + 1 END,
       CASE leg WHEN 1 THEN s.partner_id + 1 ELSE s.tenant_id END, s.id, 'EUR', 2, 'monthly', 1,
       'commercial', CASE leg WHEN 1 THEN 16.48 ELSE 20.60 END + (s.id %% 100) * 0.0101,
       'price list 1 Dec 2025', 'Business Premium', 'CFQ7TTC0LCHC:0002'
FROM subscriptions_subscription s CROSS JOIN generate_series(1, 2) leg"""

_OCTOBER_INVOICES = """
INSERT INTO billing_invoice (public_id, seller_id, buyer_id, currency, month, issued_on, due_on,
                             line_count, net_total, brought_forward, total, parties)
SELECT DISTINCT ON (seller_id, buyer_id) gen_random_uuid(), seller_id, buyer_id, 'EUR',
       date '2026-10-01', date '2026-11-01', date '2026-12-01', 0, 0, 0, 0, '{}'::jsonb
FROM billing_lockedprice"""

# Who ordered in October has no period charge of October, only the order.
_OCTOBER_CHARGES = """
INSERT INTO billing_charge (locked_price_id, seat_change_id, invoice_id, charge_type,
                            period_from, period_until, charged_from, seats, amount)
SELECT l.id, CASE WHEN p.start = t.starts_on THEN f.id END, i.id,
       CASE WHEN p.start = t.starts_on THEN 'new' ELSE 'cycleCharge' END,
       p.start, (t.anchor_on + make_interval(months => p.k + 1))::date, p.start,
       f.seats_after, round(l.unit_price * f.seats_after, 2)
FROM billing_lockedprice l
JOIN subscriptions_term t ON t.id = l.term_id
JOIN subscriptions_seatchange f ON f.term_id = t.id AND f.kind = 'ordered'
JOIN billing_invoice i ON i.seller_id = l.seller_id AND i.buyer_id = l.buyer_id
CROSS JOIN LATERAL (
  SELECT 2026 * 12 + 10 - date_part('year', t.anchor_on)::int * 12
    - date_part('month', t.anchor_on)::int AS k) k
CROSS JOIN LATERAL (
  SELECT k.k, (t.anchor_on + make_interval(months => k.k))::date AS start) p"""

_OCTOBER_FINAL = """
UPDATE billing_invoice i SET number = '2026-' || lpad(n.position::text, 6, '0'),
  finalised_at = '2026-11-01', mailed_at = '2026-11-01', line_count = n.lines,
  net_total = n.net, total = n.net
FROM (
  SELECT d.id, count(*) AS lines, sum(c.amount) AS net,
    row_number() OVER (PARTITION BY d.seller_id ORDER BY d.id) AS position
  FROM billing_invoice d JOIN billing_charge c ON c.invoice_id = d.id GROUP BY d.id) n
WHERE i.id = n.id"""

_SERIES = """
INSERT INTO billing_numberseries (seller_id, year, last)
SELECT seller_id, 2026, count(*) FROM billing_invoice GROUP BY seller_id"""

_CLOSED = """
INSERT INTO billing_monthclose (seller_id, month, state, attempts, invoices, lines, failure)
SELECT DISTINCT seller_id, date '2026-10-01', 'done', 1, 0, 0, '' FROM billing_invoice"""

_NOVEMBER_CHANGES = f"""
INSERT INTO billing_charge (locked_price_id, seat_change_id, charge_type, period_from,
                            period_until, charged_from, seats, amount)
SELECT l.id, f.id, 'addQuantity', p.start, p.until, f.effective_on, f.billable_delta,
  {
    PRORATED.format(
        seats="f.billable_delta", day="f.effective_on", start="p.start", until="p.until"
    )
}
FROM subscriptions_seatchange f
JOIN subscriptions_term t ON t.id = f.term_id
JOIN billing_lockedprice l ON l.term_id = t.id
CROSS JOIN LATERAL (
  SELECT 2026 * 12 + 11 - date_part('year', t.anchor_on)::int * 12
    - date_part('month', t.anchor_on)::int AS november) m
CROSS JOIN LATERAL (
  SELECT CASE WHEN (t.anchor_on + make_interval(months => m.november))::date <= f.effective_on
         THEN m.november ELSE m.november - 1 END AS k) k
CROSS JOIN LATERAL (
  SELECT (t.anchor_on + make_interval(months => k.k))::date AS start,
         (t.anchor_on + make_interval(months => k.k + 1))::date AS until) p
WHERE f.kind = 'seats'"""  # noqa: S608 -- made of constants


@dataclass(frozen=True, slots=True)
class Market:
    """How big the made-up market is."""

    subscriptions: int
    partners: int = PARTNERS

    @property
    def customers(self) -> int:
        return -(-self.subscriptions // SUBSCRIPTIONS_PER_CUSTOMER)

    def build(self) -> None:
        """Fill the empty tables of the connected database, and tell the planner."""
        parameters = {
            "scale": self.subscriptions,
            "partners": self.partners,
            "customers": self.customers,
            "each": SUBSCRIPTIONS_PER_CUSTOMER,
            "one_in": ONE_IN,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement, parameters)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


STATEMENTS = (
    *(_TENANTS, _PEOPLE, _PARTNERS, _RELATIONSHIPS, _OFFER, _SUBSCRIPTIONS, _TERMS, _ORDERED),
    *(_CHANGED, _LOCKED_PRICES, _OCTOBER_INVOICES, _OCTOBER_CHARGES, _SERIES, _OCTOBER_FINAL),
    *(_CLOSED, _NOVEMBER_CHANGES),
)
