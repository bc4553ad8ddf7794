"""Where a request comes from: what the client says of it is not believed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from common.addresses import address_of, network_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.9"),
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.2.3.4, 203.0.113.7", "203.0.113.7"),
        (2, "1.2.3.4, 203.0.113.7, 10.1.1.1", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "nonsense", "10.0.0.9"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
    ],
)
def test_address(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == expected


def test_without_an_address() -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) == ""


def test_networks() -> None:
    assert [network_of(text) for text in ("203.0.113.7", "2001:db8::7", "2001:db8::8", "")] == [
        "203.0.113.7",
        "2001:db8::",
        "2001:db8::",
        "",
    ]
