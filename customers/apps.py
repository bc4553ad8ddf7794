"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Configuration of ``customers``."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rules with the engine."""
        from customers import rules, tracked
        from customers.domain import account_mails, departures, invitation_mails, ownership_mails, signup_mails
        from organisations.views import navigation
        from permissions.actions import Action

        rules.register()
        navigation.add(navigation.Entry(_("Connections"), "connections", Action.ORGANISATION_VIEW, 50))
        account_mails.register()
        invitation_mails.register()
        ownership_mails.register()
        signup_mails.register()
        departures.register()
        tracked.add()
