"""What a customer consented to stays what it was."""

from django.db import migrations

CONVERSIONS = """
CREATE TRIGGER billing_answered_conversions_stay BEFORE UPDATE ON billing_trialconversion
  FOR EACH ROW WHEN (OLD.answer <> ''
    OR (OLD.partner_id, OLD.trial_id, OLD.offer_id, OLD.seats, OLD.duration, OLD.plan)
      IS DISTINCT FROM
       (NEW.partner_id, NEW.trial_id, NEW.offer_id, NEW.seats, NEW.duration, NEW.plan))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_conversions_never_deleted BEFORE DELETE ON billing_trialconversion
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_trial_conversions")]
    operations = [migrations.RunSQL(CONVERSIONS, migrations.RunSQL.noop)]
