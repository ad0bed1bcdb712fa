"""A licence is for a person of the same tenant, and there are no more than assigned seats."""

from django.db import migrations

# The number changes first: `assigned_seats` goes up before a licence is inserted, and comes
# down after one is deleted. Both writes hold the subscription's row lock.
LICENCES = """
CREATE FUNCTION subscriptions_licence_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held subscriptions_subscription;
BEGIN
  SELECT * INTO held FROM subscriptions_subscription
    WHERE id = NEW.subscription_id FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT 1 FROM tenants_membership
                 WHERE id = NEW.membership_id AND tenant_id = held.tenant_id) THEN
    RAISE EXCEPTION 'person and subscription are of different tenants'
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_licence_in_its_tenant';
  END IF;
  IF (SELECT count(*) FROM subscriptions_licenceassignment
      WHERE subscription_id = NEW.subscription_id) > held.assigned_seats THEN
    RAISE EXCEPTION 'more licences than assigned seats of subscription %', NEW.subscription_id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_licences_within_assigned';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_licence_fits AFTER INSERT ON subscriptions_licenceassignment
  FOR EACH ROW EXECUTE FUNCTION subscriptions_licence_fits();
CREATE TRIGGER subscriptions_licences_not_updated BEFORE UPDATE ON subscriptions_licenceassignment
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();

CREATE FUNCTION subscriptions_assigned_cover_licences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM subscriptions_licenceassignment
      WHERE subscription_id = NEW.id) > NEW.assigned_seats THEN
    RAISE EXCEPTION 'more licences than assigned seats of subscription %', NEW.id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_licences_within_assigned';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER subscriptions_assigned_cover_licences
  AFTER UPDATE ON subscriptions_subscription DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.assigned_seats < OLD.assigned_seats)
  EXECUTE FUNCTION subscriptions_assigned_cover_licences();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0014_licences"), ("tenants", "0008_disabled_members_guards")]
    operations = [migrations.RunSQL(LICENCES, migrations.RunSQL.noop)]
