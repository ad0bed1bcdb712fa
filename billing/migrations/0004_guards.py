"""What the database refuses in this app, whoever asks."""

from django.db import migrations

# R13, R14. Checks on many rows are statement triggers on transition tables: an import of
# 500,000 prices is checked once. Locking the head FOR SHARE makes the check hold against a
# list that is being scheduled at the same moment (which holds it FOR UPDATE).
PRICE_LISTS = """
ALTER TABLE billing_pricelist ADD CONSTRAINT billing_price_list_visible_thirty_days_before
  CHECK (visible_from < ((effective_on - 29)::timestamp AT TIME ZONE 'UTC'));

CREATE FUNCTION billing_keep_price_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.scheduled_at IS NOT NULL AND (TG_OP = 'DELETE' OR OLD.published_at IS NOT NULL
     OR to_jsonb(NEW) - 'published_at' <> to_jsonb(OLD) - 'published_at') THEN
    RAISE EXCEPTION 'a scheduled price list never changes (R14); a correction is a new list'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_keep_price_list';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER billing_keep_price_list BEFORE UPDATE OR DELETE ON billing_pricelist
  FOR EACH ROW EXECUTE FUNCTION billing_keep_price_list();

CREATE FUNCTION billing_keep_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM billing_pricelist
    WHERE id IN (SELECT price_list_id FROM touched) ORDER BY id FOR SHARE;
  IF EXISTS (SELECT 1 FROM billing_pricelist WHERE scheduled_at IS NOT NULL
             AND id IN (SELECT price_list_id FROM touched)) THEN
    RAISE EXCEPTION 'the prices of a scheduled list never change (R14)'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_keep_prices';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER billing_keep_prices_insert AFTER INSERT ON billing_price
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_keep_prices();
CREATE TRIGGER billing_keep_prices_update AFTER UPDATE ON billing_price
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_keep_prices();
CREATE TRIGGER billing_keep_prices_delete AFTER DELETE ON billing_price
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_keep_prices();
CREATE TRIGGER billing_prices_never_truncated BEFORE TRUNCATE ON billing_price
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
"""

LEDGER = """
CREATE TRIGGER billing_locked_prices_append_only BEFORE UPDATE OR DELETE ON billing_lockedprice
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_locked_prices_never_truncated BEFORE TRUNCATE ON billing_lockedprice
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_quotes_append_only BEFORE UPDATE OR DELETE ON billing_quote
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_orders_append_only BEFORE UPDATE OR DELETE ON billing_order
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_order_lines_append_only BEFORE UPDATE OR DELETE ON billing_orderline
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();

-- A charge may be put on an invoice once. The WHEN clause keeps that one update cheap.
CREATE TRIGGER billing_charges_keep BEFORE UPDATE ON billing_charge
  FOR EACH ROW WHEN (OLD.invoice_id IS NOT NULL
    OR (OLD.id, OLD.locked_price_id, OLD.seat_change_id, OLD.charge_type, OLD.period_from,
        OLD.period_until, OLD.charged_from, OLD.seats, OLD.amount)
      IS DISTINCT FROM
       (NEW.id, NEW.locked_price_id, NEW.seat_change_id, NEW.charge_type, NEW.period_from,
        NEW.period_until, NEW.charged_from, NEW.seats, NEW.amount))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_charges_never_deleted BEFORE DELETE ON billing_charge
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_charges_never_truncated BEFORE TRUNCATE ON billing_charge
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();

CREATE FUNCTION billing_no_line_after_finalising() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM billing_invoice WHERE finalised_at IS NOT NULL
             AND id IN (SELECT DISTINCT invoice_id FROM touched)) THEN
    RAISE EXCEPTION 'a finalised invoice takes no further line'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_no_line_after_finalising';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER billing_no_line_after_finalising_insert AFTER INSERT ON billing_charge
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
  EXECUTE FUNCTION billing_no_line_after_finalising();
CREATE TRIGGER billing_no_line_after_finalising_update AFTER UPDATE ON billing_charge
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
  EXECUTE FUNCTION billing_no_line_after_finalising();
"""

