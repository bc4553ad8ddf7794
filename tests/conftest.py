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
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from config.frames import in_one_piece
from tests import flush
from tests.worlds import SHELF, Shelf

# A machine that is busy is no finding; what counts is the example, printed so that it can be run again.
hypothesis.settings.register_profile("ours", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ours")


BROWSER = Path(__file__).parent / "e2e"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes seconds comes first, in random order like the rest: else one worker ends with it, the other idle."""
    lost = [item.nodeid for item in items if item.get_closest_marker("e2e") and not item.path.is_relative_to(BROWSER)]
    assert lost == [], "Browser tests are looked for in tests/e2e only."
    worlds: list[Any] = []
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, _place(item, worlds)))


def _place(item: pytest.Item, met: list[Any]) -> int:
    """Of the world that a test asks for, among those that others ask for: tests that share one come together."""
    names: dict[str, Any] = getattr(item, "_fixtureinfo").name2fixturedefs if isinstance(item, pytest.Function) else {}  # noqa: B009
    wanted = names["builder"][-1] if "standing" in names else None
    if wanted not in met:
        met.append(wanted)
    return met.index(wanted)


# While tests are loaded, next to nothing is garbage.
gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector of garbage need not walk through it again and again.

    On one batch of the random networks it took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


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


@pytest.fixture(scope="session")
def shelf(django_db_setup: None) -> Iterator[Shelf]:
    """Cleared before the database goes."""
    yield SHELF
    SHELF.clear()


@pytest.fixture
def standing(request: pytest.FixtureRequest, shelf: Shelf, django_db_blocker: Any, builder: Any) -> Any:
    """The world that ``builder`` makes, shared with other tests: see ``tests/worlds.py``. To be copied."""
    # What was counted of the same people and things in another test.
    cache.clear()
    assert not _commits(request), "What it commits would be everybody's: let it make a world of its own."
    return shelf.stand(django_db_blocker, builder)


@pytest.fixture
def _room(request: pytest.FixtureRequest) -> None:
    """A test that asks for no standing world finds none; for one that does it is there before its transaction."""
    if "standing" in request.fixturenames:
        request.getfixturevalue("standing")
    else:
        SHELF.clear()


@pytest.fixture
def _django_db_helper(_room: None, _django_db_helper: None) -> None:
    """Whatever asks for the database comes by here; the rest is pytest-django's."""


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


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(request.fixturenames)
    return bool(asked) or bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture(autouse=True)
def _empty_queue_after_commits(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test whose transactions commit must not leave its jobs to the next one."""
    if not _commits(request):
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
    SHELF.clear()
    with blocker.unblock():
        flush.at_first()
    # First, so that the database is still open to this test when it ends.
    request.getfixturevalue("transactional_db")
    yield
    if not flush.possible():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(QUEUE)} RESTART IDENTITY CASCADE")
