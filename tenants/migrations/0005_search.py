"""Find tenants by the beginning of any word of name or domain, and list them by name."""

from django.db import migrations, models
from django.db.models.functions import Lower

# The same rule as tenants/domain/search.py, which a test compares it with.
WORDS = r"""
CREATE FUNCTION tenants_words(p_name text, p_domain text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT array_to_tsvector(array_remove(regexp_split_to_array(
    replace(replace(replace(translate(
      lower(regexp_replace(normalize(p_name || ' ' || p_domain, NFKD), '[\u0300-\u036f]', '', 'g')),
      'øłđı', 'oldi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    '[\s!-/:-@\[-`{-~]+'), ''))
$$;
CREATE INDEX tenants_by_words ON tenants_tenant USING gin (tenants_words(name, domain));
"""
FORGET = "DROP INDEX tenants_by_words; DROP FUNCTION tenants_words;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_activity_end")]
    operations = [
        migrations.RunSQL(WORDS, FORGET),
        migrations.RemoveIndex("tenant", "tenants_by_name"),
        migrations.AddIndex(
            "tenant", models.Index(Lower("name"), "id", name="tenants_by_name_any_case")
        ),
    ]
