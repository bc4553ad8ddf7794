"""``manage.py write_rules_doc``: the pages that are written from the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from permissions.rules_doc import permissions_page, rules_page

PAGES = {"rules.md": rules_page, "permissions.md": permissions_page}


class Command(BaseCommand):
    """Writes them, or says which are out of date."""

    help = "Write docs/rules.md and docs/permissions.md from the registered rules and roles."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--check``."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when a page is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        folder = Path(settings.BASE_DIR) / "docs"
        stale = []
        for name, page in PAGES.items():
            path = folder / name
            if path.exists() and path.read_text(encoding="utf-8") == page():
                continue
            stale.append(name)
            if not options["check"]:
                path.write_text(page(), encoding="utf-8")
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run manage.py write_rules_doc.")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "Up to date.")
