"""The random worlds are worth asking: every code of the page is met often."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.oracle.facts import LAPSE_REASONS
from tests.oracle.oracle import ACTIONS, Oracle
from tests.oracle.strategies import random_world
from tests.oracle.targets import questions, targets

SEEDS = range(400)
OFTEN = 5

ALLOWS = {
    "cycle_fee:attach": {"C10", "S1"},
    "cycle_fee:detach": {"C10", "S1"},
    "exchange:accept": {"X1", "S1"},
    "exchange:add_incoming": {"C4", "S1"},
    "exchange:add_outgoing": {"C5", "S1"},
    "exchange:decline": {"X1", "S1"},
    "exchange:remove": {"C8", "S1"},
    "exchange:set_notes": {"C2", "H6", "S1"},
    "exchange_fee:attach": {"C10", "P6", "H5", "S1"},
    "exchange_fee:detach": {"C10", "P6", "H5", "S1"},
    "exchange_variant:add": {"C4", "P5", "C7", "H2", "P8", "S1"},
    "exchange_variant:remove": {"C8", "P5", "H3", "P8", "S1"},
    "fee:edit": {"C11", "S1"},
    "grant:approve": {"L6"},
    "grant:give": {"G1", "S1"},
    "grant:give_up": {"L5", "S1"},
    "grant:refuse": {"L6"},
    "grant:request": {"L6"},
    "grant:withdraw": {"L5", "S1"},
    "order_cycle:close": {"C13", "S1"},
    "order_cycle:copy": {"C13", "S1"},
    "order_cycle:create": {"C1", "S1"},
    "order_cycle:delete": {"C13", "S1"},
    "order_cycle:edit": {"C2", "S1"},
    "order_cycle:set_coordinator": set(),
}
"""Every code by which an action can be allowed."""

EVERYWHERE = {"X2", "S1", "R1"}
REFUSES = {
    "cycle_fee:attach": EVERYWHERE | {"L3", "C10", "P2", "F1"},
    "cycle_fee:detach": EVERYWHERE | {"L3", "P2"},
    "exchange:accept": EVERYWHERE | {"L3", "X1"},
    "exchange:add_incoming": EVERYWHERE | {"L3", "C12", "C4", "C6", "P3"},
    "exchange:add_outgoing": EVERYWHERE | {"L3", "C12", "C5", "C6", "P3"},
    "exchange:decline": EVERYWHERE | {"L3", "X1"},
    "exchange:remove": EVERYWHERE | {"L3", "C8"},
    "exchange:set_notes": EVERYWHERE | {"L3", "H6"},
    "exchange_fee:attach": EVERYWHERE | {"L3", "C10", "F1", "P6", "H5"},
    "exchange_fee:detach": EVERYWHERE | {"L3", "P6", "H5"},
    "exchange_variant:add": EVERYWHERE | {"L3", "C4", "L2", "P5", "H4", "C7", "H2", "P7", "P8"},
    "exchange_variant:remove": EVERYWHERE | {"L3", "H4", "P7"},
    "fee:edit": EVERYWHERE | {"C11"},
    "grant:approve": EVERYWHERE | {"L6"},
    "grant:give": EVERYWHERE | {"G1"},
    "grant:give_up": EVERYWHERE | {"L5"},
    "grant:refuse": EVERYWHERE | {"L6"},
    "grant:request": EVERYWHERE | {"L6"},
    "grant:withdraw": EVERYWHERE | {"L5"},
    "order_cycle:close": EVERYWHERE | {"L3", "C13"},
    "order_cycle:copy": EVERYWHERE | {"C13"},
    "order_cycle:create": EVERYWHERE | {"C1"},
    "order_cycle:delete": EVERYWHERE | {"L3", "C13"},
    "order_cycle:edit": EVERYWHERE | {"L3", "P2"},
    "order_cycle:set_coordinator": {"X2", "C3"},
}
"""Every code by which an action can be refused."""


@cache
def _decisions() -> Counter[tuple[str, bool, str]]:
    """How often each (action, allowed, code) is met."""
    met: Counter[tuple[str, bool, str]] = Counter()
    for seed in SEEDS:
        world = random_world(seed)
        oracle = Oracle(world)
        for actor, action, target in questions(world):
            verdict = oracle.decide(actor, action, **target)
            met[action, verdict.allowed, verdict.code] += 1
    return met


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "refused"])
def test_every_code_of_every_action_is_met_often(action: str, allowed: bool) -> None:
    """No code of the page is missing from the worlds, and no other code occurs."""
    met = {code: n for (of, yes, code), n in _decisions().items() if of == action and yes is allowed}
    expected = (ALLOWS if allowed else REFUSES)[action]
    assert set(met) == expected
    assert {code: n for code, n in met.items() if n < OFTEN} == {}


def test_every_reason_to_see_is_met_often() -> None:
    """The worlds show cycles, exchanges, variants and enterprises by every rule of the page."""
    met: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        world = random_world(seed)
        oracle = Oracle(world)
        for actor in world.actors:
            for target in targets(world, "exchange:add_incoming"):
                found = oracle.why_enterprise(actor, target["cycle"], target["enterprise"])
                met.update(("enterprise", why) for why in found[:1])
            for cycle in world.cycles:
                met.update(("cycle", why) for why in oracle.why_cycle(actor, cycle)[:1])
            for x in world.exchanges.values():
                met.update((x.direction, why) for why in oracle.why_exchange(actor, x.id)[:1])
                for variant in world.variants:
                    met.update((f"variant {x.direction}", why) for why in oracle.why_variant(actor, x.id, variant)[:1])
    assert {key for key, n in met.items() if n >= OFTEN} == {
        *(("enterprise", why) for why in ("E1", "E2", "E3", "C9", "S1")),
        *(("cycle", why) for why in ("C9", "P1", "S1")),
        *((what, why) for what in ("incoming", "outgoing") for why in ("C9", "P4", "H1", "S1")),
        *((f"variant {what}", why) for what in ("incoming", "outgoing") for why in ("C9", "P4", "H1", "S1")),
    }


def test_every_reason_to_lapse_is_met_often() -> None:
    """Goods lapse for every reason, also for that reason alone, and most of the time something stands."""
    alone: Counter[str] = Counter()
    effective = 0
    for seed in SEEDS:
        world = random_world(seed)
        oracle = Oracle(world)
        for exchange in world.exchanges:
            effective += len(oracle.effective(exchange))
            alone.update(why[0] for why in oracle.lapsed(exchange).values() if len(why) == 1)
    assert set(alone) == set(LAPSE_REASONS)
    assert min(alone.values()) >= OFTEN
    assert effective >= 2 * len(SEEDS)


def test_what_is_seen_hangs_together() -> None:
    """An exchange is seen only in a cycle that is seen, a variant only in an exchange that is seen."""
    for seed in SEEDS:
        world = random_world(seed)
        oracle = Oracle(world)
        for actor in world.actors:
            for x in world.exchanges.values():
                if oracle.visible_variants(actor, x.id):
                    assert x.id in oracle.visible_exchanges(actor, x.cycle)
                if x.id in oracle.visible_exchanges(actor, x.cycle):
                    assert x.cycle in oracle.visible_cycles(actor)


def test_the_same_seed_gives_the_same_world() -> None:
    """Bulk runs can be repeated."""
    assert random_world(7) == random_world(7)
    assert random_world(7) != random_world(8)
