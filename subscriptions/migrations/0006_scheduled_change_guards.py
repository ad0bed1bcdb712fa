"""What the database refuses of scheduled changes: they are history once closed."""

from django.db import migrations

SCHEDULED_CHANGES = """
CREATE FUNCTION subscriptions_closed_changes_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a scheduled change that is closed stays as it is'
    USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_closed_changes_stay';
END $$;
CREATE TRIGGER subscriptions_closed_changes_stay BEFORE UPDATE ON subscriptions_scheduledchange
  FOR EACH ROW WHEN (OLD.outcome <> '') EXECUTE FUNCTION subscriptions_closed_changes_stay();
CREATE TRIGGER subscriptions_changes_never_deleted BEFORE DELETE ON subscriptions_scheduledchange
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0005_scheduled_changes")]
    operations = [migrations.RunSQL(SCHEDULED_CHANGES, migrations.RunSQL.noop)]
