"""Asking the API, as a person with a session or as a program with a key."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from customers.models import User

ROOT = "/api/v1/"


class Api:
    """A caller. Addresses are given without ``/api/v1/``; answers are Django's, with ``.json()``."""

    def __init__(self, user: User | None = None, key: str = "", **options: Any) -> None:
        self.client = Client(**options)
        if user is not None:
            self.client.force_login(user)
        self.headers = {"authorization": f"Bearer {key}"} if key else {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Any method; a body is sent as JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        address = path if path.startswith("/") or "://" in path else ROOT + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("content-type", "application/json" if body is not None else "application/octet-stream")
        return self.client.generic(method.upper(), address, content, kind, headers={**self.headers, **named})

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """PATCH."""
        return self.send("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """PUT."""
        return self.send("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self.send("DELETE", path, **headers)


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, which is well formed and of this status and code."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= body.keys()
    assert body["type"] == f"urn:hectare:problem:{body['code']}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == response["X-Request-ID"]
    return body


def errors(response: HttpResponse) -> list[tuple[str, str]]:
    """Pointer (or parameter) and code of each error of a 400."""
    body = problem(response, 400, "invalid")
    return [(one.get("parameter") or one["pointer"], one["code"]) for one in body["errors"]]
