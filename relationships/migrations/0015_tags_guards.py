"""What the database refuses about tags, whoever asks."""

from django.db import migrations

# At most 20 words per partner and customer. The customer's row is the lock, so that two
# people who add the twentieth at once do not both succeed.
LIMIT = """
CREATE FUNCTION relationships_few_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM tenants_tenant WHERE id = NEW.customer_id FOR NO KEY UPDATE;
  IF (SELECT count(*) FROM relationships_customertag
      WHERE partner_id = NEW.partner_id AND customer_id = NEW.customer_id) >= 20 THEN
    RAISE EXCEPTION 'a customer has at most 20 tags'
      USING ERRCODE = '23514', CONSTRAINT = 'relationships_few_tags';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_few_tags BEFORE INSERT ON relationships_customertag
  FOR EACH ROW EXECUTE FUNCTION relationships_few_tags();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0014_tags")]
    operations = [migrations.RunSQL(LIMIT, migrations.RunSQL.noop)]
