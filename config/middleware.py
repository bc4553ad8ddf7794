"""Middleware of our own: room to work in, the request's id, and who is behind a change in the audit trail."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pghistory.middleware import HistoryMiddleware

from common.audit import door_of, without_verb
from common.tokens import masked
from config.frames import in_one_piece
from permissions.access import told_of
from permissions.web import impersonator_of

HEADER = "X-Request-ID"
_META = "HTTP_X_REQUEST_ID"
# Long enough for every known generator, and nothing that could break a log line.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")

type_of_view = Callable[[HttpRequest], HttpResponseBase]


def roomy(get_response: type_of_view) -> type_of_view:
    """Answer with room for the frames of all calls of the request (``config.frames``)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return in_one_piece(lambda: get_response(request))

    return middleware


def request_id(get_response: type_of_view) -> type_of_view:
    """Keep a well-formed id that the caller sent, else make one; logs, audit and answer carry it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get(_META, "")
        chosen = sent if _WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex
        # django-structlog and the audit context read it from here.
        request.META[_META] = chosen
        response = get_response(request)
        response[HEADER] = chosen
        return response

    return middleware


#: Pages of accounts whose names do not say what is done there.
_DONE = {"account_email": "change_email", "mfa_index": "second_factors"}


class AuditContextMiddleware(HistoryMiddleware):
    """Puts the request's id next to the user and the path into every audit row; and who acts as the user, if any.

    Of the account pages, whose writes are allauth's and no verbs of ours, it says who does what, too.
    """

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Who changes her own account. These pages ask for their user themselves: it costs no statement."""
        match = request.resolver_match
        if request.method != "POST" or match is None or not request.path.startswith("/accounts/"):
            return
        user = request.user
        if user.is_authenticated:
            done = _DONE.get(match.url_name or "", (match.url_name or "").removeprefix("account_"))
            without_verb(user.public_id, str(user), done)

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request)
        # A link that opens something has its secret in the address.
        return context | {
            "request_id": request.META.get(_META),
            "url": masked(request.path),
            "door": door_of(request.path),
            **({} if (one := impersonator_of(request)) is None else told_of(one)),
        }
