"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Configuration of ``customers``."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rules with the engine."""
        from customers import rules
        from customers.domain import invitation_mails

        rules.register()
        invitation_mails.register()
