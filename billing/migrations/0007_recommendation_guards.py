"""What was recommended stays what it was; what was bought of it is bought once."""

from django.db import migrations

RECOMMENDATIONS = """
CREATE TRIGGER billing_recommendations_never_deleted BEFORE DELETE ON billing_recommendation
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_recommendations_keep_partner BEFORE UPDATE ON billing_recommendation
  FOR EACH ROW WHEN (OLD.partner_id <> NEW.partner_id
    OR (OLD.tenant_id IS NOT NULL AND NEW.tenant_id IS DISTINCT FROM OLD.tenant_id))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_recommended_items_keep BEFORE UPDATE ON billing_recommendeditem
  FOR EACH ROW WHEN (OLD.subscription_id IS NOT NULL
    OR (OLD.recommendation_id, OLD.offer_id, OLD.seats)
      IS DISTINCT FROM (NEW.recommendation_id, NEW.offer_id, NEW.seats))
  EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER billing_recommended_items_never_deleted BEFORE DELETE ON billing_recommendeditem
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_recommendations")]
    operations = [migrations.RunSQL(RECOMMENDATIONS, migrations.RunSQL.noop)]
