"""The OpenAPI description, made from what the views say of themselves (``permissions.api.operations``).

Answers are ``TypedDict``s: the type checker holds the code to them, and they become the schema's components.
"""

from __future__ import annotations

import types
import typing
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework.serializers import ListField

from permissions.api.acting import HEADER, MOST
from permissions.api.fields import Id, Ids, Query, QueryId, Strict, pattern
from permissions.api.operations import Acting, Operation, Shape, operation_of
from permissions.api.problems import CONTENT_TYPE, TITLES

Json = dict[str, Any]

#: Methods and the words that operations are called by.
_WORDS: Final = {"get": "read", "put": "make", "post": "create", "patch": "change", "delete": "remove"}


def described(text: str, **schema: Any) -> Json:
    """For ``Annotated``: what a field of an answer means."""
    return {"description": text, **schema}


def id_of(prefix: str, text: str = "") -> Json:
    """For ``Annotated[str, …]``: a public id."""
    return {"pattern": pattern(prefix), **({"description": text} if text else {})}


class Problem(typing.TypedDict):
    """An error, RFC 9457. ``code`` is stable; members beside these depend on it."""

    type: Annotated[str, described("A URN that ends with the code.", format="uri")]
    title: Annotated[str, described("What the status means here.")]
    status: Annotated[int, described("The HTTP status.")]
    detail: Annotated[str, described("What happened and what to do, for people.")]
    instance: Annotated[str, described("The address that was asked.")]
    code: Annotated[str, described("Stable and machine-readable.", examples=["invalid", "refused", "stale"])]
    request_id: Annotated[str, described("Also in X-Request-ID; tell it to us.")]
    errors: typing.NotRequired[list[ProblemError]]
    rule: typing.NotRequired[Annotated[str, described("The rule that refused.", examples=["C4"])]]
    action: typing.NotRequired[str]
    facts: typing.NotRequired[list[Fact]]
    remedies: typing.NotRequired[Annotated[list[str], described("What would change the answer.")]]
    preview: typing.NotRequired[Annotated[dict[str, Any], described("What the act would take from others.")]]
    current_version: typing.NotRequired[int]
    changes: typing.NotRequired[Annotated[list[dict[str, Any]], described("Who changed it since, when and what.")]]


class ProblemError(typing.TypedDict):
    """One thing that is wrong with what was sent."""

    pointer: Annotated[str, described("JSON pointer into the body; empty for the whole, or for the query.")]
    code: str
    detail: str
    parameter: typing.NotRequired[Annotated[str, described("The query parameter.")]]
    id: typing.NotRequired[Annotated[str, described("The id that was refused, of many.")]]
    rule: typing.NotRequired[str]
    remedies: typing.NotRequired[list[str]]


class Fact(typing.TypedDict):
    """One thing that a decision rests on."""

    key: Annotated[str, described("Stable name of what was looked at.", examples=["grant:producer>hub"])]
    holds: bool
    code: Annotated[str | None, described("The rule code that a failing need is refused with.")]
    kind: Annotated[str, described("Whether somebody could give it, or it is not possible now.")]
    sentence: str
    remedy: str | None
    since: Annotated[str | None, described("When it came to be, ISO 8601.")]


_BASIC: Final[dict[Any, Json]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    Decimal: {"type": "string", "format": "decimal"},
    type(None): {"type": "null"},
    Any: {},
}


