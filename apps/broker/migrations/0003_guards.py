"""Evidence is only ever added; an intent is never deleted, never unsent, and its identity never changes."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION broker_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: what the broker said stays as it was said', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION broker_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.attempt, NEW.order_ref, NEW.gateway_id, NEW.client_id, NEW.order_id)
       IS DISTINCT FROM
       (OLD.ticket_id, OLD.attempt, OLD.order_ref, OLD.gateway_id, OLD.client_id, OLD.order_id) THEN
        RAISE EXCEPTION 'an intent''s identity cannot change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'CLAIMED' AND OLD.state <> 'CLAIMED'
       OR NEW.state = 'SENDING' AND OLD.state NOT IN ('CLAIMED', 'SENDING')
       OR OLD.state IN ('CLOSED', 'REFUSED') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'an intent goes from % to % never', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION broker_mark_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.highest < OLD.highest THEN
        RAISE EXCEPTION 'order ids only rise: % after %', NEW.highest, OLD.highest
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER broker_evidence_keep BEFORE UPDATE OR DELETE ON broker_evidence
    FOR EACH ROW EXECUTE FUNCTION broker_refuse();
CREATE TRIGGER broker_evidence_keep_all BEFORE TRUNCATE ON broker_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION broker_refuse();
CREATE TRIGGER broker_intent_keep BEFORE DELETE ON broker_intent
    FOR EACH ROW EXECUTE FUNCTION broker_refuse();
CREATE TRIGGER broker_intent_step BEFORE UPDATE ON broker_intent
    FOR EACH ROW EXECUTE FUNCTION broker_intent_step();
CREATE TRIGGER broker_mark_rises BEFORE UPDATE ON broker_orderidmark
    FOR EACH ROW EXECUTE FUNCTION broker_mark_rises();
"""

UNGUARD = """
DROP TRIGGER broker_evidence_keep ON broker_evidence;
DROP TRIGGER broker_evidence_keep_all ON broker_evidence;
DROP TRIGGER broker_intent_keep ON broker_intent;
DROP TRIGGER broker_intent_step ON broker_intent;
DROP TRIGGER broker_mark_rises ON broker_orderidmark;
DROP FUNCTION broker_refuse();
DROP FUNCTION broker_intent_step();
DROP FUNCTION broker_mark_rises();
"""


class Migration(migrations.Migration):
    dependencies = [("broker", "0002_initial")]

    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
