"""The statements that make very many rows. `h` is a number that looks random."""

from collections.abc import Iterator

from billing.models import Charge, Invoice, LockedPrice, Order, OrderLine, Quote
from relationships.models import CustomerTag, Invitation, Relationship
from subscriptions.models import SeatChange, Subscription, Term
from tenants.models import Domain, Tenant

from .inserting import insert_select

EACH = 10
CSP = 6
PRIME = 2654435761

# One tenant in fifty is Syndication's; every tenth of the others is Tailspin's.
_KIND = "(n % 50 = 0)"
_PARTNER = "(CASE WHEN n % 10 = 3 THEN %(tailspin)s ELSE %(fabrikam)s END)"
_SELLS = "(CASE WHEN n % 10 = 3 THEN %(nora)s ELSE %(ada)s END)"
_FIRST = """(ARRAY['Nordsee','Alpen','Märkische','Rhein','Elbe','Schwarzwald','Hansa','Baltic',
 'Adler','Löwen','Phönix','Merkur','Jupiter','Orion','Saturn','Atlas','Vesta','Aurora','Boreal',
 'Cobalt','Delta','Ember','Falken','Granit','Havel','Isar','Jasmin','Kastanien','Linden','Møller',
 'Neckar','Oder','Pfalz','Quell','Ravens','Spree','Tauber','Ufer','Vogtland','Weser','Xanten',
 'Ystad','Zeppelin','Birken','Château','Dünen','Eifel','Förde','Gæst','Heide'])[1 + h % 50]"""
_SECOND = """(ARRAY['Logistik','Bau','Medien','Pharma','Energie','Textil','Druck','Maschinen',
 'Optik','Beratung','Immobilien','Software','Akademie','Versicherung','Spedition','Elektro',
 'Lebensmittel','Holz','Stahl','Werkzeug','Reisen','Klinik','Verlag','Brauerei','Gartenbau',
 'Feinkost','Robotik','Telekom','Wasser','Umwelt','Design','Chemie','Papier','Glas','Keramik',
 'Möbel','Mode','Schiffbau','Flugzeug','Sport'])[1 + h / 50 % 40]"""
_LEGAL = "(ARRAY['GmbH','AG','KG','e.K.','SE','UG'])[1 + h / 2000 % 6]"
_CITY = "(ARRAY['Hamburg','Berlin','Köln','München','Leipzig','Bremen','Kiel','Jena'])[1 + h % 8]"

_HASHED = f"""generate_series(1, %(customers)s) n
 CROSS JOIN LATERAL (SELECT (n * {PRIME}::bigint % 1000003)::int AS h) h"""

_TENANTS = insert_select(
    Tenant,
    {
        "id": "%(tenants)s + n",
        "public_id": "gen_random_uuid()",
        "name": f"{_FIRST} || ' ' || {_SECOND} || ' ' || {_LEGAL} || ' ' || n",
        "domain": "'c' || n || '.scale.example'",
        "country": "'DE'",
        "currency": "'EUR'",
        "street": "'Hauptstraße ' || 1 + h % 90",
        "postal_code": "(10000 + h % 80000)::text",
        "city": _CITY,
        "exclusive_channel": f"CASE WHEN {_KIND} THEN 'syndication' ELSE 'csp' END",
        "created_at": "%(today)s::timestamptz - make_interval(days => 30 + h % 700)",
    },
    _HASHED,
)
_DOMAINS = insert_select(
    Domain,
    {"tenant_id": "%(tenants)s + n", "name": "'c' || n || '.scale.example'"},
    "generate_series(1, %(customers)s) n",
)
_INVITATIONS = insert_select(
    Invitation,
    {
        "id": "%(invitations)s + n",
        "partner_id": _PARTNER,
        "token_hash": "sha256(convert_to('scale ' || n, 'UTF8'))",
        "has_delegated_admin": "h % 4 <> 0",
        "customer_name": f"{_FIRST} || ' ' || {_SECOND} || ' ' || {_LEGAL} || ' ' || n",
        "email": "'it@c' || n || '.scale.example'",
        "created_at": "%(today)s::timestamptz - make_interval(days => h % 360, secs => n % 80000)",
        "created_by_id": _SELLS,
        "expires_on": "%(today)s::date - h % 360 + 30",
        "last_sent_at": "%(today)s::timestamptz - make_interval(days => h % 360)",
    },
    f"{_HASHED} WHERE n % 4 = 1",
)
_RELATIONSHIPS = insert_select(
    Relationship,
    {
        "partner_id": _PARTNER,
        "customer_id": "%(tenants)s + n",
        "has_delegated_admin": "h % 4 <> 0",
        "started_on": "%(today)s::date - 400 - h % 300",
        "attested_by_id": _SELLS,
        "attested_on": "%(today)s::date - 400 - h % 300",
    },
    f"{_HASHED} WHERE NOT {_KIND}",
)
_TAGS = insert_select(
    CustomerTag,
    {
        "partner_id": _PARTNER,
        "customer_id": "%(tenants)s + n",
        "word": "(ARRAY['Key account','School','Priority','Renewal at risk','Public sector'])"
        "[1 + n % 5]",
    },
    f"generate_series(1, %(customers)s) n WHERE n % 4 = 1 AND NOT {_KIND}",
)

