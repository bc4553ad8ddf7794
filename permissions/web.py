"""Who is asking, on every request: ``request.access``."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from permissions.access import Access, Impersonator

#: Asked before staff are taken for staff: each says whether this session has shown enough. See customers.second_factor.
staff_proofs: list[Callable[[HttpRequest], bool]] = []


def _resolved(request: HttpRequest) -> Access:
    """The access of the session's user; of nobody, for staff who have not shown enough."""
    found = Access.for_user(request.user).acted_as_by(impersonator_of(request))
    return Access.none() if found.is_staff and not all(proof(request) for proof in staff_proofs) else found


class AccessMiddleware:
    """Puts the access of the signed-in user on the request: asked for when it is first used, once per request.

    Staff see everything here and change nothing: only the admin makes an access that acts for others
    (``Access.acting``, with a reason). The API replaces it when the caller came with an API key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # What an API key may do takes its place: see permissions.api.authentication.
        set_access(request, cast("Access", SimpleLazyObject(lambda: _resolved(request))))
        return self.get_response(request)


def access_of(request: HttpRequest) -> Access:
    """The access of the request; nobody's where the middleware has not run."""
    access: Access | None = getattr(request, "access", None)
    return Access.none() if access is None else access.itself


def impersonator_of(request: HttpRequest) -> Impersonator | None:
    """Who of Hectare's staff acts as the session's user, when somebody does (``customers.act_as``)."""
    found: Impersonator | None = getattr(request, "impersonator", None)
    return found


def set_access(request: HttpRequest, access: Access) -> None:
    """Let the request be answered with this access."""
    request.access = access  # type: ignore[attr-defined]
