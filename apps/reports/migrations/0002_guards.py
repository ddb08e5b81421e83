"""A closed report and its tables never change; a signature is never taken back."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION reports_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept for ever: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION reports_keep_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed THEN
        RAISE EXCEPTION 'report % is closed: % refused; a change is a new version', OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION reports_keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.report_id ELSE NEW.report_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM reports_dayreport WHERE id = whose AND closed)
        OR TG_OP = 'UPDATE' AND EXISTS (SELECT 1 FROM reports_dayreport WHERE id = OLD.report_id AND closed) THEN
        RAISE EXCEPTION 'report % is closed: % on % refused', whose, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER reports_dayreport_keep BEFORE UPDATE OR DELETE ON reports_dayreport
    FOR EACH ROW EXECUTE FUNCTION reports_keep_closed();
CREATE TRIGGER reports_dayreport_keep_all BEFORE TRUNCATE ON reports_dayreport
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse();
CREATE TRIGGER reports_traderow_keep BEFORE INSERT OR UPDATE OR DELETE ON reports_traderow
    FOR EACH ROW EXECUTE FUNCTION reports_keep_rows();
CREATE TRIGGER reports_traderow_keep_all BEFORE TRUNCATE ON reports_traderow
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse();
CREATE TRIGGER reports_executionrow_keep BEFORE INSERT OR UPDATE OR DELETE ON reports_executionrow
    FOR EACH ROW EXECUTE FUNCTION reports_keep_rows();
CREATE TRIGGER reports_executionrow_keep_all BEFORE TRUNCATE ON reports_executionrow
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse();
CREATE TRIGGER reports_signoff_keep BEFORE UPDATE OR DELETE ON reports_signoff
    FOR EACH ROW EXECUTE FUNCTION reports_refuse();
CREATE TRIGGER reports_signoff_keep_all BEFORE TRUNCATE ON reports_signoff
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse();
"""

UNGUARD = """
DROP TRIGGER reports_dayreport_keep ON reports_dayreport;
DROP TRIGGER reports_dayreport_keep_all ON reports_dayreport;
DROP TRIGGER reports_traderow_keep ON reports_traderow;
DROP TRIGGER reports_traderow_keep_all ON reports_traderow;
DROP TRIGGER reports_executionrow_keep ON reports_executionrow;
DROP TRIGGER reports_executionrow_keep_all ON reports_executionrow;
DROP TRIGGER reports_signoff_keep ON reports_signoff;
DROP TRIGGER reports_signoff_keep_all ON reports_signoff;
DROP FUNCTION reports_refuse();
DROP FUNCTION reports_keep_closed();
DROP FUNCTION reports_keep_rows();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
