"""The session of staff who act as a person: who is signed in, for as long as it lasts.

The session stays the staff person's own; with each request the person stands in her place, after the session's hours
and its second factor were looked at, and its owner, the permission and the person were read anew. So it ends with the
session, however that ends, and nothing tells that the person had signed in. Whoever does not act pays a look into the
session that was read anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import pghistory
import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from common import clock
from common.audit import door_of
from customers import second_factor
from customers.domain import impersonation as verbs
from customers.enums import ActingEnd
from customers.models import Impersonation, User
from permissions import impersonation
from permissions.access import Access
from permissions.api.problems import Problem, respond
from permissions.decisions import Decision, Refused
from permissions.web import access_of

log = structlog.get_logger(__name__)

#: In the session: the public id of what is going on.
KEY: Final = "hectare_acts_as"
_OVER: Final = {
    ActingEnd.STOPPED: "You have stopped acting as %(name)s.",
    ActingEnd.TIME: "The time for acting as %(name)s is over. You are here as yourself again.",
    ActingEnd.SESSION: "Your session ended, and acting as %(name)s with it.",
    ActingEnd.LAPSED: "You may not act as %(name)s any more. You are here as yourself again.",
}


@dataclass(frozen=True)
class ActingAs:
    """What the banner and greyed buttons are made from.

    Attributes:
        row: what is going on.
    """

    row: Impersonation

    @property
    def person(self) -> User:
        """As whom."""
        return self.row.user

    @property
    def until(self) -> datetime:
        """When it ends at the latest."""
        return self.row.ends_at

    @cached_property
    def kept(self) -> Mapping[str, Decision]:
        """The refusals of what stays the person's own, by their names in ``permissions.impersonation``, small."""
        named = {name.lower(): one for name, one in vars(impersonation).items() if isinstance(one, impersonation.Kept)}
        actor = Access(name=str(self.person)).acted_as_by(verbs.impersonator(self.row))
        decided = {name: impersonation.decision(actor, one) for name, one in named.items()}
        return {name: one for name, one in decided.items() if one is not None}


def acting_as(request: HttpRequest) -> ActingAs | None:
    """What is going on in the request's session, if anything is."""
    found: ActingAs | None = getattr(request, "acting_as", None)
    return found


class ActAs:
    """Puts the person in the place of the staff person who acts as her, or ends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and KEY in request.session:
            answer = _look(request)
            if answer is not None:
                return answer
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse the pages of what stays the person's own."""
        acting, match = acting_as(request), request.resolver_match
        if acting is None or match is None:
            return None
        kept = impersonation.page_kept(match.url_name or "", request.path)
        if kept is None:
            return None
        log.warning("refused", verb=match.url_name, actor=acting.person.public_id, rule=impersonation.CODE)
        decision = impersonation.decision(access_of(request), kept)
        assert decision is not None
        context = {"error": Refused(decision), "decision": decision, "back": reverse("home")}
        return render(request, "pages/refused.html", context, status=403)


def begin(request: HttpRequest, access: Access, person: User, *, fresh: bool) -> Impersonation:
    """Act as a person from the next request on; see ``customers.domain.impersonation.act_as``."""
    session_key = request.session.session_key or ""
    made = verbs.act_as(access, user=person, session_key=session_key, fresh=fresh)
    request.session[KEY] = made.public_id
    # So that whoever ends the session from elsewhere need not look whether something was done in it.
    UserSession.objects.filter(session_key=session_key).update(data={KEY: made.public_id})
    return made


def stop(request: HttpRequest, acting: ActingAs) -> HttpResponse:
    """Be oneself again, in the staff's site, on the person's page."""
    verbs.stop_acting(access_of(request), acting=acting.row)
    del request.session[KEY]
    return _back(request, acting.row, ActingEnd.STOPPED)


def _look(request: HttpRequest) -> HttpResponse | None:
    """Let the person stand in; or end it, with the answer of that. What was asked for is not done in another name."""
    if request.path.startswith("/api/") and request.META.get("HTTP_AUTHORIZATION"):
        # An API key is an organisation's, whatever session comes with it.
        return None
    row = verbs.found(request.session[KEY], request.session.session_key or "")
    over = _over(request, row)
    if over is None and row is not None:
        request.acting_as = ActingAs(row)  # type: ignore[attr-defined]
        request.impersonator = verbs.impersonator(row)  # type: ignore[attr-defined]
        request.user = request._cached_user = row.user  # type: ignore[attr-defined]
        return None
    request.session.pop(KEY, None)
    if row is not None and row.ended_at is None:
        with pghistory.context(door=door_of(request.path), request_id=request.META.get("HTTP_X_REQUEST_ID")):
            verbs.stop_acting(verbs.her_own(row), acting=row, by=over or ActingEnd.LAPSED)
    if request.path == reverse("account_logout") or not request.user.is_authenticated:
        return None
    if request.path.startswith("/api/"):
        told = _("You act as somebody else no more. Look at who you are (me/), and send it again if you still want it.")
        return respond(request, Problem(403, "acting_ended", told))
    return _back(request, row, over or ActingEnd.LAPSED)


def _over(request: HttpRequest, row: Impersonation | None) -> ActingEnd | None:
    """Why it is over; ``None`` while it is not."""
    # Asked first: a session whose owner's password has changed is emptied by it.
    staff = request.user
    if row is None or row.ended_at is not None:
        return ActingEnd(row.ended_by) if row is not None else ActingEnd.LAPSED
    if not staff.is_authenticated or staff.pk != row.staff_id:
        return ActingEnd.SESSION
    if clock.now() >= row.ends_at:
        return ActingEnd.TIME
    return None if second_factor.is_proven(request) and verbs.still_may(row) else ActingEnd.LAPSED


def _back(request: HttpRequest, row: Impersonation | None, by: ActingEnd) -> HttpResponse:
    where = reverse("admin:index")
    if row is not None:
        messages.info(request, _(_OVER[by]) % {"name": row.user})
        where = reverse("admin:customers_user_change", args=[row.user_id])
    return HttpResponseClientRedirect(where) if request.headers.get("HX-Request") else HttpResponseRedirect(where)


# --- the ends of sessions -------------------------------------------------------------------------------------------


def signed_out(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """A session is signed out of, by hand or because of its hours (``user_logged_out``)."""
    if request is None or KEY not in request.session:
        return
    row = verbs.found(request.session[KEY], request.session.session_key or "")
    if row is not None and row.ended_at is None:
        actor = access_of(request) if acting_as(request) else verbs.her_own(row)
        verbs.stop_acting(actor, acting=row, by=ActingEnd.SESSION)


def session_gone(sender: Any, instance: UserSession, **kwargs: Any) -> None:
    """A session was ended from elsewhere (``post_delete`` of the list of sessions)."""
    if KEY in instance.data:
        verbs.end_of_session(instance.session_key)
