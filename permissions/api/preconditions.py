"""Versions of rows in HTTP: ``ETag``, ``If-Match``, ``If-None-Match``.

A tag is ``"<version>.<digest>"``: the row's version, and a digest of what was answered. The version is what a change is
checked against; the digest makes the tag strong, also where an answer shows more than its own row.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import APIException

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]{1,64})?"')


class PreconditionRequired(APIException):
    """What two people may edit is changed only by those who say which version they read."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag of what you read, so that nobody else's change is lost."
    default_code = "precondition_required"


class WrongTag(APIException):
    """The header is no tag of ours."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "If-Match is not an ETag of this resource. Read it again and send the ETag that comes with it."
    default_code = "stale"


def tag(version: int, body: bytes) -> str:
    """The ``ETag`` of an answer."""
    return f'"{version}.{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def matches(request: HttpRequest, etag: str) -> bool:
    """Whether the caller has this answer already (``If-None-Match``)."""
    sent = request.META.get("HTTP_IF_NONE_MATCH", "")
    return sent.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in sent.split(",")]


def wanted_version(request: HttpRequest, current: int) -> int | None:
    """The version that ``If-Match`` speaks of; ``None`` for ``*``, which says that the caller does not mind.

    Proxies that compress make a tag weak; its version counts all the same. Of several tags, that of the current
    version is taken, if it is among them.

    Raises:
        PreconditionRequired: there is no ``If-Match``.
        WrongTag: it is not one of ours.
    """
    sent = request.META.get("HTTP_IF_MATCH", "").strip()
    if not sent:
        raise PreconditionRequired
    if sent == "*":
        return None
    versions = []
    for one in sent.split(","):
        found = _TAG.fullmatch(one.strip())
        if found is None:
            raise WrongTag
        versions.append(int(found.group(1)))
    return current if current in versions else versions[0]
