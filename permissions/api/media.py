"""JSON in, JSON out: what comes in is read strictly, what goes out is written by orjson."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

import orjson
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

#: Bytes. 5,000 ids of a bulk change are a fifth of it.
LARGEST_BODY = 1_000_000


class TooLarge(APIException):
    """The body is larger than any that the API has a use for."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"Send at most {LARGEST_BODY:,} bytes."
    default_code = "too_large"

    def __init__(self, most: int = LARGEST_BODY) -> None:
        super().__init__(f"Send at most {most:,} bytes.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose names come once each: readers differ on which of two they take."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"The name {name!r} stands twice in one object.", code="duplicate_name")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ParseError(f"{name} is not JSON.", code="malformed")


class JsonParser(BaseParser):
    """Reads strict JSON in UTF-8: no duplicate names, no NaN, no half characters."""

    media_type = "application/json"
    #: A view that takes more has a parser of its own.
    largest = LARGEST_BODY

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value that was sent."""
        body = stream.read(self.largest + 1)
        if len(body) > self.largest:
            raise TooLarge(self.largest)
        try:
            value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
            orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
        except UnicodeDecodeError as problem:
            raise ParseError("The body is not UTF-8.", code="malformed") from problem
        except orjson.JSONEncodeError as problem:
            raise ParseError(
                "The body holds half a character or a number that is too long.", code="malformed"
            ) from problem
        except (ValueError, RecursionError) as problem:
            raise ParseError(f"The body is not JSON: {problem}", code="malformed") from problem
        return value


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def to_json(value: Any) -> bytes:
    """The value as JSON: decimals as text, times in ISO 8601 with their zone."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


class JsonRenderer(BaseRenderer):
    """Writes JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The answer's bytes."""
        return to_json(data)


class JsonOnly(BaseContentNegotiation):
    """There is one form of answer, whatever the caller would rather have: an error that can be read beats a 406."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The parser for the content type that was sent; none: 415."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        """Always JSON."""
        return renderers[0], renderers[0].media_type
