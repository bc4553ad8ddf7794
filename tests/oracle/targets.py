"""Every question that can be asked of a world: each action with each of its targets."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.oracle import ACTIONS
from tests.oracle.world import P_OC, World

Target = dict[str, str]


def targets(world: World, action: str) -> list[Target]:
    """Every target of the action in the world, as the keyword arguments of ``Oracle.decide``.

    Goods are removed, and fees detached, only where they are: there is no row to speak of elsewhere.
    """
    cycles = [{"cycle": c} for c in world.cycles]
    exchanges = [{"exchange": x} for x in world.exchanges]
    requests = [{"request": r} for r in world.requests]
    cycles_by_enterprises = [{"cycle": c, "enterprise": e} for c in world.cycles for e in world.enterprises]
    pairs = [{"granter": g, "grantee": k} for g in world.enterprises for k in world.enterprises]
    given = [{"granter": g, "grantee": k} for g, k, kind in sorted(world.grants) if kind == P_OC]
    of_action = {
        "cycle_fee:attach": [{"cycle": c, "fee": f} for c in world.cycles for f in world.fees],
        "cycle_fee:detach": [{"cycle": c.id, "fee": f} for c in world.cycles.values() for f in sorted(c.fees)],
        "exchange:accept": exchanges,
        "exchange:add_incoming": cycles_by_enterprises,
        "exchange:add_outgoing": cycles_by_enterprises,
        "exchange:decline": exchanges,
        "exchange:remove": exchanges,
        "exchange:set_notes": exchanges,
        "exchange_fee:attach": [{"exchange": x, "fee": f} for x in world.exchanges for f in world.fees],
        "exchange_fee:detach": [{"exchange": x.id, "fee": f} for x in world.exchanges.values() for f in sorted(x.fees)],
        "exchange_variant:add": [{"exchange": x, "variant": v} for x in world.exchanges for v in world.variants],
        "exchange_variant:remove": [
            {"exchange": x.id, "variant": v} for x in world.exchanges.values() for v in sorted(x.variants)
        ],
        "fee:edit": [{"fee": f} for f in world.fees],
        "grant:approve": requests,
        "grant:give": pairs,
        "grant:give_up": given,
        "grant:refuse": requests,
        "grant:request": pairs,
        "grant:withdraw": given,
        "order_cycle:close": cycles,
        "order_cycle:copy": cycles,
        "order_cycle:create": [{"enterprise": e} for e in world.enterprises],
        "order_cycle:delete": cycles,
        "order_cycle:edit": cycles,
        "order_cycle:set_coordinator": cycles,
    }
    return of_action[action]


def questions(world: World) -> Iterator[tuple[str, str, Target]]:
    """Every (actor, action, target) of the world."""
    for action in ACTIONS:
        for target in targets(world, action):
            for actor in world.actors:
                yield actor, action, target