# An invoice is inserted as a draft and finalised in the same transaction; then its lines,
# their sum and the numbers before it are checked once, for the whole statement.
INVOICES = """
CREATE FUNCTION billing_keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    RAISE EXCEPTION 'an invoice starts as a draft'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_invoice_starts_as_draft';
  END IF;
  IF TG_OP = 'DELETE'
     OR to_jsonb(NEW) - '{mailed_at,paid_on,paid_by_id}'::text[]
        <> to_jsonb(OLD) - '{mailed_at,paid_on,paid_by_id}'::text[]
     OR (OLD.paid_on IS NOT NULL
         AND (NEW.paid_on, NEW.paid_by_id) IS DISTINCT FROM (OLD.paid_on, OLD.paid_by_id)) THEN
    RAISE EXCEPTION 'a finalised invoice never changes; a correction is a credit note'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_keep_invoice';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_keep_invoice_insert BEFORE INSERT ON billing_invoice
  FOR EACH ROW WHEN (NEW.finalised_at IS NOT NULL) EXECUTE FUNCTION billing_keep_invoice();
CREATE TRIGGER billing_keep_invoice_update BEFORE UPDATE OR DELETE ON billing_invoice
  FOR EACH ROW WHEN (OLD.finalised_at IS NOT NULL) EXECUTE FUNCTION billing_keep_invoice();
CREATE TRIGGER billing_invoices_never_truncated BEFORE TRUNCATE ON billing_invoice
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();

CREATE FUNCTION billing_check_finalised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM after_rows a JOIN before_rows b USING (id)
    LEFT JOIN (SELECT invoice_id, sum(amount) AS net, count(*) AS lines FROM billing_charge
               WHERE invoice_id IN (SELECT a.id FROM after_rows a JOIN before_rows b USING (id)
                                    WHERE a.finalised_at IS NOT NULL AND b.finalised_at IS NULL)
               GROUP BY invoice_id) s ON s.invoice_id = a.id
    WHERE a.finalised_at IS NOT NULL AND b.finalised_at IS NULL
      AND (s.net IS DISTINCT FROM a.net_total OR s.lines IS DISTINCT FROM a.line_count)) THEN
    RAISE EXCEPTION 'an invoice is the sum of its lines'
      USING ERRCODE = '23514', CONSTRAINT = 'billing_invoice_is_sum_of_lines';
  END IF;
  IF EXISTS (
    SELECT 1
    FROM (SELECT DISTINCT a.seller_id, extract(year FROM a.issued_on)::int AS year
          FROM after_rows a JOIN before_rows b USING (id)
          WHERE a.finalised_at IS NOT NULL AND b.finalised_at IS NULL) t
    CROSS JOIN LATERAL (
      SELECT count(*) AS n, min(split_part(i.number, '-', 2)::int) AS first,
             max(split_part(i.number, '-', 2)::int) AS last
      FROM billing_invoice i
      WHERE i.seller_id = t.seller_id AND i.number LIKE t.year || '-%') n
    LEFT JOIN billing_numberseries s ON s.seller_id = t.seller_id AND s.year = t.year
    WHERE n.first <> 1 OR n.last <> n.n OR s.last IS DISTINCT FROM n.last) THEN
    RAISE EXCEPTION 'invoice numbers have no gaps'
      USING ERRCODE = '23514', CONSTRAINT = 'billing_numbers_without_gaps';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER billing_check_finalised AFTER UPDATE ON billing_invoice
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT
  EXECUTE FUNCTION billing_check_finalised();

CREATE TRIGGER billing_series_never_deleted BEFORE DELETE ON billing_numberseries
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_series_only_grow BEFORE UPDATE ON billing_numberseries
  FOR EACH ROW WHEN (NEW.last <= OLD.last OR NEW.seller_id <> OLD.seller_id
                     OR NEW.year <> OLD.year)
  EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_initial"), ("subscriptions", "0003_guards")]
    operations = [
        migrations.RunSQL(PRICE_LISTS, migrations.RunSQL.noop),
        migrations.RunSQL(LEDGER, migrations.RunSQL.noop),
        migrations.RunSQL(INVOICES, migrations.RunSQL.noop),
    ]
