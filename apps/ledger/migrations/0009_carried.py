"""Positions at the end of a past day are kept, and dropped by whatever changes that past."""

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION ledger_drop_carry(changed_account bigint, changed_day date) RETURNS void LANGUAGE sql AS $$
    DELETE FROM ledger_carried USING ledger_carry c
        WHERE carry_id = c.id AND c.account_id = changed_account AND c.day >= changed_day;
    DELETE FROM ledger_carry WHERE account_id = changed_account AND day >= changed_day;
$$;

CREATE FUNCTION ledger_fill_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_drop_carry(account_id, day)
        FROM (SELECT account_id, min(trading_day) AS day FROM told GROUP BY account_id) AS first
        WHERE EXISTS (
            SELECT FROM ledger_carry c WHERE c.account_id = first.account_id AND c.day >= first.day
        );
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_fill_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_drop_carry(account_id, day)
        FROM (
            SELECT was.account_id, min(least(was.trading_day, told.trading_day)) AS day
            FROM was JOIN told USING (id)
            WHERE (was.superseded, was.busted, was.side, was.quantity, was.price, was.at, was.trading_day,
                   was.contract_id, was.strategy_id)
                IS DISTINCT FROM
                  (told.superseded, told.busted, told.side, told.quantity, told.price, told.at,
                   told.trading_day, told.contract_id, told.strategy_id)
            GROUP BY was.account_id
        ) AS first
        WHERE EXISTS (
            SELECT FROM ledger_carry c WHERE c.account_id = first.account_id AND c.day >= first.day
        );
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_position_adopted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_drop_carry(NEW.account_id, (NEW.at AT TIME ZONE 'America/New_York')::date);
    RETURN NULL;
END $$;

-- until the end of the transaction nobody books a fill; the worker's own login may not write fills at all
CREATE FUNCTION ledger_hold_fills() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
BEGIN
    LOCK TABLE ledger_fill IN SHARE MODE;
END $$;

CREATE TRIGGER ledger_fill_drops_carry AFTER INSERT ON ledger_fill
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION ledger_fill_told();
CREATE TRIGGER ledger_fill_gone_drops_carry AFTER DELETE ON ledger_fill
    REFERENCING OLD TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION ledger_fill_told();
CREATE TRIGGER ledger_fill_change_drops_carry AFTER UPDATE ON ledger_fill
    REFERENCING OLD TABLE AS was NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_fill_changed();
CREATE TRIGGER ledger_adoption_drops_carry AFTER INSERT ON ledger_adoption
    FOR EACH ROW WHEN (NEW.contract_id IS NOT NULL) EXECUTE FUNCTION ledger_position_adopted();
"""
UNGUARD = """
DROP TRIGGER ledger_fill_drops_carry ON ledger_fill;
DROP TRIGGER ledger_fill_gone_drops_carry ON ledger_fill;
DROP TRIGGER ledger_fill_change_drops_carry ON ledger_fill;
DROP TRIGGER ledger_adoption_drops_carry ON ledger_adoption;
DROP FUNCTION ledger_hold_fills();
DROP FUNCTION ledger_fill_told();
DROP FUNCTION ledger_fill_changed();
DROP FUNCTION ledger_position_adopted();
DROP FUNCTION ledger_drop_carry(bigint, date);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('broker', '0008_counts_by_contract'),
        ('desks', '0002_heartbeat'),
        ('ledger', '0008_stated_fees'),
        ('market', '0005_greeks'),
        ('tickets', '0003_numbers_and_states'),
    ]

    operations = [
        migrations.CreateModel(
            name='Carried',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whole', models.BooleanField()),
                ('quantity', models.DecimalField(decimal_places=30, max_digits=60)),
                ('average_cost', models.DecimalField(decimal_places=30, max_digits=60)),
                ('realized', models.DecimalField(decimal_places=30, max_digits=60)),
            ],
        ),
        migrations.CreateModel(
            name='Carry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='fill',
            index=models.Index(fields=['account', 'contract', 'trading_day'], name='ledger_fill_of_contract'),
        ),
        migrations.AddField(
            model_name='carried',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='market.contract'),
        ),
        migrations.AddField(
            model_name='carried',
            name='strategy',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='desks.strategy'),
        ),
        migrations.AddField(
            model_name='carry',
            name='account',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='desks.account'),
        ),
        migrations.AddField(
            model_name='carried',
            name='carry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='positions', to='ledger.carry'),
        ),
        migrations.AddConstraint(
            model_name='carried',
            constraint=models.UniqueConstraint(fields=('carry', 'contract', 'whole', 'strategy'), name='ledger_carried_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='carried',
            constraint=models.CheckConstraint(condition=models.Q(('whole', False), ('strategy', None), _connector='OR'), name='ledger_carried_whole_is_nobodys'),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
