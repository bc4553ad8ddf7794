"""How long a session lasts: so long without use, and so long in all. Staff, who see everybody's data, have less."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from common import clock

#: In the session: when and as what its owner signed in, and when she was last seen.
BEGAN: Final = "hectare_began"
SEEN: Final = "hectare_seen"
STAFF: Final = "hectare_staff"
#: Being seen is written down no oftener than this.
NOTED_EVERY: Final = timedelta(minutes=5)


def begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Somebody has signed in (``user_logged_in``)."""
    moment = clock.now().isoformat()
    request.session.update({BEGAN: moment, SEEN: moment, STAFF: bool(user.is_staff)})


def limits(*, is_staff: bool) -> tuple[timedelta, timedelta]:
    """How long a session lasts without use, and in all."""
    hours = settings.STAFF_SESSION_HOURS if is_staff else settings.SESSION_HOURS
    return timedelta(hours=hours[0]), timedelta(hours=hours[1])


class SessionLimits:
    """Ends a session whose time is over, before anybody looks at who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without the cookie there is no session to look at, and nothing to ask the database.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" in request.session:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        now = clock.now()
        began, seen = (_moment(request, key, now) for key in (BEGAN, SEEN))
        idle, absolute = limits(is_staff=bool(request.session.get(STAFF)))
        if now - seen > idle or now - began > absolute:
            logout(request)
            if not request.path.startswith("/api/"):
                messages.info(request, _("You were signed out, because some time has passed. Please sign in again."))
        elif now - seen > NOTED_EVERY:
            request.session[SEEN] = now.isoformat()


def _moment(request: HttpRequest, key: str, now: datetime) -> datetime:
    """A moment in the session; now, when it has none (and that is kept)."""
    try:
        return datetime.fromisoformat(request.session[key])
    except (KeyError, TypeError, ValueError):
        request.session[key] = now.isoformat()
        return now
