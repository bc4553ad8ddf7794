"""Two people at once, on connections of their own: no forbidden row, no lost update, nobody left waiting for ever.

Each scenario is played many times, each time in a network of its own. The last statement of each transaction takes one
lock that all take, so that the order in which they commit is known; what was done is then done to the oracle's plain
network in that order: every step must have been allowed where it stands, and the database must hold what came of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from common import clock
from common.errors import Stale
from ordercycles.domain import exchanges
from ordercycles.models import Exchange, ExchangeFee, ExchangeVariant, OrderCycle, Variant
from permissions.access import Access
from permissions.models import Grant
from tests.oracle import world as plain
from tests.oracle.build import PRESENT, Batch, analyze, build
from tests.oracle.compare import KINDS
from tests.oracle.drive import Things, verbs
from tests.oracle.example import Example
from tests.oracle.oracle import Oracle
from tests.oracle.steps import new_exchange, step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 50
#: Of what is like something that is played that often: once with each delay.
FEWER = 5
E = Example()
OPEN = E.cycle("c1", opens_at=90, closes_at=120)
CURD = {"exchange": "out-town", "variant": "curd"}


@dataclass(frozen=True)
class Act:
    """One person doing one thing."""

    actor: str
    action: str
    where: tuple[tuple[str, str], ...]


def act(actor: str, action: str, **where: str) -> Act:
    return Act(actor, action, tuple(where.items()))


ADD_CURD = act("hal", "exchange_variant:add", **CURD)
#: What is most likely to happen to people, played ``ROUNDS`` times.
OFTEN = {
    "the hub's grant is withdrawn while its goods are added",
    "coordinator and hub change one exchange",
}
SCENARIOS: dict[str, tuple[Example, Act, Act]] = {
    "the hub's grant is withdrawn while its goods are added": (
        E,
        act("ada", "grant:withdraw", granter="ash", grantee="town"),
        ADD_CURD,
    ),
    "the coordinator's grant is withdrawn while goods are gathered": (
        E,
        act("ada", "grant:withdraw", granter="ash", grantee="exe"),
        act("cora", "exchange_variant:add", exchange="in-ash", variant="whey"),
    ),
    "a grant is given up while the producer is added": (
        E.giving("moor>exe"),
        act("cora", "grant:give_up", granter="moor", grantee="exe"),
        act("cora", "exchange:add_incoming", cycle="c1", enterprise="moor"),
    ),
    "coordinator and hub change one exchange": (
        E,
        act("cora", "exchange_variant:remove", exchange="out-town", variant="milk"),
        ADD_CURD,
    ),
    "coordinator and hub change goods and fees of one exchange": (
        E,
        act("cora", "exchange_variant:add", **CURD),
        act("hal", "exchange_fee:attach", exchange="out-town", fee="town-till"),
    ),
    "supply is taken out while a hub adds it": (
        E,
        act("ada", "exchange_variant:remove", exchange="in-ash", variant="curd"),
        ADD_CURD,
    ),
    "a hub declines while the coordinator adds to its exchange": (
        E,
        act("hal", "exchange:decline", exchange="out-town"),
        act("cora", "exchange_variant:add", **CURD),
    ),
    "a producer declines while a hub adds its goods": (E, act("ada", "exchange:decline", exchange="in-ash"), ADD_CURD),
    "the producer is removed while a hub adds its goods": (
        E,
        act("cora", "exchange:remove", exchange="in-ash"),
        ADD_CURD,
    ),
    "the exchange is removed while it is added to": (E, act("cora", "exchange:remove", exchange="out-town"), ADD_CURD),
    "the cycle is closed while goods are added": (OPEN, act("cora", "order_cycle:close", cycle="c1"), ADD_CURD),
    "the cycle is closed while a part is added": (
        OPEN.giving("moor>exe"),
        act("cora", "order_cycle:close", cycle="c1"),
        act("stan", "exchange:add_outgoing", cycle="c1", enterprise="moor"),
    ),
    "the same enterprise is added twice": (
        E.giving("moor>exe"),
        act("cora", "exchange:add_incoming", cycle="c1", enterprise="moor"),
        act("stan", "exchange:add_incoming", cycle="c1", enterprise="moor"),
    ),
    "the same request is given and refused": (
        E,
        act("mo", "grant:approve", request="r1"),
        act("mo", "grant:refuse", request="r1"),
    ),
    "both sides end a grant": (
        E,
        act("ada", "grant:withdraw", granter="ash", grantee="town"),
        act("hal", "grant:give_up", granter="ash", grantee="town"),
    ),
    "the cycle is deleted while goods are added": (E, act("cora", "order_cycle:delete", cycle="c1"), ADD_CURD),
}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two threads, each with its connection."""
    with ThreadPoolExecutor(2) as threads:
        yield threads
        # Each thread closes its own.
        at_once(threads, [lambda: connection.close(), lambda: connection.close()])  # noqa: PLW0108


