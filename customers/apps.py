"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common import hooks


class CustomersConfig(AppConfig):
    """Configuration of ``customers``."""

    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the rules with the engine."""
        from allauth.mfa.signals import authenticator_added
        from allauth.usersessions.models import UserSession
        from django.contrib.auth.signals import user_logged_in, user_logged_out
        from django.db.models.signals import post_delete

        from customers import act_as, rules, second_factor, sessions, tracked
        from customers.domain import (
            account_mails,
            departures,
            invitation_mails,
            merge_mails,
            ownership_mails,
            questions,
            removal,
            removal_mails,
            signup_mails,
            staff,
        )
        from organisations.views import navigation
        from permissions import web
        from permissions.actions import Action

        rules.register()
        user_logged_in.connect(sessions.begin, dispatch_uid="customers.sessions")
        user_logged_out.connect(act_as.signed_out, dispatch_uid="customers.act_as")
        post_delete.connect(act_as.session_gone, sender=UserSession, dispatch_uid="customers.act_as")
        web.staff_proofs.append(second_factor.is_proven)
        authenticator_added.connect(second_factor.set_up, dispatch_uid="customers.second_factor")
        account_mails.register()
        invitation_mails.register()
        merge_mails.register()
        ownership_mails.register()
        signup_mails.register()
        staff.register()
        departures.register()
        hooks.number_asked.append(questions.spend)
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
