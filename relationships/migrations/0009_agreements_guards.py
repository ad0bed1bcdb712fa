"""Agreements are appended to, a suspension is lifted once; and who was here before has signed."""

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER relationships_agreements_append_only
  BEFORE UPDATE OR DELETE ON relationships_agreementevent
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER relationships_agreements_never_truncated
  BEFORE TRUNCATE ON relationships_agreementevent
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER relationships_attestations_append_only
  BEFORE UPDATE OR DELETE ON relationships_customeragreement
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER relationships_attestations_never_truncated
  BEFORE TRUNCATE ON relationships_customeragreement
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
"""

SUSPENSION = """
CREATE FUNCTION relationships_keep_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.lifted_on IS NOT NULL
     OR (NEW.partner_id, NEW.reason, NEW.starts_on, NEW.suspended_at)
        IS DISTINCT FROM (OLD.partner_id, OLD.reason, OLD.starts_on, OLD.suspended_at) THEN
    RAISE EXCEPTION 'a suspension is lifted once and changes in nothing else'
      USING ERRCODE = '42501', CONSTRAINT = 'relationships_keep_suspension';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_keep_suspension BEFORE UPDATE OR DELETE
  ON relationships_partnersuspension
  FOR EACH ROW EXECUTE FUNCTION relationships_keep_suspension();
"""

SIGNED_ON_JOINING = """
INSERT INTO relationships_agreementevent (partner_id, kind, side, "on", note, at)
SELECT id, 'signed', 'partner', joined_on, 'Signed on joining the programme.', joined_on
FROM tenants_partner ORDER BY id;
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0008_agreements")]
    operations = [
        migrations.RunSQL(SIGNED_ON_JOINING, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(SUSPENSION, migrations.RunSQL.noop),
    ]
