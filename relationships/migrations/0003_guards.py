"""What the database refuses in this app, whoever asks."""

from django.db import migrations

# R8: a tenant with an active Syndication subscription cannot take a CSP relationship. An
# active relationship's generated exclusive_channel is 'csp', and the tenant's must be too.
EXCLUSIVE = """
ALTER TABLE relationships_relationship
  ADD CONSTRAINT relationships_no_csp_beside_syndication
  FOREIGN KEY (customer_id, exclusive_channel)
  REFERENCES tenants_tenant (id, exclusive_channel);
"""

# The invitation is the record of consent: it is answered once and never deleted.
CONSENT = """
CREATE FUNCTION relationships_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.answer = '' AND NEW.partner_id = OLD.partner_id THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an answered invitation does not change, and none is deleted'
    USING ERRCODE = '42501', CONSTRAINT = 'relationships_keep_consent';
END $$;
CREATE TRIGGER relationships_keep_consent BEFORE UPDATE OR DELETE ON relationships_invitation
  FOR EACH ROW EXECUTE FUNCTION relationships_keep_consent();

CREATE FUNCTION relationships_keep_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_on IS NOT NULL OR NEW.partner_id <> OLD.partner_id
     OR NEW.customer_id <> OLD.customer_id OR NEW.started_on <> OLD.started_on
     OR NEW.invitation_id IS DISTINCT FROM OLD.invitation_id THEN
    RAISE EXCEPTION 'a relationship keeps its parties, and one that ended does not change'
      USING ERRCODE = '42501', CONSTRAINT = 'relationships_keep_parties';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_keep_parties BEFORE UPDATE OR DELETE ON relationships_relationship
  FOR EACH ROW EXECUTE FUNCTION relationships_keep_parties();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0002_initial"), ("tenants", "0002_guards")]
    operations = [
        migrations.RunSQL(EXCLUSIVE, migrations.RunSQL.noop),
        migrations.RunSQL(CONSENT, migrations.RunSQL.noop),
    ]
