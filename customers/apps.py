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
        from django.contrib.auth.signals import user_logged_in

        from customers import rules, sessions, tracked
        from customers.domain import (
            account_mails,
            departures,
            invitation_mails,
            ownership_mails,
            removal,
            removal_mails,
            signup_mails,
        )
        from organisations.views import navigation
        from permissions.actions import Action

        rules.register()
        user_logged_in.connect(sessions.begin, dispatch_uid="customers.sessions")
        account_mails.register()
        invitation_mails.register()
        ownership_mails.register()
        signup_mails.register()
        departures.register()
        tracked.add()
        navigation.add(
            navigation.Entry(_("People"), "people", Action.MEMBERSHIP_MANAGE, 30),
            navigation.Entry(_("Roles"), "roles", Action.ORGANISATION_VIEW, 40),
            navigation.Entry(_("Ownership"), "ownership", Action.OWNERSHIP_GIVE, 70),
            navigation.Entry(_("Exports"), "exports", Action.ORGANISATION_EXPORT, 90),
        )
        navigation.add(navigation.Entry(_("Connections"), "connections", Action.ORGANISATION_VIEW, 50))
        removal.register()
        removal_mails.register()
