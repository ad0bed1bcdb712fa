"""A transfer's state only moves forward, and what was asked for does not change."""

from django.db import migrations

TRANSFERS = """
CREATE FUNCTION relationships_keep_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (NEW.invitation_id, NEW.relationship_id, NEW.takes_effect_on, NEW.requested_at)
        IS DISTINCT FROM
        (OLD.invitation_id, OLD.relationship_id, OLD.takes_effect_on, OLD.requested_at)
     OR NOT (OLD.state = NEW.state AND OLD.state IN ('requested', 'approved')
             OR OLD.state = 'requested' AND NEW.state IN ('approved', 'declined', 'withdrawn')
             OR OLD.state = 'approved' AND NEW.state IN ('withdrawn', 'done')) THEN
    RAISE EXCEPTION 'a transfer is decided once, carried out or withdrawn once, and kept'
      USING ERRCODE = '42501', CONSTRAINT = 'relationships_keep_transfers';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_keep_transfers BEFORE UPDATE OR DELETE ON relationships_transfer
  FOR EACH ROW EXECUTE FUNCTION relationships_keep_transfers();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0012_transfers")]
    operations = [migrations.RunSQL(TRANSFERS, migrations.RunSQL.noop)]
