"""Who did something, found without reading everything that anybody did: the audit trail's filter by person."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("customers", "0004_import_options"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX trail_by_actor ON pghistory_context ((metadata -> 'actor'))",
            "DROP INDEX trail_by_actor",
        ),
    ]
