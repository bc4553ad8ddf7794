"""Fixtures for every test, and the rule that no test leaves the machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

pytest_plugins = ["tests.browser"]


class NetworkForbidden(BaseException):
    """A test tried to reach another machine. Not an Exception, so that nothing swallows it."""


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        # A Unix socket's path.
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection of Python's to anywhere else."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    yield
    patch.undo()


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        if not _is_loopback(arguments[-1]):
            raise NetworkForbidden(f"A test may not reach {arguments[-1]!r}.")
        return original(self, *arguments)

    return call
