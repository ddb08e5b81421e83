"""The newest count that was told of a contract: asked for with every list of positions."""

from django.db import migrations

FORWARD = """
CREATE INDEX broker_evidence_counts ON broker_evidence
    ((fields->'body'->>'account'), (fields->'body'->>'con_id'), id) WHERE kind = 'position'
"""


class Migration(migrations.Migration):
    dependencies = [("broker", "0007_told_lists")]
    operations = [migrations.RunSQL(FORWARD, "DROP INDEX broker_evidence_counts")]
