"""Limit sets and verdicts are only ever added: a ticket points at the very rows that judged it."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION risk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only: % refused; a change of limits is a new version', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER risk_limitset_keep BEFORE UPDATE OR DELETE ON risk_limitset
    FOR EACH ROW EXECUTE FUNCTION risk_refuse();
CREATE TRIGGER risk_limitset_keep_all BEFORE TRUNCATE ON risk_limitset
    FOR EACH STATEMENT EXECUTE FUNCTION risk_refuse();
CREATE TRIGGER risk_verdict_keep BEFORE UPDATE OR DELETE ON risk_verdict
    FOR EACH ROW EXECUTE FUNCTION risk_refuse();
CREATE TRIGGER risk_verdict_keep_all BEFORE TRUNCATE ON risk_verdict
    FOR EACH STATEMENT EXECUTE FUNCTION risk_refuse();
"""

UNGUARD = """
DROP TRIGGER risk_limitset_keep ON risk_limitset;
DROP TRIGGER risk_limitset_keep_all ON risk_limitset;
DROP TRIGGER risk_verdict_keep ON risk_verdict;
DROP TRIGGER risk_verdict_keep_all ON risk_verdict;
DROP FUNCTION risk_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("risk", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
