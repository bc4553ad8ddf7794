"""Who is signed in. Every request asks for one user: its query is turned into SQL once."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend

from common.statements import Place, Statement
from customers.models import User

_BY_KEY: Final = Statement(lambda: User.objects.filter(pk=Place("key")))


class UserBackend(ModelBackend):
    """Django's: by password, and nobody who is not active."""

    def get_user(self, user_id: Any) -> User | None:
        """The active user with this key."""
        found = _BY_KEY.instances(key=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
