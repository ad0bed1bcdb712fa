"""Compare licences with the assigned seats as they are at the commit, not as they were."""

from django.db import migrations

# The trigger is deferred: a transaction may take a licence and give it again, and NEW is the
# row as it was in between.
LICENCES = """
CREATE OR REPLACE FUNCTION subscriptions_assigned_cover_licences() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM subscriptions_licenceassignment WHERE subscription_id = NEW.id)
     > (SELECT assigned_seats FROM subscriptions_subscription WHERE id = NEW.id) THEN
    RAISE EXCEPTION 'more licences than assigned seats of subscription %', NEW.id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_licences_within_assigned';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0020_live_listed")]
    operations = [migrations.RunSQL(LICENCES, migrations.RunSQL.noop)]
