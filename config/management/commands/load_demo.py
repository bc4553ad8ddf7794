"""``manage.py load_demo``: the demo network, into an empty database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config import demo


class Command(BaseCommand):
    """Load the fictional network of Devon and Somerset, and print who can sign in."""

    help = "Load the demo network into an empty database, and print who can sign in and what to try."

    def add_arguments(self, parser: CommandParser) -> None:
        """One flag."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing when the database has anything in it")

    def handle(self, *_: Any, if_empty: bool, **__: Any) -> None:
        """Load it once."""
        if demo.is_empty():
            demo.load()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # without it the first pages would be planned for empty tables
        elif not if_empty:
            raise CommandError("The database is not empty; the demo network goes into an empty one only.")
        if demo.is_loaded():
            self.stdout.write(demo.sign_ins())
