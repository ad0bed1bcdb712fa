"""What the database refuses in this app, whoever asks."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION tenants_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: it is only ever appended to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = '42501', CONSTRAINT = 'tenants_append_only';
END $$;
"""

# The log is written by this function alone: the run-time role has no INSERT on the table.
# One chain per tenant; the head row is the lock. sha256() is built in.
ACTIVITY = r"""
CREATE FUNCTION tenants_append_activity(
  p_tenant bigint, p_at timestamptz, p_by bigint, p_acting_for bigint, p_action text,
  p_about text, p_summary text, p_before jsonb, p_after jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE head tenants_activityhead; number bigint; digest bytea;
BEGIN
  INSERT INTO tenants_activityhead (tenant_id, seq, hash) VALUES (p_tenant, 0, '\x00')
    ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM tenants_activityhead WHERE tenant_id = p_tenant FOR UPDATE;
  number := head.seq + 1;
  digest := tenants_activity_hash(head.hash, number, p_at, p_by, p_acting_for, p_action, p_about,
                                  p_summary, p_before, p_after);
  INSERT INTO tenants_activity (tenant_id, seq, at, by_id, acting_for_id, action, about, summary,
                                before, after, previous_hash, hash)
    VALUES (p_tenant, number, p_at, p_by, p_acting_for, p_action, p_about, p_summary,
            p_before, p_after, head.hash, digest);
  UPDATE tenants_activityhead SET seq = number, hash = digest WHERE tenant_id = p_tenant;
  RETURN number;
END $$;

CREATE FUNCTION tenants_activity_hash(
  p_previous bytea, p_seq bigint, p_at timestamptz, p_by bigint, p_acting_for bigint,
  p_action text, p_about text, p_summary text, p_before jsonb, p_after jsonb
) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT sha256(p_previous || convert_to(concat_ws('|', p_seq,
    to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), coalesce(p_by, 0),
    coalesce(p_acting_for, 0), p_action, p_about, p_summary, p_before::text, p_after::text),
    'UTF8'))
$$;

CREATE TRIGGER tenants_activity_append_only BEFORE UPDATE OR DELETE ON tenants_activity
  FOR EACH ROW EXECUTE FUNCTION tenants_append_only();
CREATE TRIGGER tenants_activity_never_truncated BEFORE TRUNCATE ON tenants_activity
  FOR EACH STATEMENT EXECUTE FUNCTION tenants_append_only();
"""

# The tenant row is locked first, so that two admins cannot remove each other at once.
LAST_ADMIN = """
CREATE FUNCTION tenants_keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE needed text;
BEGIN
  FOREACH needed IN ARRAY ARRAY['global_admin', 'tenant_admin'] LOOP
    IF needed = ANY (OLD.roles) THEN
      PERFORM 1 FROM tenants_tenant WHERE id = OLD.tenant_id FOR NO KEY UPDATE;
      IF NOT EXISTS (SELECT 1 FROM tenants_membership
                     WHERE tenant_id = OLD.tenant_id AND needed = ANY (roles)) THEN
        RAISE EXCEPTION 'the last % of tenant % cannot be removed', needed, OLD.tenant_id
          USING ERRCODE = '23514', CONSTRAINT = 'tenants_keep_an_admin';
      END IF;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER tenants_keep_an_admin AFTER UPDATE OR DELETE ON tenants_membership
  FOR EACH ROW EXECUTE FUNCTION tenants_keep_an_admin();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(ACTIVITY, migrations.RunSQL.noop),
        migrations.RunSQL(LAST_ADMIN, migrations.RunSQL.noop),
    ]
