"""How allauth behaves here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation or from staff, unless anybody may sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Read with every request, so that the mode can change while the site runs."""
        return str(settings.CUSTOMER_SIGNUP) == "open"
