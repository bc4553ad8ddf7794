"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Configuration of ``organisations``."""

    name = "organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rules with the engine."""
        from organisations import contact, rules, tracked, wording

        rules.register()
        contact.register()
        wording.register()
        tracked.add()
