"""Partner of record is written here and nowhere else: by an operator, with a reason (R6)."""

from django.db import migrations

# The run-time role may not update the column; this function runs as the owner.
PARTNER_OF_RECORD = """
CREATE FUNCTION subscriptions_set_partner_of_record(
  of_subscription bigint, to_partner bigint, why text, operator bigint
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF btrim(coalesce(why, '')) = '' THEN
    RAISE EXCEPTION 'a new partner of record needs a reason'
      USING ERRCODE = '23514', CONSTRAINT = 'subscriptions_partner_of_record_has_a_reason';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM tenants_user
                 WHERE id = operator AND is_staff AND is_active) THEN
    RAISE EXCEPTION 'only operators change partner of record (R6)'
      USING ERRCODE = '42501', CONSTRAINT = 'subscriptions_partner_of_record_by_operators';
  END IF;
  PERFORM set_config('csp.owning_path', 'partner of record', true);
  UPDATE subscriptions_subscription SET partner_of_record_id = to_partner
    WHERE id = of_subscription AND channel = 'advisor';
  PERFORM set_config('csp.owning_path', '', true);
END $$;
REVOKE ALL ON FUNCTION subscriptions_set_partner_of_record FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0015_licences_guards")]
    operations = [migrations.RunSQL(PARTNER_OF_RECORD, migrations.RunSQL.noop)]
