"""One call appends lines that are hashed already: row, head, row, head, and the notices. The guards stay."""

from django.db import migrations

WRITE = """
CREATE FUNCTION journal_write(lines jsonb, channel text, notices text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    line journal_entry%ROWTYPE;
BEGIN
    FOR line IN SELECT * FROM jsonb_populate_recordset(NULL::journal_entry, lines) LOOP
        INSERT INTO journal_entry VALUES (line.*);
        UPDATE journal_head SET sequence = line.sequence, hash = line.hash WHERE id = 1;
    END LOOP;
    PERFORM pg_notify(channel, notice) FROM unnest(notices) AS notice;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_guards")]
    operations = [
        migrations.RunSQL(WRITE, "DROP FUNCTION journal_write(jsonb, text, text[]);"),
    ]
