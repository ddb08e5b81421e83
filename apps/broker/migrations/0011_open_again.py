"""An attempt that was over is open again when its order is seen alive; nothing else leads back from an end."""

from django.db import migrations

STEP = """
CREATE OR REPLACE FUNCTION broker_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.attempt, NEW.order_ref, NEW.gateway_id, NEW.client_id, NEW.order_id)
       IS DISTINCT FROM
       (OLD.ticket_id, OLD.attempt, OLD.order_ref, OLD.gateway_id, OLD.client_id, OLD.order_id) THEN
        RAISE EXCEPTION 'an intent''s identity cannot change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'CLAIMED' AND OLD.state <> 'CLAIMED'
       OR NEW.state = 'SENDING' AND OLD.state NOT IN ('CLAIMED', 'SENDING')
       OR OLD.state IN ('CLOSED', 'REFUSED') AND NEW.state NOT IN (OLD.state{open_again}) THEN
        RAISE EXCEPTION 'an intent goes from % to % never', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("broker", "0010_since")]

    operations = [
        migrations.RunSQL(STEP.replace("{open_again}", ", 'ACKED'"), STEP.replace("{open_again}", ""))
    ]
