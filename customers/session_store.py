"""Sessions in the database, as Django keeps them (``SESSION_ENGINE``). Every request reads one."""

from __future__ import annotations

from typing import Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from common.statements import Place, Statement

_LIVE: Final = Statement(lambda: Session.objects.filter(session_key=Place("key"), expire_date__gt=Place("now")))


class SessionStore(DatabaseStore):
    """Django's, with the query that finds a session turned into SQL once."""

    def _get_session_from_db(self) -> Session | None:
        # A key that never was one would be refused by the column, and is looked for by nobody.
        found = _LIVE.instances(key=self.session_key, now=timezone.now()) if self.session_key else []
        if not found:
            self._session_key = None
            return None
        session: Session = found[0]
        return session
