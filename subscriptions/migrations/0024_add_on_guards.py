"""An add-on belongs to its base: same customer, channel and seller, and never to an add-on."""

from django.db import migrations

ADD_ONS = """
CREATE FUNCTION subscriptions_add_on_beside_its_base() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM subscriptions_subscription b
                 WHERE b.id = NEW.base_id AND b.base_id IS NULL
                   AND b.tenant_id = NEW.tenant_id AND b.channel = NEW.channel
                   AND b.partner_id IS NOT DISTINCT FROM NEW.partner_id) THEN
    RAISE EXCEPTION 'subscription % is no base of this customer, channel and seller', NEW.base_id
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_add_on_beside_its_base';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER subscriptions_add_on_beside_its_base BEFORE INSERT OR UPDATE OF base_id
  ON subscriptions_subscription
  FOR EACH ROW WHEN (NEW.base_id IS NOT NULL)
  EXECUTE FUNCTION subscriptions_add_on_beside_its_base();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0023_direct_add_ons")]
    operations = [migrations.RunSQL(ADD_ONS, migrations.RunSQL.noop)]
