"""Ending a relationship and selling under it exclude each other."""

from django.db import migrations

# A new CSP subscription holds its relationship FOR SHARE until the commit, so that it cannot
# end meanwhile; whoever ends it waits, and then sees the new subscription.
NEEDS_RELATIONSHIP = """
CREATE OR REPLACE FUNCTION subscriptions_csp_needs_relationship() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM relationships_relationship
    WHERE customer_id = NEW.tenant_id AND partner_id = NEW.partner_id AND ended_on IS NULL
    FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'partner % has no active relationship with tenant %',
      NEW.partner_id, NEW.tenant_id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_csp_needs_relationship';
  END IF;
  RETURN NEW;
END $$;
"""

ENDING = """
CREATE FUNCTION subscriptions_ending_leaves_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM subscriptions_subscription
             WHERE tenant_id = NEW.customer_id AND partner_id = NEW.partner_id
               AND exclusive_channel = 'csp') THEN
    RAISE EXCEPTION 'a CSP subscription of this relationship is active or suspended'
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_ending_leaves_nothing';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_ending_leaves_nothing
  BEFORE UPDATE OF ended_on ON relationships_relationship
  FOR EACH ROW WHEN (OLD.ended_on IS NULL AND NEW.ended_on IS NOT NULL)
  EXECUTE FUNCTION subscriptions_ending_leaves_nothing();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0011_moving"),
        ("relationships", "0012_transfers"),
    ]
    operations = [
        migrations.RunSQL(NEEDS_RELATIONSHIP, migrations.RunSQL.noop),
        migrations.RunSQL(ENDING, migrations.RunSQL.noop),
    ]
