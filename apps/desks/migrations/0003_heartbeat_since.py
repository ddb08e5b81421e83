from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desks", "0002_heartbeat")]

    operations = [migrations.AddField("heartbeat", "since", models.DateTimeField(null=True))]
