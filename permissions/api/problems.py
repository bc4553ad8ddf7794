"""Every error of the API, in one shape: ``application/problem+json`` (RFC 9457).

Domain verbs raise what is wrong (``common.errors``, ``permissions.decisions``); this is the one translation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException, MethodNotAllowed, Throttled, ValidationError
from rest_framework.views import set_rollback

from common.errors import (
    ConfirmationNeeded,
    Conflict,
    DomainError,
    FieldError,
    Gone,
    Invalid,
    NotFound,
    ReauthenticationRequired,
    Stale,
    TooMany,
)
from common.validation import invalid
from permissions.api.fields import BadQuery, WrongKind
from permissions.api.media import to_json
from permissions.decisions import Decision, Refusal, Refused, RefusedItems

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "application/problem+json"

#: What each status is called when its code has no title of its own.
TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be used",
    401: "Sign in, or send an API key",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not take that method",
    409: "Not possible as things stand",
    410: "Gone",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Send JSON",
    428: "Say which version you read",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Busy",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error on its way out.

    Attributes:
        status: the HTTP status.
        code: stable, machine-readable.
        detail: a sentence for people.
        members: what else the body carries (``errors``, ``rule``, ``facts``, ``preview``…).
        headers: of the answer.
    """

    status: int
    code: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as an answer."""
    body = {
        "type": f"urn:hectare:problem:{problem.code}",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
        "code": problem.code,
        "request_id": request.META.get("HTTP_X_REQUEST_ID", ""),
        **problem.members,
    }
    response = HttpResponse(to_json(body), content_type=CONTENT_TYPE, status=problem.status)
    response["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def handle(exception: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's ``EXCEPTION_HANDLER``: any exception becomes a problem, an unforeseen one a 500 that tells nothing."""
    request: Any = context["request"]
    view = context.get("view")
    if isinstance(exception, RefusedItems):
        problem = _refused_items(exception, getattr(view, "sent", None))
    else:
        problem = to_problem(exception)
    if problem.status >= 500:
        log.error("api_error", exc_info=exception, path=request.path)
        got_request_exception.send(sender=type(view), request=request)
    set_rollback()
    return respond(request, problem)


NOT_FOUND: Final = Problem(404, "not_found", "Not found.")
INTERNAL: Final = Problem(
    500, "internal_error", "Something went wrong on our side. Tell us the request_id if it stays so."
)


@singledispatch
def to_problem(exception: Exception) -> Problem:
    """What an exception is told as."""
    return INTERNAL


@to_problem.register
def _domain(exception: DomainError) -> Problem:
    return Problem(400, exception.code, exception.detail, dict(exception.facts))


@to_problem.register(NotFound)
@to_problem.register(Http404)
def _not_found(exception: NotFound | Http404) -> Problem:
    return NOT_FOUND


@to_problem.register
def _wrong_kind(exception: WrongKind) -> Problem:
    return Problem(404, exception.code, exception.detail)


@to_problem.register
def _invalid(exception: Invalid) -> Problem:
    return Problem(400, exception.code, exception.detail, {"errors": [_as_dict(one) for one in exception.errors]})


@to_problem.register
def _conflict(exception: Conflict) -> Problem:
    return Problem(409, exception.code, exception.detail, dict(exception.facts))


@to_problem.register
def _gone(exception: Gone) -> Problem:
    return Problem(410, exception.code, exception.detail, dict(exception.facts))


@to_problem.register
def _reauthentication(exception: ReauthenticationRequired) -> Problem:
    return Problem(403, exception.code, exception.detail)


@to_problem.register
def _confirmation(exception: ConfirmationNeeded) -> Problem:
    return Problem(409, exception.code, exception.detail, {"preview": exception.preview})


@to_problem.register
def _stale(exception: Stale) -> Problem:
    members = {"current_version": exception.current, "changes": exception.changes}
    return Problem(412, exception.code, exception.detail, members)


@to_problem.register
def _too_many(exception: TooMany) -> Problem:
    return Problem(429, exception.code, exception.detail, {}, {"Retry-After": str(exception.retry_after)})


