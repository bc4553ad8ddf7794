"""The engine and the oracle agree also after people have used what they may: through the verbs, step by step.

Grants withdrawn, given up and given back, parts declined and accepted again, goods and fees put in and taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from common import clock
from tests.oracle.build import PRESENT, Batch, analyze, build, write_pairs
from tests.oracle.compare import KINDS
from tests.oracle.drive import Things, verbs
from tests.oracle.steps import DONE, possible, step
from tests.oracle.strategies import random_world
from tests.oracle.targets import targets
from tests.ordercycles.test_engine_and_oracle import assert_same_answers, assert_same_goods, assert_same_lists, most

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NETWORKS = 120
SIZE = 60
STEPS = 4
#: What makes goods lapse, and stand again, is done most.
OFTEN = ("grant:withdraw", "grant:give_up", "grant:give", "grant:approve", "exchange:decline", "exchange:accept")


@pytest.fixture(autouse=True)
def _present() -> Iterator[None]:
    with clock.at(PRESENT):
        yield


@pytest.mark.parametrize("first", range(0, NETWORKS, SIZE))
def test_they_agree_after_changes(first: int) -> None:
    seeds = range(20_000 + first, 20_000 + first + SIZE)
    batch = build([random_world(seed, most=most(seed)) for seed in seeds], seeds)
    analyze()
    random = Random(first)
    done: Counter[str] = Counter()
    for _ in range(STEPS):
        for number in range(SIZE):
            done.update(change(batch, number, random))
    write_pairs(batch)
    found = assert_same_answers(batch)
    assert_same_lists(batch, found, first // SIZE)
    assert_same_goods(batch)
    assert set(OFTEN) <= set(done)


def change(batch: Batch, number: int, random: Random) -> list[str]:
    """Do one thing that the oracle allows somebody; every third time also undo it, where it can be undone."""
    world = batch.worlds[number]
    oracle = batch.oracle(number)
    actions = [random.choice(OFTEN), *random.sample(sorted(DONE), len(DONE))]
    for action in actions:
        for target in random.sample(there := targets(world, action), min(3, len(there))):
            for actor in world.actors:
                if oracle.decide(actor, action, **target).allowed and possible(world, action, target):
                    do(batch, number, actor, action, target)
                    return [action, *_give_back(batch, number, actor, action, target)]
    return []


def _give_back(batch: Batch, number: int, actor: str, action: str, target: dict[str, str]) -> list[str]:
    back = {"grant:withdraw": "grant:give", "exchange:decline": "exchange:accept"}.get(action)
    if back is None or number % 3:
        return []
    if not batch.oracle(number).decide(actor, back, **target).allowed:
        return []
    do(batch, number, actor, back, target)
    return [back]


def do(batch: Batch, number: int, actor: str, action: str, target: dict[str, str]) -> None:
    """Do it in the database and in the world."""
    keys = {slot: batch.key(KINDS.get(slot, slot), number, thing) for slot, thing in target.items()}
    door = verbs(batch.access(batch.who(number, actor)))
    assert door(action, Things.of(keys)) == "", (batch.seeds[number], actor, action, target)
    step(batch, number, action, target)
