"""Cash entries and adoptions are only ever added."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the books are added to and never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_cashentry_keep BEFORE UPDATE OR DELETE ON ledger_cashentry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_cashentry_keep_all BEFORE TRUNCATE ON ledger_cashentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_adoption_keep BEFORE UPDATE OR DELETE ON ledger_adoption
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_adoption_keep_all BEFORE TRUNCATE ON ledger_adoption
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

UNGUARD = """
DROP TRIGGER ledger_cashentry_keep ON ledger_cashentry;
DROP TRIGGER ledger_cashentry_keep_all ON ledger_cashentry;
DROP TRIGGER ledger_adoption_keep ON ledger_adoption;
DROP TRIGGER ledger_adoption_keep_all ON ledger_adoption;
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_books")]

    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
