"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PermissionsConfig(AppConfig):
    """Configuration of ``permissions``."""

    name = "permissions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rules, and keep the built-in roles as ``permissions.roles`` has them."""
        from permissions import (
            catalogue,
            checks,  # noqa: F401  registers itself
            policies,
            tracked,
        )
        from permissions.roles import sync_built_in_roles

        policies.register()
        catalogue.register()
        tracked.add()
        post_migrate.connect(sync_built_in_roles, sender=self)
