"""Who asks: a person's session, or an organisation's API key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DjangoSession
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from common.addresses import address_of, network_of
from permissions.access import Access
from permissions.api import failures
from permissions.domain.keys import find_key, record_use
from permissions.models import ApiKey
from permissions.web import set_access

REALM: Final = 'Bearer realm="Hectare API"'
PREFIX: Final = "hct_"


class CredentialInUrl(APIException):
    """Addresses are logged and kept by others; a secret does not belong there."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = (
        "An API key stands in the address, where others can read it. Revoke it, and send the new one as "
        "'Authorization: Bearer …'."
    )
    default_code = "credential_in_url"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Stands for an API key where Django asks for a user. It is nobody: an organisation acts."""

    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    is_staff: bool = False
    is_superuser: bool = False

    @property
    def pk(self) -> str:
        """What limits are counted by."""
        return self.key.public_id


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer hct_…``."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, ApiKey] | None:
        """The key, when one was sent.

        Raises:
            AuthenticationFailed: it is not one, or it has ended; without saying which.
            CredentialInUrl: it stands in the address.
            Throttled: too many that are none have come from there. A good one is taken all the same.
        """
        if any(value.startswith(PREFIX) for values in request.query_params.lists() for value in values[1]):
            raise CredentialInUrl
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        key = find_key(secret.strip()) if scheme.lower() == "bearer" and secret.strip().startswith(PREFIX) else None
        if key is None:
            failures.count(request._request)
            raise AuthenticationFailed("The API key is not valid.", code="invalid_credential")
        record_use(key)
        set_access(request._request, Access.for_key(key))
        return KeyHolder(key), key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return REALM


class CsrfFailed(PermissionDenied):
    """A page elsewhere may have sent this in the person's name."""

    default_code = "csrf_failed"


class SessionAuthentication(DjangoSession):
    """The session of the product's own pages; whatever changes something needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """As Django's pages do.

        Raises:
            CsrfFailed: the token is missing or wrong, or another site sent the request.
        """
        try:
            super().enforce_csrf(request)
        except PermissionDenied as problem:
            raise CsrfFailed(str(problem.detail), code="csrf_failed") from problem


def credential_of(request: Any) -> str:
    """What limits are counted by: the key, the person, else the address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"{'key' if isinstance(user, KeyHolder) else 'user'}:{user.pk}"
    return f"address:{network_of(address_of(getattr(request, '_request', request)))}"
