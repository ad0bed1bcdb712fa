"""The limit on a customer's CSP partners, kept under races for any value (R7)."""

from django.db import migrations

# Whoever makes a relationship holds the policy FOR SHARE until the commit; whoever lowers it
# waits for them, and then sees what they made: the one check has no gap to the other.
POLICY = """
CREATE FUNCTION relationships_partners_within_policy() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  most smallint;
BEGIN
  SELECT most_partners INTO most FROM relationships_partnerpolicy WHERE id = 1 FOR SHARE;
  IF NEW.slot > coalesce(most, 1) THEN
    RAISE EXCEPTION 'customer % would have more CSP partners than the policy allows (R7)',
      NEW.customer_id
      USING ERRCODE = '23514', CONSTRAINT = 'relationships_partners_within_policy';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_partners_within_policy
  BEFORE INSERT OR UPDATE OF slot, ended_on ON relationships_relationship
  FOR EACH ROW WHEN (NEW.ended_on IS NULL)
  EXECUTE FUNCTION relationships_partners_within_policy();

CREATE FUNCTION relationships_policy_not_below_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR EXISTS (SELECT 1 FROM relationships_relationship
             WHERE ended_on IS NULL AND slot > NEW.most_partners) THEN
    RAISE EXCEPTION 'some customers have more CSP partners than that'
      USING ERRCODE = '23514', CONSTRAINT = 'relationships_policy_not_below_use';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER relationships_policy_not_below_use
  BEFORE UPDATE OR DELETE ON relationships_partnerpolicy
  FOR EACH ROW EXECUTE FUNCTION relationships_policy_not_below_use();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0006_several_partners")]
    operations = [migrations.RunSQL(POLICY, migrations.RunSQL.noop)]
