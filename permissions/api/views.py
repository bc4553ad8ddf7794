"""The base of every view of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import ErrorDetail, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.views import APIView

from common.ids import is_id
from permissions.access import Access
from permissions.api import paging, preconditions
from permissions.api.acting import reason_of
from permissions.api.authentication import KeyAuthentication, SessionAuthentication
from permissions.api.closed import MappedOnly, method_of
from permissions.api.fields import BadQuery, Query, Strict, WrongKind
from permissions.api.media import JsonOnly, JsonParser, JsonRenderer, to_json
from permissions.api.operations import Acting, Operation, operation_of
from permissions.api.problems import NOT_FOUND, handle, respond
from permissions.api.schema import ApiSchema
from permissions.api.throttling import CredentialThrottle
from permissions.web import access_of

M = TypeVar("M", bound=Model)


class ApiView(APIView):
    """A view whose methods are ``@operation``s.

    A handler reads the thing first (404), then ``self.body`` (400) and ``self.version_of`` (428, 412), calls one verb,
    and answers with plain dictionaries.
    """

    authentication_classes = (KeyAuthentication, SessionAuthentication)
    permission_classes = (MappedOnly,)
    throttle_classes = (CredentialThrottle,)
    parser_classes = (JsonParser,)
    renderer_classes = (JsonRenderer,)
    content_negotiation_class = JsonOnly
    metadata_class = None
    schema = ApiSchema()

    #: Heading in the documentation.
    tag = ""
    #: Prefix of the ids in the address, by the name of the parameter.
    id_kinds: dict[str, str] = {
        "organisation": "org",
        "unit": "bu",
        "grant": "grt",
        "grant_request": "grq",
        "product": "prd",
        "variant": "var",
        "fee": "fee",
        "shipping_method": "shm",
        "payment_method": "pym",
        "cycle": "ocy",
        "exchange": "exc",
        "key": "key",
        "notice": "ntc",
        "user": "usr",
        "membership": "mem",
        "role": "rol",
        "invitation": "inv",
        "transfer": "otr",
        "connection": "con",
        "access_request": "acr",
        "removal": "rmv",
        "merge": "mrg",
        "export": "exp",
        "batch": "imp",
        "mail": "mai",
    }

    def get_exception_handler(self) -> Any:
        """Every error is a problem."""
        return handle

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks, whether she may at all, how often; then what needs no look at the data."""
        super().initial(request, *args, **kwargs)
        self._json_only()
        operation = operation_of(self, method_of(request))
        if operation is None:
            return
        self._check_ids(kwargs)
        self.query = self._read_query(operation)
        if operation.body is None:
            self._nothing_sent()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Headers that every answer has."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if not final.has_header("Cache-Control"):
            final["Cache-Control"] = "private, no-cache"
        final["Vary"] = "Authorization, Cookie"
        spent = getattr(getattr(request, "_request", request), "rate_limit", None)
        for name, value in spent.headers().items() if spent else ():
            final[name] = value
        return final

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """Which methods the address takes, and nothing about what is there."""
        return HttpResponse(status=204)

    # What a handler works with.

    @property
    def access(self) -> Access:
        """Who asks."""
        return access_of(self.request._request)

    @property
    def acting(self) -> Access:
        """Who asks, acting for others when she is staff: with the reason in the header ``Acting-Reason``.

        Everybody else acts in her own right, and the header says nothing.

        Raises:
            ReasonRequired: staff did not say why.
        """
        operation = operation_of(self, method_of(self.request))
        if operation is None or operation.acting is Acting.NEVER:
            raise TypeError(f"{type(self).__name__}.{self.request.method} does not say that staff act by it")
        access = self.access
        return access.acting(reason_of(self.request.META)) if access.is_staff else access

    @cached_property
    def sent(self) -> Any:
        """What was sent, as it was sent."""
        return self.request.data

    @cached_property
    def body(self) -> dict[str, Any]:
        """What was sent, looked over; only what was sent, where fields may be left out."""
        operation = operation_of(self, method_of(self.request))
        if operation is None or operation.body is None:
            return {}
        read = operation.body(data=self.sent, partial=operation.partial, context={"access": self.access})
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def version_of(self, row: Any) -> int | None:
        """The version that the caller read, from ``If-Match``; ``None`` for ``*``."""
        return preconditions.wanted_version(self.request._request, row.version)

    def version_if_sent(self, row: Any) -> int | None:
        """As ``version_of``, where ``If-Match`` may be left out."""
        return self.version_of(row) if "HTTP_IF_MATCH" in self.request.META else None

    def answer(
        self, body: Any, *, status: int = 200, version: int | None = None, location: str | None = None
    ) -> HttpResponse:
        """An answer. That to a read of one thing has an ``ETag``, and is 304 to who has it already.

        Args:
            version: of the row. Without one the tag tells only what was answered.
        """
        content = to_json(body)
        tagged = version is not None or self._reads_one
        etag = preconditions.tag(version or 0, content) if tagged else None
        if etag and self.request.method in ("GET", "HEAD") and preconditions.matches(self.request._request, etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(content, status=status, content_type="application/json")
        if etag:
            response["ETag"] = etag
        if location:
            response["Location"] = self.request.build_absolute_uri(location)
        return response

    def nothing(self) -> HttpResponse:
        """Done, and there is nothing to tell."""
        return HttpResponse(status=204)

    def page(
        self,
        rows: QuerySet[M],
        shape: Callable[[list[M]], Sequence[Any]],
        *,
        key: str = "public_id",
        updated: str = "updated_at",
        newest_first: bool = False,
        version: int | None = None,
    ) -> HttpResponse:
        """One page of a list.

        Args:
            shape: makes the rows of a page into dictionaries, in as many statements as it always takes.
            updated: when a row was last changed, for ``updated_since``.
            version: of what the list belongs to, where a change of it answers with its first page.
        """
        if since := self.query.get("updated_since"):
            rows = rows.filter(**{f"{updated}__gte": since})
        cursor = paging.Cursor.read(self.query["cursor"]) if "cursor" in self.query else None
        size = self.query.get("page_size", paging.DEFAULT_SIZE)
        found = paging.page(rows, size=size, cursor=cursor, key=key, newest_first=newest_first)
        return self.answer(paging.listed(self.request, found, shape(list(found.rows))), version=version)

    def whole(self, rows: Sequence[Any]) -> HttpResponse:
        """A list that always comes as one page."""
        return self.answer({"results": list(rows), "next": None, "previous": None})

    # How it is done.

    @property
    def _reads_one(self) -> bool:
        operation = operation_of(self, method_of(self.request))
        return operation is not None and self.request.method in ("GET", "HEAD") and operation.reads_one

    def _json_only(self) -> None:
        """A body in any other form is refused before anything looks at it."""
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        kind = (self.request.content_type or "").partition(";")[0].strip().lower()
        if length != "0" and kind != JsonParser.media_type and self.request.method not in ("GET", "HEAD"):
            raise UnsupportedMediaType(
                kind or "nothing", f"Send application/json, not {kind or 'a body without a type'}."
            )

    def _check_ids(self, kwargs: dict[str, Any]) -> None:
        for name, value in kwargs.items():
            prefix = self.id_kinds[name]
            if not is_id(value, prefix):
                raise WrongKind(prefix)

    def _read_query(self, operation: Operation) -> dict[str, Any]:
        sent = self.request.query_params
        twice = {name: [_TWICE] for name, values in sent.lists() if len(values) > 1}
        known = operation.query._declared_fields
        unknown = {name: [_UNKNOWN] for name in sent if name not in known}
        if twice or unknown:
            raise BadQuery({**unknown, **twice})
        if not known:
            return {}
        read: Query = operation.query(data=sent.dict(), context={"access": self.access})
        if not read.is_valid():
            raise BadQuery(read.errors)
        return dict(read.validated_data)

    def _nothing_sent(self) -> None:
        """The operation takes no body: an empty one, or an empty object, is all that may come."""
        if self.request.method in ("GET", "HEAD"):
            return
        sent = self.request.data
        if sent:
            Strict(data=sent).is_valid(raise_exception=True)


_TWICE = ErrorDetail("Send this parameter once.", code="duplicate_parameter")
_UNKNOWN = ErrorDetail("There is no such parameter here.", code="unknown_parameter")


class NowhereView(APIView):
    """Every address under ``/api/`` that is none of ours."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Not found."""
        return respond(request, NOT_FOUND)
