"""Pages for what went wrong. They use nothing that could be broken itself: no database, no session."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from customers.act_as import acting_as
from permissions.api.problems import TITLES, Problem, respond

_CODES = {
    400: "malformed",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    413: "too_large",
    429: "too_many",
    500: "internal_error",
}


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        # What went wrong before, or around, the API's own views.
        return respond(request, Problem(status, _CODES[status], TITLES[status]))
    context: dict[str, Any] = {"request_id": request.META.get("HTTP_X_REQUEST_ID", "")}
    if acting := acting_as(request):
        # What was found out with the request's beginning; the token is in a cookie.
        context |= {"acting_as": acting, "csrf_token": get_token(request)}
    text = render_to_string(f"{status}.html", context)
    return HttpResponse(text, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400; 413 for a form that is too large."""
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    return _page(request, 403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: nothing there, or nothing that may be known of."""
    return _page(request, 404)


def gone(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """410: a link that has been used or has expired."""
    return _page(request, 410)


def too_many_requests(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """429."""
    return _page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(request, 500)
