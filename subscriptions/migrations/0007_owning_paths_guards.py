"""Each channel has its own path to write by, and every fact its right actor (R3, R6, R10)."""

from django.db import migrations

# The path is named per channel: SET LOCAL csp.owning_path = 'direct'. Partner of record is
# written by one database function only, which neither a partner nor a customer reaches.
SUBSCRIPTION = """
CREATE OR REPLACE FUNCTION subscriptions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE path text := coalesce(current_setting('csp.owning_path', true), '');
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'subscriptions are never deleted'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_never_deleted';
  END IF;
  IF NEW.channel <> OLD.channel OR NEW.tenant_id <> OLD.tenant_id
     OR NEW.public_id <> OLD.public_id THEN
    RAISE EXCEPTION 'a subscription keeps its channel and tenant (R4)'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_keep_channel';
  END IF;
  IF OLD.channel <> 'csp' AND path NOT IN (OLD.channel, 'partner of record') THEN
    RAISE EXCEPTION 'a % subscription is changed by its own channel only (R3, R6)', OLD.channel
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_only_own_channel';
  END IF;
  IF NEW.partner_of_record_id IS DISTINCT FROM OLD.partner_of_record_id
     AND path <> 'partner of record' THEN
    RAISE EXCEPTION 'partner of record is changed by operators only, with a reason (R6)'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_keep_partner_of_record';
  END IF;
  IF path = 'partner of record' AND OLD.channel <> 'csp'
     AND to_jsonb(NEW) - 'partner_of_record_id' - 'exclusive_channel'
      <> to_jsonb(OLD) - 'partner_of_record_id' - 'exclusive_channel' THEN
    RAISE EXCEPTION 'this path writes partner of record and nothing else'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_only_own_channel';
  END IF;
  RETURN NEW;
END $$;
"""

# Every change of seats or state leaves a fact that says for which organisation it was made.
FACTS = """
CREATE FUNCTION subscriptions_fact_by_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held record;
BEGIN
  SELECT s.channel, s.tenant_id INTO held
    FROM subscriptions_term t JOIN subscriptions_subscription s ON s.id = t.subscription_id
    WHERE t.id = NEW.term_id;
  IF held.channel <> 'csp' AND NEW.acting_for_id <> held.tenant_id THEN
    RAISE EXCEPTION 'a % subscription is changed by its own channel only (R3)', held.channel
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_only_own_channel';
  END IF;
  IF held.channel = 'csp' AND NEW.acting_for_id = held.tenant_id
     AND NEW.kind NOT LIKE 'transferred%' THEN
    RAISE EXCEPTION 'a customer changes nothing on a CSP subscription (R10)'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_customer_changes_no_csp';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_fact_by_its_owner BEFORE INSERT ON subscriptions_seatchange
  FOR EACH ROW WHEN (NEW.acting_for_id IS NOT NULL)
  EXECUTE FUNCTION subscriptions_fact_by_its_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0006_scheduled_change_guards")]
    operations = [
        migrations.RunSQL(SUBSCRIPTION, migrations.RunSQL.noop),
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
    ]
