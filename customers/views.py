"""The page of one's own account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from common.web import Page


class Account(Page):
    """Where one's own account is kept: e-mail, password, second factor, sessions, memberships."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self.show("customers/account.html", {"held": self.access.held})