_ONE_OF = f"""generate_series(1, %(customers)s) n CROSS JOIN generate_series(1, %(each)s) k
 CROSS JOIN LATERAL (SELECT ((n * 11 + k) * {PRIME}::bigint % 1000003)::int AS h) h
 CROSS JOIN LATERAL (SELECT CASE WHEN k <= {CSP} THEN 'csp' WHEN k < 9 THEN 'direct'
   WHEN k = 9 THEN 'advisor' WHEN n % 2 = 0 THEN 'open' ELSE 'ea' END AS channel) c
 CROSS JOIN LATERAL (SELECT CASE WHEN h % 1000 < 920 THEN 'active' WHEN h % 1000 < 950
   THEN 'suspended' WHEN h % 1000 < 955 THEN 'grace' WHEN h % 1000 < 975 THEN 'cancelled'
   ELSE 'expired' END AS state) s
 CROSS JOIN LATERAL (SELECT k <= {CSP} AND h % 10 = 1 AS monthly) m
 CROSS JOIN LATERAL (SELECT %(today)s::date - CASE WHEN s.state = 'expired' THEN 366 + h % 200
   WHEN monthly THEN h % 28 ELSE h % 364 END AS starts) d
 CROSS JOIN LATERAL (SELECT (starts + CASE WHEN monthly THEN interval '1 month'
   ELSE interval '1 year' END)::date AS ends) e
 JOIN subscriptions_offer o ON o.id = CASE WHEN k = {CSP}
   THEN (%(add_ons)s::bigint[])[1 + h %% cardinality(%(add_ons)s::bigint[])]
   ELSE (%(offers)s::bigint[])[1 + h %% cardinality(%(offers)s::bigint[])] END
 WHERE NOT {_KIND}"""
_SUBSCRIPTIONS = insert_select(
    Subscription,
    {
        "id": "%(subscriptions)s + (n - 1) * %(each)s + k",
        "tenant_id": "%(tenants)s + n",
        "channel": "channel",
        "reference": "CASE WHEN channel = 'csp' THEN '' ELSE 'SC-' || n || '-' || k END",
        "offer_id": "o.id",
        "title": "o.title",
        "partner_id": f"CASE WHEN channel = 'csp' THEN {_PARTNER} END",
        "partner_of_record_id": "CASE WHEN channel = 'advisor' THEN %(fabrikam)s END::bigint",
        "base_id": f"CASE WHEN k = {CSP} THEN %(subscriptions)s + (n - 1) * %(each)s + 1 END",
        "state": "s.state",
        "seats": "2 + h % 250",
        "assigned_seats": "h % 250",
        "starts_on": "starts",
        "ends_on": "ends",
        "auto_renew": "h % 20 <> 0",
        "suspended_on": "CASE WHEN s.state = 'suspended' THEN %(today)s::date - 9 END",
        "created_at": "starts::timestamptz",
    },
    _ONE_OF,
)
_SYNDICATED = insert_select(
    Subscription,
    {
        "id": "%(subscriptions)s + (n - 1) * %(each)s + 1",
        "tenant_id": "%(tenants)s + n",
        "channel": "'syndication'",
        "reference": "'SC-SYN-' || n",
        "title": "'Office Suite E3'",
        "state": "'active'",
        "seats": "60",
        "starts_on": "%(today)s::date - 100",
        "ends_on": "%(today)s::date + 265",
        "created_at": "%(today)s::timestamptz - interval '100 days'",
    },
    f"generate_series(1, %(customers)s) n WHERE {_KIND}",
)

