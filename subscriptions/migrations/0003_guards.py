"""What the database refuses in this app, whoever asks."""

from django.db import migrations

# R8, the other direction: see relationships 0003.
EXCLUSIVE = """
ALTER TABLE subscriptions_subscription
  ADD CONSTRAINT subscriptions_no_csp_beside_syndication
  FOREIGN KEY (tenant_id, exclusive_channel)
  REFERENCES tenants_tenant (id, exclusive_channel);
"""

# R3, R4, R6. The path that owns a channel (operators' corrections, later the customer's own
# acts) says so for its transaction: SET LOCAL csp.owning_path = 'channel'.
SUBSCRIPTION = """
CREATE FUNCTION subscriptions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF OLD.channel <> 'csp'
     AND coalesce(current_setting('csp.owning_path', true), '') <> 'channel' THEN
    RAISE EXCEPTION 'a % subscription is changed by its own channel only (R3, R6)', OLD.channel
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_only_own_channel';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_guard BEFORE UPDATE OR DELETE ON subscriptions_subscription
  FOR EACH ROW EXECUTE FUNCTION subscriptions_guard();

CREATE FUNCTION subscriptions_csp_needs_relationship() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM relationships_relationship
                 WHERE customer_id = NEW.tenant_id AND partner_id = NEW.partner_id
                   AND ended_on IS NULL) THEN
    RAISE EXCEPTION 'partner % has no active relationship with tenant %',
      NEW.partner_id, NEW.tenant_id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_csp_needs_relationship';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_csp_needs_relationship BEFORE INSERT ON subscriptions_subscription
  FOR EACH ROW WHEN (NEW.channel = 'csp')
  EXECUTE FUNCTION subscriptions_csp_needs_relationship();
"""

TERMS = """
ALTER TABLE subscriptions_term
  ADD CONSTRAINT subscriptions_terms_do_not_overlap
  EXCLUDE USING gist (int8range(subscription_id, subscription_id, '[]') WITH &&,
                      daterange(starts_on, ends_on) WITH &&);

CREATE FUNCTION subscriptions_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a term keeps everything but its billable seats'
    USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_keep_terms';
END $$;
CREATE TRIGGER subscriptions_keep_terms BEFORE UPDATE ON subscriptions_term
  FOR EACH ROW WHEN ((OLD.subscription_id, OLD.number, OLD.duration, OLD.anchor_on, OLD.starts_on,
                      OLD.ends_on, OLD.opening_seats)
    IS DISTINCT FROM (NEW.subscription_id, NEW.number, NEW.duration, NEW.anchor_on, NEW.starts_on,
                      NEW.ends_on, NEW.opening_seats))
  EXECUTE FUNCTION subscriptions_keep_terms();
CREATE TRIGGER subscriptions_terms_never_deleted BEFORE DELETE ON subscriptions_term
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();

CREATE TRIGGER subscriptions_facts_append_only BEFORE UPDATE OR DELETE ON subscriptions_seatchange
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER subscriptions_facts_never_truncated BEFORE TRUNCATE ON subscriptions_seatchange
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_initial"), ("relationships", "0003_guards")]
    operations = [
        migrations.RunSQL(EXCLUSIVE, migrations.RunSQL.noop),
        migrations.RunSQL(SUBSCRIPTION, migrations.RunSQL.noop),
        migrations.RunSQL(TERMS, migrations.RunSQL.noop),
    ]
