"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class OrderCyclesConfig(AppConfig):
    """Configuration of ``ordercycles``."""

    name = "ordercycles"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "order cycles"

    def ready(self) -> None:
        """Register the rules with the engine."""
        from ordercycles import rules

        rules.register()
