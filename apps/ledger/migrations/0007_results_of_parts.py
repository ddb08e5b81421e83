"""A day's result is the sum of its parts from now on. What was kept before is made again of them."""

from typing import Any

from django.db import migrations, models

# A day that was kept before there were parts: what was realised, the change of what was open, less fees.
FROM_LEVELS = """
    UPDATE ledger_dayresult AS kept SET net = told.net FROM (
        SELECT id, realized - commissions + unrealized - coalesce(
            lag(unrealized) OVER (PARTITION BY account_id, strategy_id ORDER BY trading_day), 0) AS net
        FROM ledger_dayresult) AS told
    WHERE told.id = kept.id;
"""
FROM_PARTS = """
    UPDATE ledger_dayresult AS kept SET net = (
        SELECT CASE WHEN count(*) = count(amount) THEN coalesce(sum(amount), 0) END FROM ledger_resultpart p
        WHERE p.account_id = kept.account_id AND p.trading_day = kept.trading_day
            AND p.strategy_id IS NOT DISTINCT FROM kept.strategy_id
            AND p.cause IN ('price', 'fx', 'fee', 'accrual'))
    WHERE EXISTS (SELECT 1 FROM ledger_bookday d
        WHERE d.account_id = kept.account_id AND d.trading_day = kept.trading_day);
    INSERT INTO ledger_dayresult
        (account_id, strategy_id, trading_day, net, realized, commissions, fills, provisional, changed_at)
    SELECT p.account_id, p.strategy_id, p.trading_day,
        CASE WHEN count(*) = count(amount) THEN sum(amount) END, NULL,
        CASE WHEN count(*) FILTER (WHERE cause = 'fee' AND amount IS NULL) = 0
            THEN -coalesce(sum(amount) FILTER (WHERE cause = 'fee'), 0) END,
        0, d.provisional, d.changed_at
    FROM ledger_resultpart p JOIN ledger_bookday d USING (account_id, trading_day)
    WHERE p.cause IN ('price', 'fx', 'fee', 'accrual')
    GROUP BY 1, 2, 3, d.provisional, d.changed_at
    ON CONFLICT DO NOTHING;
"""


def wide() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(decimal_places=8, max_digits=24, null=True)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_drawdown")]

    operations = [
        migrations.AddField(model_name="dayresult", name="net", field=wide()),
        migrations.RunSQL(FROM_LEVELS, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="dayresult", name="unrealized"),
        migrations.AlterField(model_name="dayresult", name="realized", field=wide()),
        migrations.AlterField(model_name="dayresult", name="commissions", field=wide()),
        migrations.RunSQL(FROM_PARTS, migrations.RunSQL.noop),
    ]
