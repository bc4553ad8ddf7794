"""Every question that can be asked of a world: each action with each of its targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.oracle.oracle import ACTIONS
from tests.oracle.world import P_OC, World

Target = dict[str, str]


def targets(world: World, action: str) -> list[Target]:
    """Every target of the action in the world, as the keyword arguments of ``Oracle.decide``.

    Goods are removed, and fees detached, only where they are: there is no row to speak of elsewhere.
    """
    return _TARGETS[action](world)


def _cycles(world: World) -> list[Target]:
    return [{"cycle": c} for c in world.cycles]


def _exchanges(world: World) -> list[Target]:
    return [{"exchange": x} for x in world.exchanges]


def _requests(world: World) -> list[Target]:
    return [{"request": r} for r in world.requests]


def _candidates(world: World) -> list[Target]:
    return [{"cycle": c, "enterprise": e} for c in world.cycles for e in world.enterprises]


def _pairs(world: World) -> list[Target]:
    return [{"granter": g, "grantee": k} for g in world.enterprises for k in world.enterprises]


def _given(world: World) -> list[Target]:
    return [{"granter": g, "grantee": k} for g, k, kind in sorted(world.grants) if kind == P_OC]


_TARGETS: Final[Mapping[str, Callable[[World], list[Target]]]] = {
    "cycle_fee:attach": lambda world: [{"cycle": c, "fee": f} for c in world.cycles for f in world.fees],
    "cycle_fee:detach": lambda world: [
        {"cycle": c.id, "fee": f} for c in world.cycles.values() for f in sorted(c.fees)
    ],
    "exchange:accept": _exchanges,
    "exchange:add_incoming": _candidates,
    "exchange:add_outgoing": _candidates,
    "exchange:decline": _exchanges,
    "exchange:remove": _exchanges,
    "exchange:set_notes": _exchanges,
    "exchange_fee:attach": lambda world: [{"exchange": x, "fee": f} for x in world.exchanges for f in world.fees],
    "exchange_fee:detach": lambda world: [
        {"exchange": x.id, "fee": f} for x in world.exchanges.values() for f in sorted(x.fees)
    ],
    "exchange_variant:add": lambda world: [
        {"exchange": x, "variant": v} for x in world.exchanges for v in world.variants
    ],
    "exchange_variant:remove": lambda world: [
        {"exchange": x.id, "variant": v} for x in world.exchanges.values() for v in sorted(x.variants)
    ],
    "fee:edit": lambda world: [{"fee": f} for f in world.fees],
    "grant:approve": _requests,
    "grant:give": _pairs,
    "grant:give_up": _given,
    "grant:refuse": _requests,
    "grant:request": _pairs,
    "grant:withdraw": _given,
    "order_cycle:close": _cycles,
    "order_cycle:copy": _cycles,
    "order_cycle:create": lambda world: [{"enterprise": e} for e in world.enterprises],
    "order_cycle:delete": _cycles,
    "order_cycle:edit": _cycles,
    "order_cycle:set_coordinator": _cycles,
}


def questions(world: World) -> Iterator[tuple[str, str, Target]]:
    """Every (actor, action, target) of the world."""
    for action in ACTIONS:
        for target in targets(world, action):
            for actor in world.actors:
                yield actor, action, target
