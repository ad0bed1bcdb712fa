"""What the database refuses about providers and their resellers."""

from django.db import migrations

# A provider's link is with a reseller, or with a direct partner that goes indirect, and it
# comes from the invitation which that partner accepted.
SIDES = """
CREATE FUNCTION relationships_link_needs_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM tenants_partner p, tenants_partner r, relationships_invitation i
    WHERE p.id = NEW.provider_id AND p.kind = 'indirect_provider'
      AND r.id = NEW.reseller_id AND r.kind IN ('indirect_reseller', 'direct_partner')
      AND i.id = NEW.invitation_id AND i.kind = 'reseller' AND i.answer = 'accepted'
      AND i.partner_id = p.id AND i.tenant_id = r.tenant_id
      AND i.discount_percent = NEW.discount_percent) THEN
    RAISE EXCEPTION 'a provider is linked with a reseller that accepted its invitation'
      USING ERRCODE = '42501', CONSTRAINT = 'relationships_link_needs_consent';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_link_needs_consent BEFORE INSERT ON relationships_resellerlink
  FOR EACH ROW EXECUTE FUNCTION relationships_link_needs_consent();

CREATE FUNCTION relationships_keep_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_on IS NOT NULL
     OR (NEW.provider_id, NEW.reseller_id, NEW.invitation_id, NEW.discount_percent, NEW.started_on)
        IS DISTINCT FROM
        (OLD.provider_id, OLD.reseller_id, OLD.invitation_id, OLD.discount_percent, OLD.started_on)
  THEN
    RAISE EXCEPTION 'a link keeps its sides and its price, and one that ended does not change'
      USING ERRCODE = '42501', CONSTRAINT = 'relationships_keep_links';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_keep_links BEFORE UPDATE OR DELETE ON relationships_resellerlink
  FOR EACH ROW EXECUTE FUNCTION relationships_keep_links();
"""

# A customer is taken on for a reseller only while its link with the partner lasts. The row
# lock makes the end of the link wait, or this insert: neither misses the other.
RESELLER = """
CREATE FUNCTION relationships_reseller_is_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM relationships_resellerlink
    WHERE provider_id = NEW.partner_id AND reseller_id = NEW.reseller_id AND ended_on IS NULL
    FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the partner and the reseller have no active link'
      USING ERRCODE = '23514', CONSTRAINT = 'relationships_reseller_is_linked';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_reseller_is_linked BEFORE INSERT ON relationships_relationship
  FOR EACH ROW WHEN (NEW.reseller_id IS NOT NULL)
  EXECUTE FUNCTION relationships_reseller_is_linked();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0010_reseller_links"), ("tenants", "0005_search")]
    operations = [
        migrations.RunSQL(SIDES, migrations.RunSQL.noop),
        migrations.RunSQL(RESELLER, migrations.RunSQL.noop),
    ]
