"""The description is whole, its examples are true, and what is answered is what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.api import resources
from permissions.api.operations import METHODS, Operation
from tests.api.client import Api, problem
from tests.api.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def described(owner: Api) -> Any:
    """The description, as it is served."""
    response = owner.get("schema/")
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    return json.loads(response.content)


def _operations(described: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_closed_to_strangers(world: World) -> None:
    problem(Api().get("schema/"), 401, "unauthenticated")
    page = Api().get("docs/")
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=/api/v1/docs/")
    assert world.api("owner").get("docs/").status_code == 200


def test_every_operation_says_what_it_is(described: Any) -> None:
    assert described["openapi"] == "3.1.0"
    operations = _operations(described)
    assert len(operations) > 70
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    tags = {tag["name"] for tag in described["tags"]}
    for path, method, operation in operations:
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"][0] in tags, where
        assert {"apiKey": []} in operation["security"], where
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert answer["content"].keys() == {"application/problem+json"}, where
        assert {"400", "401", "429"} <= operation["responses"].keys(), where
        if "{" in path:
            assert "404" in operation["responses"], where
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"], where


def _said() -> list[tuple[str, Operation]]:
    found = []
    for pattern in resources:
        view = getattr(pattern.callback, "cls")  # noqa: B009
        found += [
            (f"{method} {pattern.pattern}", getattr(view, method).operation)
            for method in METHODS
            if hasattr(view, method)
        ]
    return found


@pytest.mark.parametrize(("where", "said"), [one for one in _said() if one[1].body], ids=lambda one: str(one)[:60])
def test_examples_can_be_sent(where: str, said: Operation) -> None:
    """Each is accepted as far as its form goes; the ids in it are of nothing that is there."""

    class Everything:
        """A reader that finds whatever it is asked for."""

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    assert said.body is not None
    body = said.body(data=said.example, partial=said.partial, context={"access": Everything()})
    for field in body.fields.values():
        if hasattr(field, "find"):
            field.find = lambda access, ids: dict.fromkeys(ids) if isinstance(ids, list) else ids
    assert body.is_valid(), body.errors


def test_no_number_keys_are_shown(described: Any) -> None:
    """No field of an answer is an integer key."""
    for name, schema in described["components"]["schemas"].items():
        fields = schema.get("properties", {})
        assert not {field for field in fields if re.search(r"(^|_)(pk|key_id)$", field)}, name
        if "id" in fields:
            assert fields["id"]["type"] in ("string", ["string", "null"]), name


@pytest.fixture
def one_connection(described: Any) -> Iterator[None]:
    """A real WSGI application closes its connection after a request; this test's transaction lives in it.

    After whatever used Django's own test client, which connects the signals again.
    """
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("one_connection")
def test_answers_are_as_described(world: World, described: Any) -> None:
    """Requests made up from the description: no 500, and nothing answered that it does not describe."""
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    checks = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
    tried = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        tried += _try(operation, world, checks)
    assert tried > 220


def _try(operation: Any, world: World, checks: Any) -> int:
    """The simplest request and another; one where they would be the same but for headers, ids being known ones."""
    count = 0
    known = all(one.name in _PLACES for one in operation.path_parameters)
    differ = bool(operation.body) or bool(operation.query) or not known

    @settings(
        max_examples=2 if differ else 1,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        nonlocal count
        _use_known_ids(case, world)
        case.call_and_validate(headers={"Authorization": f"Bearer {world.secret}"}, checks=checks)
        count += 1

    run()
    return count


_PLACES = {
    "organisation": "org",
    "unit": "office",
    "grant": "grant",
    "grant_request": "request",
    "product": "product",
    "variant": "butter",
    "fee": "fee",
    "shipping_method": "shm",
    "payment_method": "pym",
    "cycle": "ocy",
    "exchange": "outgoing",
}


def _use_known_ids(case: Any, world: World) -> None:
    """Things that are there, so that more than 404 is looked at. Not the key: it would revoke itself."""
    for name in list(case.path_parameters or {}):
        if name in _PLACES:
            case.path_parameters[name] = world.ids[_PLACES[name]]
