"""The last admin can be disabled as little as removed, and roles fit the organisation."""

from django.db import migrations

# The tenant row is locked first, so that two admins cannot disable each other at once.
LAST_ADMIN = """
CREATE OR REPLACE FUNCTION tenants_keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE needed text;
BEGIN
  IF OLD.disabled_at IS NOT NULL THEN
    RETURN NULL;
  END IF;
  FOREACH needed IN ARRAY ARRAY['global_admin', 'tenant_admin'] LOOP
    IF needed = ANY (OLD.roles) THEN
      PERFORM 1 FROM tenants_tenant WHERE id = OLD.tenant_id FOR NO KEY UPDATE;
      IF NOT EXISTS (SELECT 1 FROM tenants_membership
                     WHERE tenant_id = OLD.tenant_id AND needed = ANY (roles)
                       AND disabled_at IS NULL) THEN
        RAISE EXCEPTION 'the last % of tenant % cannot be removed', needed, OLD.tenant_id
          USING ERRCODE = '23514', CONSTRAINT = 'tenants_keep_an_admin';
      END IF;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
"""

ROLES_FIT = """
CREATE FUNCTION tenants_roles_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_partner boolean := EXISTS (SELECT 1 FROM tenants_partner WHERE tenant_id = NEW.tenant_id);
BEGIN
  IF is_partner AND NEW.roles::text[] && ARRAY['tenant_admin', 'billing_reader', 'member']
     OR NOT is_partner AND NEW.roles::text[] && ARRAY['global_admin', 'admin_agent', 'sales_agent',
                                                     'helpdesk_agent', 'billing_admin'] THEN
    RAISE EXCEPTION 'the roles % do not fit tenant %', NEW.roles, NEW.tenant_id
      USING ERRCODE = '23514', CONSTRAINT = 'tenants_roles_fit_the_organisation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tenants_roles_fit_the_organisation
  AFTER INSERT OR UPDATE OF roles ON tenants_membership
  FOR EACH ROW EXECUTE FUNCTION tenants_roles_fit();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_disabled_members")]
    operations = [
        migrations.RunSQL(LAST_ADMIN, migrations.RunSQL.noop),
        migrations.RunSQL(ROLES_FIT, migrations.RunSQL.noop),
    ]
