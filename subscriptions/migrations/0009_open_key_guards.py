"""A key works once, and every try to redeem one stays counted."""

from django.db import migrations

KEYS = """
CREATE TRIGGER subscriptions_used_keys_stay BEFORE UPDATE ON subscriptions_openkey
  FOR EACH ROW WHEN (OLD.redeemed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL
    OR (OLD.public_id, OLD.key_hash, OLD.ending, OLD.offer_id, OLD.seats, OLD.months,
        OLD.agreement, OLD.redeem_until, OLD.issued_at, OLD.issued_by_id)
      IS DISTINCT FROM
       (NEW.public_id, NEW.key_hash, NEW.ending, NEW.offer_id, NEW.seats, NEW.months,
        NEW.agreement, NEW.redeem_until, NEW.issued_at, NEW.issued_by_id))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER subscriptions_keys_never_deleted BEFORE DELETE ON subscriptions_openkey
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER subscriptions_tries_append_only BEFORE UPDATE OR DELETE ON subscriptions_keyattempt
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0008_open_keys")]
    operations = [migrations.RunSQL(KEYS, migrations.RunSQL.noop)]
