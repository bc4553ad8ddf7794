"""Many callers at once, on connections of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ordercycles.models import OrderCycle
from organisations.models import Organisation
from tests.api.client import Api
from tests.api.world import build

CALLERS = 10
ROUNDS = 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_changes_with_one_etag_and_one_is_made() -> None:
    """Five rounds of ten on a machine with few cores: each round reads one tag and sends it ten times at once."""
    world = build()
    address = f"order-cycles/{world.ids['ocy']}/"
    with _callers(CALLERS) as pool:
        for number in range(ROUNDS):
            etag = Api(key=world.secret).get(address)["ETag"]
            answers = _at_once(pool, world.secret, address, etag, number)
            assert sorted(answers) == [200] + [412] * (CALLERS - 1)
    cycle = OrderCycle.objects.get(pk=world.cycle.pk)
    assert cycle.version == 1 + ROUNDS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once() -> None:
    world = build()
    address = f"organisations/{world.ids['org']}/"
    etag = Api(key=world.secret).get(address)["ETag"]
    with _callers(50) as pool:
        answers = _at_once(pool, world.secret, address, etag, 0, callers=50)
    assert sorted(answers) == [200] + [412] * 49
    assert Organisation.objects.get(pk=world.company.pk).version == 2


@contextlib.contextmanager
def _callers(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads, each of which keeps its connection for all rounds."""
    together = Barrier(number)

    def close() -> None:
        together.wait()
        connection.close()

    with ThreadPoolExecutor(number) as pool:
        yield pool
        for done in [pool.submit(close) for _ in range(number)]:
            done.result()


def _at_once(
    pool: ThreadPoolExecutor, secret: str, address: str, etag: str, number: int, callers: int = CALLERS
) -> list[int]:
    together = Barrier(callers)

    def send(caller: int) -> int:
        api = Api(key=secret)
        together.wait()
        return int(api.patch(address, {"name": f"Round {number}, caller {caller}"}, if_match=etag).status_code)

    return list(pool.map(send, range(callers)))
