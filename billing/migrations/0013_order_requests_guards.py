"""What the database refuses about order requests."""

from django.db import migrations

KEPT = """
CREATE FUNCTION billing_keep_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state IN ('ordered', 'declined', 'withdrawn')
     OR (NEW.provider_id, NEW.reseller_id, NEW.tenant_id, NEW.kind, NEW.subscription_id,
         NEW.offer_id) IS DISTINCT FROM
        (OLD.provider_id, OLD.reseller_id, OLD.tenant_id, OLD.kind, OLD.subscription_id,
         OLD.offer_id) THEN
    RAISE EXCEPTION 'a request keeps its parties and what it is about; a closed one is kept'
      USING ERRCODE = '42501', CONSTRAINT = 'billing_keep_requests';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_keep_requests BEFORE UPDATE OR DELETE ON billing_orderrequest
  FOR EACH ROW EXECUTE FUNCTION billing_keep_requests();

CREATE FUNCTION billing_keep_request_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the thread of a request is kept'
    USING ERRCODE = '42501', CONSTRAINT = 'billing_keep_request_messages';
END $$;
CREATE TRIGGER billing_keep_request_messages BEFORE UPDATE OR DELETE ON billing_orderrequestmessage
  FOR EACH ROW EXECUTE FUNCTION billing_keep_request_messages();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_order_requests")]
    operations = [migrations.RunSQL(KEPT, migrations.RunSQL.noop)]
