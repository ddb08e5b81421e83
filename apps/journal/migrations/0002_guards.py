"""The chain's guards: rows are only ever appended, one after the other, and the head only moves on by one."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION journal_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head journal_head%ROWTYPE;
BEGIN
    SELECT * INTO head FROM journal_head WHERE id = 1 FOR UPDATE;
    IF NEW.sequence IS DISTINCT FROM head.sequence + 1 OR NEW.previous_hash IS DISTINCT FROM head.hash THEN
        RAISE EXCEPTION 'the journal stands at %: row % does not continue it', head.sequence, NEW.sequence
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION journal_move_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NOT EXISTS (
        SELECT 1 FROM journal_entry
        WHERE sequence = OLD.sequence + 1 AND sequence = NEW.sequence AND hash = NEW.hash
    ) THEN
        RAISE EXCEPTION 'the journal''s head moves only to the row after it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER journal_entry_append BEFORE INSERT ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_append();
CREATE TRIGGER journal_entry_keep BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_entry_keep_all BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_head_move BEFORE UPDATE ON journal_head
    FOR EACH ROW EXECUTE FUNCTION journal_move_head();
CREATE TRIGGER journal_head_keep BEFORE INSERT OR DELETE ON journal_head
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_head_keep_all BEFORE TRUNCATE ON journal_head
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
"""

UNGUARD = """
DROP TRIGGER journal_entry_append ON journal_entry;
DROP TRIGGER journal_entry_keep ON journal_entry;
DROP TRIGGER journal_entry_keep_all ON journal_entry;
DROP TRIGGER journal_head_move ON journal_head;
DROP TRIGGER journal_head_keep ON journal_head;
DROP TRIGGER journal_head_keep_all ON journal_head;
DROP FUNCTION journal_refuse();
DROP FUNCTION journal_append();
DROP FUNCTION journal_move_head();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO journal_head (id, sequence, hash) VALUES (1, 0, repeat('0', 64))",
            "DELETE FROM journal_head",
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