def at_once(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], Any]], late: int = 0) -> list[Any]:
    """Both calls, started at the same moment, with the present of the networks on the clock.

    Args:
        late: by how many milliseconds the second waits; the first when it is negative.
    """
    together = Barrier(len(calls))

    def run(call: Callable[[], Any], wait: int) -> Any:
        with clock.at(PRESENT):
            together.wait()
            time.sleep(max(wait, 0) / 1000)
            return call()

    return list(pool.map(run, calls, (-late, late)))


def in_order(call: Callable[[], str]) -> tuple[str, int]:
    """What the call says, and its place in the order of commits."""
    with transaction.atomic():
        said = call()
        with connection.cursor() as cursor:
            # Held until the commit, so that whoever gets it later commits later.
            cursor.execute("SELECT pg_advisory_xact_lock(5005)")
            cursor.execute("SELECT nextval('commits_of_tests')")
            return said, cursor.fetchone()[0]


@pytest.fixture
def _order() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE commits_of_tests")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SEQUENCE commits_of_tests")


def networks(example: Example, rounds: int = ROUNDS) -> Batch:
    batch = build([example.world] * rounds, range(rounds))
    analyze()
    return batch


@pytest.mark.usefixtures("_order")
@pytest.mark.parametrize("name", SCENARIOS)
def test_two_at_once(name: str, pool: ThreadPoolExecutor) -> None:
    example, *acts = SCENARIOS[name]
    rounds = ROUNDS if name in OFTEN else FEWER
    batch = networks(example, rounds)
    doors = {one.actor: verbs(batch.access(batch.who(0, one.actor))) for one in acts}
    outcomes: Counter[str] = Counter()
    said: list[list[Any]] = []
    about = [_things(batch, rounds, one) for one in acts]
    for number, things in enumerate(zip(*about, strict=True)):
        calls = [
            partial(in_order, partial(doors[one.actor], one.action, thing))
            for one, thing in zip(acts, things, strict=True)
        ]
        # Now the one is a little late, now the other.
        answers = at_once(pool, calls, late=number % 5 - 2)
        outcomes[_replayed(batch, number, acts, answers)] += 1
        said.append(answers)
    for number, (found, world) in enumerate(zip(held(batch), batch.worlds, strict=True)):
        assert found == expected(world), (number, said[number])
    assert sum(outcomes.values()) == rounds


def _things(batch: Batch, rounds: int, one: Act) -> list[Things]:
    """What an act is about, in each network."""
    return Things.each(
        [
            {slot: batch.key(KINDS.get(slot, slot), number, thing) for slot, thing in one.where}
            for number in range(rounds)
        ]
    )


def _replayed(batch: Batch, number: int, acts: list[Act], answers: list[tuple[str, int]]) -> str:
    """Do to the plain network what was done, in the order of commits; every answer must be right where it stands."""
    told = []
    for one, (said, _) in sorted(zip(acts, answers, strict=True), key=lambda pair: pair[1][1]):
        verdict = _verdict(batch.worlds[number], one)
        assert said == verdict, (number, one, answers)
        if not said:
            step(batch, number, one.action, dict(one.where))
        told.append(f"{one.actor} {said or 'done'}")
    return ", ".join(told)


def _verdict(world: plain.World, one: Act) -> str:
    """The code of the refusal; empty when it is allowed. What is gone is not found."""
    where = dict(one.where)
    gone = any(
        where.get(slot, next(iter(things), "")) not in things
        for slot, things in (("exchange", world.exchanges), ("cycle", world.cycles))
    )
    if gone:
        return "X2"
    verdict = Oracle(world).decide(one.actor, one.action, **where)
    return "" if verdict.allowed else verdict.code


