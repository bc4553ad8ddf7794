"""What an action that was done makes of a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ordercycles.models import Exchange
from permissions.models import GrantRequest
from tests.oracle import world as plain
from tests.oracle.build import Batch, with_exchange, with_grant

Where = Mapping[str, str]


def _without(things: Mapping[str, Any], *gone: str) -> dict[str, Any]:
    return {name: thing for name, thing in things.items() if name not in gone}


def _close(world: plain.World, t: Where) -> plain.World:
    cycle = replace(world.cycles[t["cycle"]], closes_at=world.now)
    return replace(world, cycles={**world.cycles, cycle.id: cycle})


def _delete(world: plain.World, t: Where) -> plain.World:
    gone = [one.id for one in world.exchanges.values() if one.cycle == t["cycle"]]
    return replace(world, cycles=_without(world.cycles, t["cycle"]), exchanges=_without(world.exchanges, *gone))


def _cycle_fee(world: plain.World, t: Where, on: bool) -> plain.World:
    cycle = world.cycles[t["cycle"]]
    fees = cycle.fees | {t["fee"]} if on else cycle.fees - {t["fee"]}
    return replace(world, cycles={**world.cycles, cycle.id: replace(cycle, fees=fees)})


def _held(world: plain.World, t: Where, kind: str, inside: bool) -> plain.World:
    held: frozenset[str] = getattr(world.exchanges[t["exchange"]], f"{kind}s")
    return with_exchange(world, t["exchange"], **{f"{kind}s": held | {t[kind]} if inside else held - {t[kind]}})


def _add(world: plain.World, t: Where, direction: plain.Direction) -> plain.World:
    made = plain.Exchange(new_exchange(t, direction), t["cycle"], direction, t["enterprise"])
    return replace(world, exchanges={**world.exchanges, made.id: made})


def new_exchange(t: Where, direction: str) -> str:
    """What an exchange that is added is called, as random worlds call theirs."""
    return f"{t['cycle']}-{'in' if direction == 'incoming' else 'out'}-{t['enterprise']}"


def _give(world: plain.World, granter: str, grantee: str) -> plain.World:
    """A grant answers the requests for it that wait."""
    requests = {
        name: replace(one, status="given")
        if (one.granter, one.grantee, one.permission, one.status) == (granter, grantee, plain.P_OC, "pending")
        else one
        for name, one in world.requests.items()
    }
    return with_grant(replace(world, requests=requests), granter, grantee, given=True)


def _end(world: plain.World, granter: str, grantee: str) -> plain.World:
    """Those who had a grant between them still know each other when it has ended."""
    one, other = world.enterprises[granter].org, world.enterprises[grantee].org
    known = one == other or {(one, other), (other, one)} & world.connections
    connections = world.connections if known else world.connections | {(one, other)}
    return with_grant(replace(world, connections=connections), granter, grantee, given=False)


def _answer(world: plain.World, t: Where, status: plain.RequestStatus) -> plain.World:
    one = world.requests[t["request"]]
    answered = replace(world, requests={**world.requests, one.id: replace(one, status=status)})
    return with_grant(answered, one.granter, one.grantee, given=True) if status == "given" else answered


def _ask(world: plain.World, t: Where) -> plain.World:
    made = plain.Request(f"r-{t['granter']}-{t['grantee']}-{len(world.requests)}", t["granter"], t["grantee"])
    return replace(world, requests={**world.requests, made.id: made})


_STEPS: Final[Mapping[str, Callable[[plain.World, Where], plain.World]]] = {
    "order_cycle:edit": lambda world, t: world,
    "order_cycle:close": _close,
    "order_cycle:delete": _delete,
    "cycle_fee:attach": lambda world, t: _cycle_fee(world, t, True),
    "cycle_fee:detach": lambda world, t: _cycle_fee(world, t, False),
    "exchange:add_incoming": lambda world, t: _add(world, t, "incoming"),
    "exchange:add_outgoing": lambda world, t: _add(world, t, "outgoing"),
    "exchange:remove": lambda world, t: replace(world, exchanges=_without(world.exchanges, t["exchange"])),
    "exchange:set_notes": lambda world, t: world,
    "exchange:accept": lambda world, t: with_exchange(world, t["exchange"], declined=False),
    "exchange:decline": lambda world, t: with_exchange(world, t["exchange"], declined=True),
    "exchange_variant:add": lambda world, t: _held(world, t, "variant", True),
    "exchange_variant:remove": lambda world, t: _held(world, t, "variant", False),
    "exchange_fee:attach": lambda world, t: _held(world, t, "fee", True),
    "exchange_fee:detach": lambda world, t: _held(world, t, "fee", False),
    "fee:edit": lambda world, t: world,
    "grant:give": lambda world, t: _give(world, t["granter"], t["grantee"]),
    "grant:withdraw": lambda world, t: _end(world, t["granter"], t["grantee"]),
    "grant:give_up": lambda world, t: _end(world, t["granter"], t["grantee"]),
    "grant:request": _ask,
    "grant:approve": lambda world, t: _answer(world, t, "given"),
    "grant:refuse": lambda world, t: _answer(world, t, "refused"),
}
#: All but making new cycles, which no world has a name for.
DONE: Final = frozenset(_STEPS)


def possible(world: plain.World, action: str, t: Where) -> bool:
    """Whether an action that the rules allow can be done: some things are not a matter of rules.

    What was asked and is not answered is not asked again; a cycle is not closed within the microsecond in which it
    opened.
    """
    if action == "order_cycle:close":
        return world.cycles[t["cycle"]].opens_at != world.now
    if action == "grant:request":
        parties = (t["granter"], t["grantee"], "pending")
        return all((one.granter, one.grantee, one.status) != parties for one in world.requests.values())
    return True


def step(batch: Batch, number: int, action: str, where: Where) -> None:
    """Let a world of the batch be what the action, done in the database, has made of it."""
    batch.worlds[number] = _STEPS[action](batch.worlds[number], where)
    if action.startswith("exchange:add"):
        _, _, direction = action.partition("_")
        row = Exchange.objects.get(
            cycle=batch.key("cycle", number, where["cycle"]),
            direction=direction,
            enterprise=batch.key("enterprise", number, where["enterprise"]),
        )
        batch.add("exchange", [((number, new_exchange(where, direction)), row)])
    if action == "grant:request":
        made = list(batch.worlds[number].requests)[-1]
        batch.add("request", [((number, made), GrantRequest.objects.latest("pk"))])
