from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operators", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="preference",
            name="density",
            field=models.CharField(
                choices=[("comfortable", "comfortable"), ("compact", "compact")], default="compact", max_length=12
            ),
        ),
    ]
