"""Lists in pages: a signed cursor says where the next one begins, so a page costs the same however deep it is."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from permissions.api.fields import BadQuery, Query, QueryMoment

M = TypeVar("M", bound=Model)

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 200
_signer = Signer(salt="permissions.api.paging")


class UndatedQuery(Query):
    """What a list takes whose rows tell what holds now, and have no time at which they changed."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="Where a page begins: from `next` or `previous` of another."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_SIZE, default=DEFAULT_SIZE, help_text="Rows in a page."
    )


class PageQuery(UndatedQuery):
    """What every other list takes."""

    updated_since = QueryMoment(
        required=False, help_text="Only what was changed at this moment or after it (ISO 8601 with a zone)."
    )


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins.

    Attributes:
        key: the key of the row next to it.
        back: whether the page ends there instead.
    """

    key: str
    back: bool = False

    def text(self) -> str:
        """Signed, so that nobody makes one up."""
        signed = _signer.sign(f"{'p' if self.back else 'n'}{self.key}")
        return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor of a text.

        Raises:
            BadQuery: it is not one of ours.
        """
        try:
            signed = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode()
            value = _signer.unsign(signed)
        except (ValueError, BadSignature):
            wrong = ErrorDetail("Take the cursor from another page's next or previous.", code="invalid_cursor")
            raise BadQuery({"cursor": [wrong]}) from None
        return cls(value[1:], value[0] == "p")


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursors of the pages beside them."""

    rows: Sequence[Any]
    next: Cursor | None
    previous: Cursor | None


def page(
    rows: QuerySet[M], *, size: int, cursor: Cursor | None, key: str = "public_id", newest_first: bool = False
) -> Page:
    """One page of a queryset. One statement.

    Args:
        key: a unique path of texts by which the rows stand; public ids stand by the time they were made.
    """
    back = bool(cursor and cursor.back)
    downwards = newest_first != back
    if cursor is not None:
        rows = rows.filter(**{f"{key}__{'lt' if downwards else 'gt'}": cursor.key})
    found = list(rows.order_by(f"-{key}" if downwards else key)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Page([], None, None)
    first, last = _value(found[0], key), _value(found[-1], key)
    following, preceding = (True, more) if back else (more, cursor is not None)
    return Page(found, Cursor(last) if following else None, Cursor(first, back=True) if preceding else None)


def _value(row: Any, key: str) -> str:
    for step in key.split("__"):
        row = getattr(row, step)
    return str(row)


def address(request: Request, cursor: str | None) -> str | None:
    """The address of the same list at another cursor."""
    if cursor is None:
        return None
    kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return request.build_absolute_uri(f"{request.path}?{urlencode(kept | {'cursor': cursor})}")


def listed(request: Request, found: Page, rows: Sequence[Any]) -> dict[str, Any]:
    """The body of a list."""
    return {
        "results": list(rows),
        "next": address(request, found.next.text() if found.next else None),
        "previous": address(request, found.previous.text() if found.previous else None),
    }
