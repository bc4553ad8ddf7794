"""Fixtures for every test, and the rule that no test leaves the machine."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest import runner
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from config.frames import in_one_piece
from tests import flush

# A machine that is busy is no finding; what counts is the example, printed so that it can be run again.
hypothesis.settings.register_profile("ours", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ours")


BROWSER = Path(__file__).parent / "e2e"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes seconds comes first, in random order like the rest: else one worker ends with it, the other idle."""
    lost = [item.nodeid for item in items if item.get_closest_marker("e2e") and not item.path.is_relative_to(BROWSER)]
    assert lost == [], "Browser tests are looked for in tests/e2e only."
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector of garbage need not walk through it again and again.

    On one batch of the random networks it took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """``make test`` migrates one database for all its processes: wait for it, and copy it."""
    told = os.environ.get("HECTARE_TEST_TEMPLATE")
    if not told:
        return
    deadline = time.monotonic() + 300
    while not Path(told).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    name = Path(told).read_text(encoding="utf-8")
    if name:
        connection.settings_dict["TEST"] |= {"TEMPLATE": name, "MIGRATE": False}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """As pytest does, with room for the frames of all calls of a test: a fifth less time for those that ask pages."""
    return in_one_piece(lambda: runner.pytest_runtest_protocol(item, nextitem))


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


@pytest.fixture(autouse=True, scope="session")
def _emptied_cheaply() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", flush.empty)
    yield
    patch.undo()


#: Django does not know these as its own, so its clean-up after a committing test passes them over.
QUEUE = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers")


@pytest.fixture(autouse=True)
def _empty_queue_after_commits(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test whose transactions commit must not leave its jobs to the next one."""
    marker = request.node.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(request.fixturenames)
    commits = bool(asked) or bool(marker and marker.kwargs.get("transaction"))
    if not commits:
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock():
        flush.at_first()
    # First, so that the database is still open to this test when it ends.
    request.getfixturevalue("transactional_db")
    yield
    if not flush.possible():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(QUEUE)} RESTART IDENTITY CASCADE")
