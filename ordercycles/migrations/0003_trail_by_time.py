"""The largest histories by time, newest first: the audit trail reads their newest events, whatever their size.

Not in the models' own state: the event models are pghistory's to make.
"""

from django.db import migrations

TABLES = ("exchangevariantevent", "exchangeevent", "variantevent")


class Migration(migrations.Migration):

    dependencies = [("ordercycles", "0002_variant_of_its_producer")]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX trail_{table} ON ordercycles_{table} (pgh_created_at DESC, pgh_id DESC)",
            f"DROP INDEX trail_{table}",
        )
        for table in TABLES
    ]
