"""Many callers at once, on connections of their own."""

from __future__ import annotations

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
    for number in range(ROUNDS):
        etag = Api(key=world.secret).get(address)["ETag"]
        answers = _at_once(world.secret, address, etag, number)
        assert sorted(answers) == [200] + [412] * (CALLERS - 1)
    cycle = OrderCycle.objects.get(pk=world.cycle.pk)
    assert cycle.version == 1 + ROUNDS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once() -> None:
    world = build()
    address = f"organisations/{world.ids['org']}/"
    etag = Api(key=world.secret).get(address)["ETag"]
    answers = _at_once(world.secret, address, etag, 0, callers=50)
    assert sorted(answers) == [200] + [412] * 49
    assert Organisation.objects.get(pk=world.company.pk).version == 2


def _at_once(secret: str, address: str, etag: str, number: int, callers: int = CALLERS) -> list[int]:
    together = Barrier(callers)

    def send(caller: int) -> int:
        try:
            api = Api(key=secret)
            together.wait()
            return int(api.patch(address, {"name": f"Round {number}, caller {caller}"}, if_match=etag).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(send, range(callers)))
