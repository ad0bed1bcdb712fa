"""A scheduled change is made and taken back by whoever manages the channel (R3, R10)."""

from django.db import migrations

SCHEDULED = """
CREATE FUNCTION subscriptions_scheduled_by_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held record;
  actor bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.acting_for_id ELSE NEW.closed_for_id END;
BEGIN
  SELECT s.channel, s.tenant_id INTO held
    FROM subscriptions_subscription s WHERE s.id = NEW.subscription_id;
  IF held.channel <> 'csp' AND actor <> held.tenant_id THEN
    RAISE EXCEPTION 'a % subscription is changed by its own channel only (R3)', held.channel
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_only_own_channel';
  END IF;
  IF held.channel = 'csp' AND actor = held.tenant_id THEN
    RAISE EXCEPTION 'a customer changes nothing on a CSP subscription (R10)'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_customer_changes_no_csp';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_scheduled_by_its_owner BEFORE INSERT ON subscriptions_scheduledchange
  FOR EACH ROW WHEN (NEW.acting_for_id IS NOT NULL)
  EXECUTE FUNCTION subscriptions_scheduled_by_its_owner();
CREATE TRIGGER subscriptions_taken_back_by_its_owner BEFORE UPDATE ON subscriptions_scheduledchange
  FOR EACH ROW WHEN (NEW.outcome = 'undone' AND NEW.closed_for_id IS NOT NULL)
  EXECUTE FUNCTION subscriptions_scheduled_by_its_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0025_closed_for")]
    operations = [migrations.RunSQL(SCHEDULED, migrations.RunSQL.noop)]
