#!/usr/bin/env python
"""Run Django's commands. Without DATABASE_URL they use the checkout's private server."""

import os
import sys


def main() -> None:
    """Choose the settings and the database, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if os.environ.get("RUN_MAIN") == "true":
        # The auto-reloader's child would outlive a reloader that was killed hard.
        from tools.processes import die_with_parent

        die_with_parent()
    if os.environ["DJANGO_SETTINGS_MODULE"] == "config.settings.dev":
        from tools.postgres import ensure_database_url

        ensure_database_url()

    from django.core.management import execute_from_command_line

    from config.frames import in_one_piece

    in_one_piece(lambda: execute_from_command_line(sys.argv))


if __name__ == "__main__":
    main()
