"""How often something may be done: counted by all processes together, and forgotten by none before its time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from common import clock, limits
from common.errors import TooMany
from config.settings import services

HOUR = timedelta(hours=1)
TABLE = "limits_of_a_test"


@pytest.fixture(params=["memory://", f"database://{TABLE}"])
def kept(request: Any) -> Iterator[str]:
    """Each cache that ``CACHE_URL`` can name."""
    with override_settings(CACHES={"default": services.cache(request.param)}):
        if request.param.startswith("database"):
            call_command("createcachetable")
        cache.clear()
        yield request.param
        cache.clear()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def spend(uses: int = 1, key: str = "org_x") -> int:
    """Ten an hour; how long to wait when that is too much."""
    try:
        limits.spend(key, times=10, within=HOUR, detail="Too many.", uses=uses)
    except TooMany as problem:
        return problem.retry_after
    return 0


@pytest.mark.django_db
def test_the_window_slides(db: None, kept: str) -> None:
    start = clock.now()
    with clock.at(start):
        assert (spend(6), spend(5), spend(4), spend()) == (0, 3601, 0, 3601)
    with clock.at(start + timedelta(minutes=59)):
        assert (spend(), spend(key="org_y")) == (61, 0)
    with clock.at(start + timedelta(minutes=61)):
        assert (spend(10), spend()) == (0, 3601)


@pytest.mark.django_db
def test_what_others_keep_drives_nothing_out(db: None, kept: str) -> None:
    assert spend(10) == 0
    cache.set_many({f"throttle:read:usr_{number}:1": 1 for number in range(320)}, timeout=120)
    assert spend() > 0


@pytest.mark.django_db
def test_what_has_expired_is_deleted(db: None, kept: str) -> None:
    spend(10)
    for number in range(3):
        cache.set(f"throttle:{number}", 1, timeout=60)
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert limits.forget_expired() == (3 if kept.startswith("database") else 0)
    assert spend() > 0


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment(transactional_db: None, kept: str) -> None:
    gate = Barrier(4)

    def run(_: int) -> list[int]:
        gate.wait()
        try:
            return [spend() for _ in range(5)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        waits = [wait for several in pool.map(run, range(4)) for wait in several]
    assert (waits.count(0), len(waits)) == (10, 20)
