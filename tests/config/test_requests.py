"""Health, request ids and the headers that every answer carries."""

from __future__ import annotations

import json
import re

import pytest
import structlog
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.logging import logging_settings
from config.middleware import AuditContextMiddleware, request_id

MADE_HERE = re.compile(r"[0-9a-f]{32}")


def test_live_asks_the_database_nothing(client: Client) -> None:
    # pytest-django fails a test that touches the database without asking for it.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_the_database_answers(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok"})


@pytest.mark.django_db
def test_not_ready_says_so_and_not_why(client: Client) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("password of the database")

    with connection.execute_wrapper(refuse):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "database": "unreachable"})


def test_health_is_read_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_well_formed_request_id_is_kept(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "job-7.retry_2"})["X-Request-ID"] == "job-7.retry_2"


@pytest.mark.parametrize("sent", ["", "short", "has space 1", "line\nbreak-1", "x" * 200, "<script>alert", "-leading1"])
def test_another_request_id_is_replaced(sent: str) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["HTTP_X_REQUEST_ID"])
        return HttpResponse()

    answer = request_id(view)(RequestFactory().get("/", HTTP_X_REQUEST_ID=sent))
    assert MADE_HERE.fullmatch(answer["X-Request-ID"])
    assert seen == [answer["X-Request-ID"]]


def test_audit_context_carries_the_request_id() -> None:
    middleware = AuditContextMiddleware(lambda request: HttpResponse())  # type: ignore[no-untyped-call]
    request = RequestFactory().post("/somewhere", HTTP_X_REQUEST_ID="abcdefgh")
    assert middleware.get_context(request) == {
        "user": None,
        "url": "/somewhere",
        "request_id": "abcdefgh",
        "door": "page",
    }


def test_headers_of_every_answer(client: Client) -> None:
    answer = client.get("/healthz")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_an_unknown_visitor_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_log_lines_in_production_are_json() -> None:
    settings = logging_settings(level="INFO", as_json=True)["formatters"]["structured"]
    render = settings["processors"][-1]
    line = render(None, "info", {"event": "cycle_closed", "request_id": "abc"})
    assert json.loads(line) == {"event": "cycle_closed", "request_id": "abc"}
    assert isinstance(render, structlog.processors.JSONRenderer)