_SOLD = "subscriptions_subscription s WHERE s.id > %(subscriptions)s AND s.channel = 'csp'"
_NEWER = "s.id - %(subscriptions)s"
_TERMS = insert_select(
    Term,
    {
        "id": f"%(terms)s + {_NEWER}",
        "subscription_id": "s.id",
        "number": "1",
        "duration": "CASE WHEN s.ends_on - s.starts_on < 32 THEN 'P1M' ELSE 'P1Y' END",
        "anchor_on": "s.starts_on",
        "starts_on": "s.starts_on",
        "ends_on": "s.ends_on",
        "opening_seats": "0",
        "billable_seats": "CASE WHEN s.state IN ('active', 'grace') THEN s.seats ELSE 0 END",
    },
    _SOLD,
)
_FACTS = insert_select(
    SeatChange,
    {
        "id": f"%(seatchanges)s + {_NEWER}",
        "public_id": "gen_random_uuid()",
        "term_id": f"%(terms)s + {_NEWER}",
        "kind": "'ordered'",
        "effective_on": "s.starts_on",
        "seats_before": "0",
        "seats_after": "s.seats",
        "billable_delta": "s.seats",
        "recorded_at": "s.created_at",
        "by_id": "CASE WHEN s.partner_id = %(tailspin)s THEN %(nora)s ELSE %(ada)s END",
        "acting_for_id": "p.tenant_id",
    },
    "subscriptions_subscription s JOIN tenants_partner p ON p.id = s.partner_id"
    " WHERE s.id > %(subscriptions)s AND s.channel = 'csp'",
)
_ENDED = insert_select(
    SeatChange,
    {
        "id": f"%(seatchanges)s + %(customers)s * %(each)s + {_NEWER}",
        "public_id": "gen_random_uuid()",
        "term_id": f"%(terms)s + {_NEWER}",
        "kind": "s.state",
        "effective_on": "coalesce(s.suspended_on, s.ends_on)",
        "seats_before": "s.seats",
        "seats_after": "s.seats",
        "billable_delta": "-s.seats",
        "recorded_at": "s.created_at",
    },
    f"{_SOLD} AND s.state IN ('suspended', 'cancelled', 'expired')",
)
_PRICES = insert_select(
    LockedPrice,
    {
        "term_id": f"%(terms)s + {_NEWER}",
        "leg": "leg",
        "seller_id": "CASE leg WHEN 1 THEN %(vendor)s ELSE p.tenant_id END",
        "buyer_id": "CASE leg WHEN 1 THEN p.tenant_id ELSE s.tenant_id END",
        "subscription_id": "s.id",
        "currency": "'EUR'",
        "minor_units": "2",
        "plan": "CASE WHEN s.id % 10 = 7 THEN 'annual' ELSE 'monthly' END",
        "period_months": "CASE WHEN s.id % 10 = 7 THEN 12 ELSE 1 END",
        "segment": "'commercial'",
        "unit_price": "(CASE leg WHEN 1 THEN 8.40 ELSE 10.00 END + s.offer_id % 20)"
        " * CASE WHEN s.id % 10 = 7 THEN 12 ELSE 1 END",
        "price_source": "'price list at scale'",
        "offer_title": "s.title",
        "offer_sku": "o.sku",
    },
    "subscriptions_subscription s JOIN tenants_partner p ON p.id = s.partner_id"
    " JOIN subscriptions_offer o ON o.id = s.offer_id CROSS JOIN generate_series(1, 2) leg"
    " WHERE s.id > %(subscriptions)s AND s.channel = 'csp'",
)

