"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class OrderCyclesConfig(AppConfig):
    """Configuration of ``ordercycles``."""

    name = "ordercycles"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Order cycles"

    def ready(self) -> None:
        """Register the rules with the engine, and join in where grants and enterprises change."""
        from common import hooks
        from ordercycles import catalogue, counts, rules, tracked, wording
        from ordercycles.domain import export, grants, left_alone, notices, offers, removal, touched

        rules.register()
        notices.register()
        wording.register()
        catalogue.register()
        tracked.add()
        hooks.before_change.append(offers.settle)
        hooks.before_archiving.append(touched.touched_by_enterprises)
        hooks.customer_counts.append(counts.of_customer)
        hooks.preview_withdrawal.append(grants.withdrawal_preview)
        hooks.grant_changed.append(grants.grant_changed)
        hooks.before_removal.append(removal.leaving)
        hooks.on_removal.append(removal.purge)
        hooks.removal_scheduled.append(left_alone.tell_participants)
        hooks.export_parts.append(export.parts)
