from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("broker", "0009_plural")]

    operations = [migrations.RenameField("linkstate", "disconnected_at", "since")]