# Two orders a customer: the other subscriptions came by transfer or from before the portal.
_ORDERED = f"{_SOLD} AND ({_NEWER}) % %(each)s IN (1, 4)"
_QUOTES = insert_select(
    Quote,
    {
        "id": f"%(quotes)s + {_NEWER}",
        "public_id": "gen_random_uuid()",
        "kind": "'new'",
        "partner_id": "s.partner_id",
        "tenant_id": "s.tenant_id",
        "subscription_id": "s.id",
        "offer_id": "s.offer_id",
        "segment": "'commercial'",
        "duration": "'P1Y'",
        "plan": "'monthly'",
        "seats": "s.seats",
        "on": "s.starts_on",
        "created_at": "s.created_at",
        "created_by_id": "CASE WHEN s.partner_id = %(tailspin)s THEN %(nora)s ELSE %(ada)s END",
        "expires_at": "s.created_at + interval '30 minutes'",
        "lines": "'[]'::jsonb",
    },
    _ORDERED,
)
_ORDERS = insert_select(
    Order,
    {
        "id": f"%(orders)s + {_NEWER}",
        "public_id": "gen_random_uuid()",
        "quote_id": f"%(quotes)s + {_NEWER}",
        "partner_id": "s.partner_id",
        "tenant_id": "s.tenant_id",
        "subscription_id": "s.id",
        "placed_at": "s.created_at + make_interval(secs => s.id % 36000)",
        "placed_by_id": "CASE WHEN s.partner_id = %(tailspin)s THEN %(nora)s ELSE %(ada)s END",
    },
    _ORDERED,
)
_ORDER_LINES = insert_select(
    OrderLine,
    {"order_id": f"%(orders)s + {_NEWER}", "seat_change_id": f"%(seatchanges)s + {_NEWER}"},
    _ORDERED,
)

# Last month's bills of the customers: a line for each subscription that is billed by the month.
_MONTH = "(date_trunc('month', %(today)s::date) - interval '1 month')::date"
_MONTHS = f"""(date_part('year', age({_MONTH}, date_trunc('month', t.anchor_on)::date)) * 12
  + date_part('month', age({_MONTH}, date_trunc('month', t.anchor_on)::date)))::int"""
_CHARGES = insert_select(
    Charge,
    {
        "locked_price_id": "l.id",
        "invoice_id": "%(invoices)s + l.buyer_id - %(tenants)s",
        "charge_type": "'cycleCharge'",
        "period_from": "k.day",
        "period_until": "(t.anchor_on + make_interval(months => k.months + 1))::date",
        "charged_from": "k.day",
        "seats": "t.billable_seats",
        "amount": "l.unit_price * t.billable_seats",
    },
    f"""billing_lockedprice l JOIN subscriptions_term t ON t.id = l.term_id
    CROSS JOIN LATERAL (SELECT {_MONTHS} AS months,
      (t.anchor_on + make_interval(months => {_MONTHS}))::date AS day) k
    WHERE l.leg = 2 AND l.plan = 'monthly' AND l.buyer_id > %(tenants)s AND t.billable_seats > 0
      AND k.day >= t.starts_on AND k.day < t.ends_on""",
)
_INVOICES = insert_select(
    Invoice,
    {
        "id": "c.invoice_id",
        "public_id": "gen_random_uuid()",
        "seller_id": "c.seller_id",
        "buyer_id": "c.buyer_id",
        "currency": "'EUR'",
        "month": _MONTH,
        "issued_on": f"({_MONTH} + interval '1 month')::date",
        "due_on": f"({_MONTH} + interval '2 months')::date",
        "number": "to_char(%(today)s::date, 'YYYY-')"
        " || lpad((1000 + row_number() OVER (PARTITION BY c.seller_id ORDER BY c.buyer_id))::text,"
        " 6, '0')",
        "finalised_at": f"{_MONTH} + interval '1 month'",
        "mailed_at": f"{_MONTH} + interval '1 month'",
        "line_count": "c.lines",
        "net_total": "c.net",
        "total": "c.net",
    },
    """(SELECT c.invoice_id, l.seller_id, l.buyer_id, count(*) AS lines, sum(c.amount) AS net
     FROM billing_charge c JOIN billing_lockedprice l ON l.id = c.locked_price_id
     WHERE c.invoice_id > %(invoices)s GROUP BY 1, 2, 3) c""",
)
_NUMBERS = """
INSERT INTO billing_numberseries AS s (seller_id, year, last)
SELECT seller_id, date_part('year', %(today)s::date), 1000 + count(*) FROM billing_invoice
WHERE id > %(invoices)s GROUP BY seller_id
ON CONFLICT (seller_id, year) DO UPDATE SET last = excluded.last"""