@to_problem.register
def _refused(exception: Refused) -> Problem:
    decision = exception.decision
    members = _decision(decision)
    if exception.pointer:
        members["errors"] = [{"pointer": exception.pointer, "code": decision.code, "detail": decision.why}]
    return Problem(_status(decision), exception.code, exception.detail, members)


@to_problem.register
def _django_validation(exception: DjangoValidationError) -> Problem:
    return _invalid(invalid(exception))


@to_problem.register
def _denied(exception: PermissionDenied) -> Problem:
    return Problem(403, "forbidden", "Not allowed.")


@to_problem.register
def _suspicious(exception: SuspiciousOperation) -> Problem:
    return Problem(400, "malformed", "The request cannot be read.")


@to_problem.register
def _too_big(exception: RequestDataTooBig) -> Problem:
    return Problem(413, "too_large", "The request is too large.")


@to_problem.register
def _api(exception: APIException) -> Problem:
    # Codes of DRF's own exceptions that say less than ours.
    code = {"not_authenticated": "unauthenticated", "parse_error": "malformed"}.get(_code(exception), _code(exception))
    headers = {}
    if found := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = found
    return Problem(exception.status_code, code, str(exception.detail), {}, headers)


@to_problem.register
def _method(exception: MethodNotAllowed) -> Problem:
    return Problem(405, "method_not_allowed", str(exception.detail))


@to_problem.register
def _throttled(exception: Throttled) -> Problem:
    wait = max(1, int(getattr(exception, "wait", None) or 1))
    detail = f"That is more than this credential may ask for. Try again in {wait} seconds."
    return Problem(429, "too_many", detail, {}, {"Retry-After": str(wait)})


@to_problem.register
def _validation(exception: ValidationError) -> Problem:
    errors = [_as_dict(one) for one in field_errors(exception.detail)]
    return Problem(400, "invalid", "Some of what was sent cannot be used.", {"errors": errors})


@to_problem.register
def _bad_query(exception: BadQuery) -> Problem:
    detail: Any = exception.detail
    errors = [
        {"pointer": "", "parameter": name, "code": getattr(one, "code", "invalid"), "detail": str(one)}
        for name, told in detail.items()
        for one in told
    ]
    return Problem(400, "invalid", "Some of the query cannot be used.", {"errors": errors})


def field_errors(detail: Any, pointer: str = "") -> Iterator[FieldError]:
    """DRF's nested errors, flat, with JSON pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from field_errors(inner, pointer + step)
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, pointer)
    else:
        yield FieldError(pointer, getattr(detail, "code", "invalid"), str(detail))


def _as_dict(error: FieldError) -> dict[str, str]:
    return {"pointer": error.pointer, "code": error.code, "detail": error.detail}


def _code(exception: APIException) -> str:
    codes = exception.get_codes()
    return codes if isinstance(codes, str) else exception.default_code


def _decision(decision: Decision) -> dict[str, Any]:
    told = decision.as_dict()
    return {name: told[name] for name in ("action", "rule", "facts", "remedies")}


def _status(decision: Decision) -> int:
    if not decision.visible:
        return 404
    return 409 if decision.refusal is Refusal.STATE else 403


def _refused_items(exception: RefusedItems, sent: Any) -> Problem:
    """Some of many were refused.

    Those that the caller may not know of come first and alone, in the very words for ids that never were.
    """
    name = exception.pointer.strip("/")
    listed = sent.get(name, []) if isinstance(sent, Mapping) else []
    place = {public_id: index for index, public_id in enumerate(listed)} if isinstance(listed, list) else {}

    def pointer(public_id: str) -> str:
        return f"{exception.pointer}/{place[public_id]}" if public_id in place else exception.pointer

    unknown = [public_id for public_id, decision in exception.decisions.items() if not decision.visible]
    if unknown:
        return _invalid(Invalid([FieldError(pointer(one), "not_found", "Not found.") for one in unknown]))
    errors = [
        {
            "pointer": pointer(public_id),
            "code": decision.code,
            "detail": decision.reason,
            "id": public_id,
            "rule": decision.code,
            "remedies": list(decision.remedies),
        }
        for public_id, decision in exception.decisions.items()
    ]
    states = {decision.refusal for decision in exception.decisions.values()}
    status = 409 if states == {Refusal.STATE} else 403
    return Problem(status, exception.code, exception.detail, {"errors": errors})