class ApiSchema(AutoSchema):
    """Describes one method of one address."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Json | None:
        """The operation, from what the handler says of itself."""
        self.registry = registry
        self.path, self.path_regex, self.path_prefix, self.method = path, path_regex, path_prefix, method.upper()
        said = operation_of(self.view, method)
        if said is None:
            return None
        result: Json = {
            "operationId": self._name(said),
            "summary": said.summary,
            "description": self._description(said),
            "tags": [self.view.tag],  # type: ignore[attr-defined]
            "parameters": [*self._path(), *self._query(said), *self._headers(said)],
        }
        if said.body is not None:
            result["requestBody"] = self._body(said)
        result["security"] = self.get_auth()
        result["responses"] = {**self._success(said), **self._errors(said)}
        return result

    def _name(self, said: Operation) -> str:
        tokens = [token.replace("-", "_") for token in self._tokenize_path()]
        method = self.method.lower()
        is_list = method == "get" and said.answers is not None and said.answers.many
        word = "list" if is_list else _WORDS[method]
        acts = method == "post" and not said.body and said.status == 200
        return "_".join(tokens if acts else [*tokens, word])

    def _description(self, said: Operation) -> str:
        rules = ", ".join(f"`{rule}`" for rule in said.rules if isinstance(rule, str))
        return "\n\n".join(part for part in (said.description, f"Decided by: {rules}." if rules else "") if part)

    def _path(self) -> list[Json]:
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        kinds: dict[str, str] = self.view.id_kinds  # type: ignore[attr-defined]
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": pattern(kinds[name])},
            }
            for name in names
        ]

    def _query(self, said: Operation) -> list[Json]:
        fields = said.query().fields
        return [
            {
                "name": name,
                "in": "query",
                "required": field.required,
                "schema": self._field(field),
                **({"description": str(field.help_text)} if field.help_text else {}),
            }
            for name, field in fields.items()
        ]

    def _field(self, field: Any) -> Json:
        if isinstance(field, QueryId | Id):
            schema: Json = {"type": "string", "pattern": pattern(field.prefix)}
            return schema
        if isinstance(field, Ids):
            items = {"type": "string", "pattern": pattern(field.prefix)}
            return {"type": "array", "items": items, "maxItems": field.most, "uniqueItems": True}
        if isinstance(field, Strict):
            return self._object(type(field), partial=False)
        if isinstance(field, ListField) and isinstance(field.child, Strict):
            most = {"maxItems": field.max_length} if field.max_length else {}
            least = {"minItems": field.min_length} if field.min_length else {}
            return {"type": "array", "items": self._field(field.child), **least, **most}
        schema = dict(self._map_serializer_field(field, "request"))  # type: ignore[no-untyped-call]
        schema.pop("readOnly", None)
        if getattr(field, "default", None) is False:
            schema["default"] = False
        schema.pop("x-spec-enum-id", None)
        return schema

    def _headers(self, said: Operation) -> list[Json]:
        result = []
        if said.acting is not Acting.NEVER:
            only = said.acting is Acting.ONLY
            text = "Why staff act for the customer, who can read it. UTF-8, percent-encoded. Without it: 400."
            result.append(
                {
                    "name": HEADER,
                    "in": "header",
                    "required": only,
                    "schema": {"type": "string", "maxLength": 3 * MOST},
                    "description": text if only else f"For Hectare staff only. {text}",
                }
            )
        if not said.versioned:
            return result
        text = "The ETag of what you read. Without it: 428; when somebody changed it since: 412."
        result.append(
            {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}, "description": text}
        )
        return result

    def _body(self, said: Operation) -> Json:
        assert said.body is not None
        name = f"{'Patched' if said.partial else ''}{said.body.__name__}"
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=(said.body, said.partial))  # type: ignore[no-untyped-call]
        if component not in self.registry:
            component.schema = self._object(said.body, partial=said.partial)
            self.registry.register(component)
        content: Json = {"schema": component.ref}
        if said.example is not None:
            content["examples"] = {"example": {"value": said.example}}
        required = not said.partial and any(field.required for field in said.body().fields.values())
        return {"content": {"application/json": content}, "required": required}

    def _object(self, body: Any, *, partial: bool) -> Json:
        fields = body().fields
        properties = {}
        for name, field in fields.items():
            schema = self._field(field)
            if field.help_text:
                schema["description"] = str(field.help_text)
            if field.allow_null:
                schema = _nullable(schema)
            properties[name] = schema
        required = [name for name, field in fields.items() if field.required and not partial]
        text = (body.__doc__ or "").strip().partition("\n")[0]
        result: Json = {"type": "object", "description": text, "properties": properties, "additionalProperties": False}
        return result | ({"required": required} if required else {})

    def _success(self, said: Operation) -> Json:
        told: Json = {"description": "Done." if said.answers is None else said.summary}
        if said.answers is not None:
            told["content"] = {"application/json": {"schema": self._previewed(said, self._shape(said.answers))}}
        reads_one = self.method == "GET" and said.reads_one
        if said.tagged or reads_one:
            use = "The version, for If-Match." if said.tagged else "For If-None-Match."
            told["headers"] = {"ETag": {"schema": {"type": "string"}, "description": use}}
        result = {str(said.status): told}
        if said.instead is not None:
            status, answer = said.instead
            result[str(status)] = {
                "description": said.summary,
                "content": {"application/json": {"schema": self._hint(answer)}},
            }
        if said.previews and said.answers is None:
            content = {"application/json": {"schema": self._previewed(said, None)}}
            result["200"] = {"description": "What it would touch (`preview=true`).", "content": content}
        if reads_one:
            result["304"] = {"description": "You have this already (If-None-Match)."}
        return result

    def _previewed(self, said: Operation, schema: Json | None) -> Json:
        """What is answered, or what the act would touch."""
        if not said.previews:
            return schema or {}
        preview: Json = {"type": "object", "description": "What the act would touch.", "additionalProperties": True}
        return {"anyOf": [schema, preview]} if schema else preview

    def _shape(self, shape: Shape) -> Json:
        if not shape.many:
            return self._hint(shape.of)
        name = f"{shape.of.__name__.removesuffix('Out')}Page"
        cursor = {"type": ["string", "null"], "format": "uri"}
        schema = {
            "type": "object",
            "description": f"A page of a list. {(shape.of.__doc__ or '').strip().partition(chr(10))[0]}",
            "properties": {
                "results": {"type": "array", "items": self._hint(shape.of)},
                "next": {**cursor, "description": "The next page; null on the last."},
                "previous": {**cursor, "description": "The page before; null on the first."},
            },
            "required": ["results", "next", "previous"],
        }
        return self._component(name, ("page", shape.of), schema)

    def _component(self, name: str, thing: Any, schema: Json | None = None) -> Json:
        name = name.removesuffix("Out")
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=thing, schema=schema)  # type: ignore[no-untyped-call]
        if component not in self.registry:
            self.registry.register(component)
            if schema is None:
                component.schema = self._typed_dict(thing)
        return dict(component.ref)

    def _typed_dict(self, shape: Any) -> Json:
        hints = get_type_hints(shape, include_extras=True)
        return {
            "type": "object",
            "description": (shape.__doc__ or "").strip(),
            "properties": {name: self._hint(hint) for name, hint in hints.items()},
            # Not __required_keys__: it does not see NotRequired in annotations that are kept as text.
            "required": [name for name, hint in hints.items() if get_origin(hint) is not typing.NotRequired],
        }

    def _hint(self, hint: Any) -> Json:
        """A type as a schema."""
        if is_typeddict(hint):
            return self._component(hint.__name__, hint)
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is None:
            return dict(_BASIC[hint])
        if origin in (typing.Required, typing.NotRequired):
            return self._hint(arguments[0])
        if origin is Annotated:
            return _annotated(self._hint(arguments[0]), arguments[1:])
        if origin is Literal:
            return {"type": "string", "enum": list(arguments)}
        if origin is list:
            return {"type": "array", "items": self._hint(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._hint(arguments[1])}
        if origin in (Union, types.UnionType):
            return self._union(arguments)
        raise TypeError(f"{hint!r} cannot stand in an answer")

    def _union(self, arguments: tuple[Any, ...]) -> Json:
        parts = [self._hint(one) for one in arguments if one is not type(None)]
        if len(parts) == 1 and type(None) in arguments:
            return _nullable(parts[0])
        null = [{"type": "null"}] if type(None) in arguments else []
        return {"anyOf": [*parts, *null]}

    def _errors(self, said: Operation) -> Json:
        statuses = {400, 401, 429, *said.errors}
        if any(isinstance(rule, str) for rule in said.rules):
            statuses |= {403}
        if "{" in self.path:
            statuses |= {404}
        if self.method != "GET":
            statuses |= {403, 409, 415}
        if said.versioned:
            statuses |= {412, 428}
        ref = self._component("Problem", Problem)
        return {
            str(status): {"description": TITLES[status], "content": {CONTENT_TYPE: {"schema": ref}}}
            for status in sorted(statuses)
        }


def _annotated(schema: Json, extras: tuple[Any, ...]) -> Json:
    for extra in extras:
        schema = {"allOf": [schema], **extra} if "$ref" in schema else schema | extra
    return schema


def _nullable(schema: Json) -> Json:
    if "type" not in schema or "enum" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return schema | {"type": list(dict.fromkeys([*kinds, "null"]))}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How an API key is sent."""

    target_class = "permissions.api.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        """For the schema."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "hct_<id>_<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the product's own pages."""

    target_class = "permissions.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        """For the schema."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


__all__ = ["ApiSchema", "Fact", "Problem", "ProblemError", "Query", "described", "id_of"]
