"""Everything that is written down about tenants, as one value: to see that nothing was."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

#: What comes and goes without anybody's writing: sign-in is not a tenant's, and nor is the log of the staff's site.
APPS = ("organisations", "permissions", "customers", "ordercycles")


def tables() -> list[str]:
    """Every table of ours, those of history among them, and the queue of jobs."""
    ours = [model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models(True)]
    return [*sorted(set(ours)), "auth_group", "procrastinate_jobs"]


def snapshot() -> dict[str, tuple[int, str]]:
    """Rows and checksum of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t")
            count, checksum = cursor.fetchone()
            found[table] = (count, checksum or "")
    return found
