"""What the database refuses about commands for many rows, whoever asks."""

from django.db import migrations

# An outcome is written once, in the transaction that changed the row: a row is never done
# twice, whatever workers, messages and locks did.
OUTCOMES = """
CREATE FUNCTION home_bulk_outcome_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.outcome <> '' THEN
    RAISE EXCEPTION 'row % of the run has its outcome already', OLD.number
      USING ERRCODE = '23514', CONSTRAINT = 'home_bulk_outcome_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER home_bulk_outcome_once BEFORE UPDATE ON home_bulkrow
  FOR EACH ROW EXECUTE FUNCTION home_bulk_outcome_once();

-- A click is kept: what was confirmed stays so, and what is finished is not begun again.
CREATE FUNCTION home_bulk_run_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.finished_at IS NOT NULL
     OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at) THEN
    RAISE EXCEPTION 'a run only goes forward'
      USING ERRCODE = '23514', CONSTRAINT = 'home_bulk_run_forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER home_bulk_run_forward BEFORE UPDATE ON home_bulkrun
  FOR EACH ROW EXECUTE FUNCTION home_bulk_run_forward();
"""


class Migration(migrations.Migration):
    dependencies = [("home", "0001_bulk_runs")]
    operations = [migrations.RunSQL(OUTCOMES, migrations.RunSQL.noop)]