# The log through its own function, so that the chains are whole: one entry for each customer.
_LOG = """
SELECT count(tenants_append_activity(t, at, by_id, acting, action, about, words, '{}', '{}'))
FROM (
  SELECT c.id AS t, r.started_on::timestamptz AS at, r.attested_by_id AS by_id,
         p.tenant_id AS acting, 'customer.created' AS action, c.public_id::text AS about,
         'Became a customer of ' || p.tenant_id AS words
  FROM relationships_relationship r JOIN tenants_tenant c ON c.id = r.customer_id
  JOIN tenants_partner p ON p.id = r.partner_id WHERE c.id > %(tenants)s
  ORDER BY 1, 2) e"""

# The two partners' logs, three entries for each customer, after what the demo wrote. That
# function would write one head row 300,000 times, each time more slowly than before.
_PARTNERS_LOG = """
DO $$
DECLARE head record; entry record; n bigint; link bytea; digest bytea;
BEGIN
  FOR head IN SELECT h.* FROM tenants_activityhead h JOIN tenants_partner p USING (tenant_id)
    WHERE p.id IN (%(fabrikam)s, %(tailspin)s)
  LOOP
    n := head.seq; link := head.hash;
    FOR entry IN
      SELECT %(today)s::timestamptz
               - make_interval(mins => (3 * (%(tenants)s + %(customers)s - c.id) - k)::int) AS at,
             r.attested_by_id AS by_id, c.public_id::text AS about,
             (ARRAY['customer.created', 'invitation.sent', 'subscription.ordered'])[k] AS action,
             (ARRAY['Created the customer ', 'Invited ', 'Ordered for '])[k] || c.name AS words
      FROM relationships_relationship r JOIN tenants_tenant c ON c.id = r.customer_id
      JOIN tenants_partner p ON p.id = r.partner_id CROSS JOIN generate_series(1, 3) k
      WHERE c.id > %(tenants)s AND p.tenant_id = head.tenant_id ORDER BY c.id, k
    LOOP
      n := n + 1;
      digest := tenants_activity_hash(link, n, entry.at, entry.by_id, head.tenant_id,
        entry.action, entry.about, entry.words, '{}', '{}');
      INSERT INTO tenants_activity (tenant_id, seq, at, by_id, acting_for_id, action, about,
          summary, before, after, previous_hash, hash)
        VALUES (head.tenant_id, n, entry.at, entry.by_id, head.tenant_id, entry.action,
          entry.about, entry.words, '{}', '{}', link, digest);
      link := digest;
    END LOOP;
    UPDATE tenants_activityhead SET seq = n, hash = link WHERE tenant_id = head.tenant_id;
  END LOOP;
END $$"""


def all_of_them() -> Iterator[tuple[str, str]]:
    """Yield each statement with its title, in an order that the foreign keys allow."""
    for title, statement in (
        ("tenants", _TENANTS),
        ("domains", _DOMAINS),
        ("invitations", _INVITATIONS),
        ("relationships", _RELATIONSHIPS),
        ("tags", _TAGS),
        ("subscriptions", _SUBSCRIPTIONS),
        ("subscriptions of syndication tenants", _SYNDICATED),
        ("terms", _TERMS),
        ("seat changes", _FACTS),
        ("ends", _ENDED),
        ("locked prices", _PRICES),
        ("quotes", _QUOTES),
        ("orders", _ORDERS),
        ("order lines", _ORDER_LINES),
        ("charges", _CHARGES),
        ("invoices", _INVOICES),
        ("invoice numbers", _NUMBERS),
        ("activity of customers", _LOG),
        ("activity of partners", _PARTNERS_LOG),
    ):
        yield title, statement.replace("%%", "%").replace("%", "%%").replace("%%(", "%(")
