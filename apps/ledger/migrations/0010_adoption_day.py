"""An adoption has the day to which the books count it, as a fill has."""

from django.db import migrations, models

BEFORE = """
ALTER TABLE ledger_adoption DISABLE TRIGGER ledger_adoption_keep;
UPDATE ledger_adoption SET trading_day = (at AT TIME ZONE 'America/New_York')::date;
ALTER TABLE ledger_adoption ENABLE TRIGGER ledger_adoption_keep;
"""
DROPS = """
CREATE OR REPLACE FUNCTION ledger_position_adopted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_drop_carry(NEW.account_id, {day});
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_carried")]

    operations = [
        migrations.AddField("adoption", "trading_day", models.DateField(null=True)),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AlterField("adoption", "trading_day", models.DateField()),
        migrations.RunSQL(
            DROPS.format(day="NEW.trading_day"),
            DROPS.format(day="(NEW.at AT TIME ZONE 'America/New_York')::date"),
        ),
    ]
