"""What was asked of the vendor's support, and the answer, stay."""

from django.db import migrations

REQUESTS = """
CREATE TRIGGER subscriptions_answered_requests_stay BEFORE UPDATE
  ON subscriptions_cancellationrequest FOR EACH ROW WHEN (OLD.answer <> ''
    OR (OLD.subscription_id, OLD.assigned_seats, OLD.asked_at, OLD.asked_by_id)
      IS DISTINCT FROM (NEW.subscription_id, NEW.assigned_seats, NEW.asked_at, NEW.asked_by_id))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER subscriptions_requests_never_deleted BEFORE DELETE
  ON subscriptions_cancellationrequest FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0017_cancellation_requests")]
    operations = [migrations.RunSQL(REQUESTS, migrations.RunSQL.noop)]