def held(batch: Batch) -> list[dict[str, Any]]:
    """What the database holds of each network."""
    found: list[dict[str, Any]] = [
        {"exchanges": set(), "goods": set(), "fees": set(), "grants": set(), "open": {}} for _ in batch.worlds
    ]
    enterprises, things = batch.places["enterprise"], batch.places

    whose = ("exchange__direction", "exchange__enterprise_id")
    for direction, key, status in Exchange.objects.values_list("direction", "enterprise_id", "status"):
        number, name = enterprises[key]
        found[number]["exchanges"].add((direction, name, status == "declined"))
    for what, kind, rows in (
        ("goods", "variant", ExchangeVariant.objects.values_list(*whose, "variant_id")),
        ("fees", "fee", ExchangeFee.objects.values_list(*whose, "fee_id")),
    ):
        for direction, key, thing in rows:
            number, name = enterprises[key]
            found[number][what].add((direction, name, things[kind][thing][1]))
    for granter, grantee in Grant.objects.values_list("content_object_id", "group__enterprise"):
        number, name = enterprises[granter]
        found[number]["grants"].add((name, enterprises[grantee][1]))
    for key, closes_at in OrderCycle.objects.values_list("pk", "closes_at"):
        number, name = things["cycle"][key]
        found[number]["open"][name] = closes_at is not None and closes_at > PRESENT
    return found


def expected(world: plain.World) -> dict[str, Any]:
    """What the plain network holds."""
    parts = world.exchanges.values()
    return {
        "exchanges": {(one.direction, one.enterprise, one.declined) for one in parts},
        "goods": {(one.direction, one.enterprise, variant) for one in parts for variant in one.variants},
        "fees": {(one.direction, one.enterprise, fee) for one in parts for fee in one.fees},
        "grants": {(granter, grantee) for granter, grantee, _ in world.grants},
        "open": {one.id: one.closes_at is not None and one.closes_at > world.now for one in world.cycles.values()},
    }


def test_two_editors_who_read_the_same_version_one_is_told_what_the_other_did(pool: ThreadPoolExecutor) -> None:
    batch = networks(E)
    for number in range(ROUNDS):
        exchange = Exchange.objects.select_related("cycle").get(pk=batch.key("exchange", number, "out-town"))
        milk, curd = (public_id(batch, number, one) for one in ("milk", "curd"))
        edits = [
            editing(batch.access("cora"), exchange, remove=[milk]),
            editing(batch.access("hal"), exchange, add=[curd]),
        ]
        answers = dict(zip(("Cora", "Hal"), at_once(pool, edits), strict=True))
        (winner,) = (who for who, answer in answers.items() if answer is None)
        (stale,) = (answer for answer in answers.values() if answer is not None)
        told = [(one["by"], one["what"], one["added"], one["removed"]) for one in stale.changes]
        assert told == [(winner, "changed products", *{"Cora": (0, 1), "Hal": (1, 0)}[winner])]
        exchange.refresh_from_db()
        assert (stale.current, exchange.version) == (2, 2)
        left = set(ExchangeVariant.objects.filter(exchange=exchange).values_list("variant__public_id", flat=True))
        assert left == {"Cora": set(), "Hal": {milk, curd}}[winner]


def public_id(batch: Batch, number: int, variant: str) -> str:
    return Variant.objects.get(pk=batch.key("variant", number, variant)).public_id


def editing(access: Access, exchange: Exchange, **changes: list[str]) -> Callable[[], Stale | None]:
    """A change of goods by somebody who read the first version; what it says when somebody else was faster."""

    def edit() -> Stale | None:
        try:
            exchanges.change_variants(
                access, exchange=exchange, version=1, add=changes.get("add", ()), remove=changes.get("remove", ())
            )
        except Stale as told:
            return told
        return None

    return edit


def test_two_editors_who_do_not_ask_both_land(pool: ThreadPoolExecutor) -> None:
    batch = networks(E)
    for number in range(ROUNDS):
        exchange = Exchange.objects.select_related("cycle").get(pk=batch.key("exchange", number, "out-town"))
        milk, curd = (public_id(batch, number, one) for one in ("milk", "curd"))
        edits = [
            partial(exchanges.change_variants, batch.access("cora"), exchange=exchange, remove=[milk]),
            partial(exchanges.change_variants, batch.access("hal"), exchange=exchange, add=[curd]),
        ]
        at_once(pool, edits)
        exchange.refresh_from_db()
        left = set(ExchangeVariant.objects.filter(exchange=exchange).values_list("variant__public_id", flat=True))
        assert (exchange.version, left) == (3, {curd})


def test_names_of_new_parts_are_those_of_random_networks() -> None:
    assert new_exchange({"cycle": "c1", "enterprise": "moor"}, "outgoing") == "c1-out-moor"
