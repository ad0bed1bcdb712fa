"""Let the run-time role read where a tenant's chain ends; the head's table is closed to it."""

from django.db import migrations

ACTIVITY_END = r"""
CREATE FUNCTION tenants_activity_end(p_tenant bigint, OUT seq bigint, OUT hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT coalesce(max(h.seq), 0), coalesce((array_agg(h.hash))[1], '\x00')
  FROM tenants_activityhead h WHERE h.tenant_id = p_tenant
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_sign_up")]
    operations = [migrations.RunSQL(ACTIVITY_END, migrations.RunSQL.noop)]
