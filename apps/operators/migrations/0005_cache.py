from typing import Any

from django.core.management import call_command
from django.db import migrations


def make_table(apps: Any, schema_editor: Any) -> None:
    """The counts of wrong passwords, shared by every web process."""
    call_command("createcachetable", "operators_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("operators", "0004_people")]

    operations = [
        migrations.RunPython(make_table, migrations.RunPython.noop),
    ]
