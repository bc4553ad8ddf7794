"""One small world, known by heart, for examples written by hand.

Exe is a hub and runs the cycle ``c1``. Ash and Bram are producers in it, Town and Quay hubs. Everybody has granted
Exe; Ash and Bram have granted Town, nobody has granted Quay. Moor, producer and hub, stands outside; its organisation
is connected with Exe's. Each has one manager, who manages nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from tests.oracle.oracle import Oracle, Verdict
from tests.oracle.world import (
    P_OC,
    Actor,
    Cycle,
    Enterprise,
    Exchange,
    Fee,
    Membership,
    Request,
    Variant,
    World,
)

MANAGERS: Final = {
    "cora": "exe",
    "ada": "ash",
    "ben": "bram",
    "hal": "town",
    "quinn": "quay",
    "mo": "moor",
}
WINDOWS: Final[dict[str, tuple[int | None, int | None]]] = {
    "draft": (None, 120),
    "upcoming": (110, 120),
    "open": (100, 120),
    "closed": (90, 100),
}
"""Opening and closing times by state; it is 100 o'clock."""


def person(name: str, **role_at: str) -> Actor:
    """A person with one role at each enterprise: ``person("uma", exe="manager", moor="viewer")``."""
    memberships = tuple(Membership(f"{e}-co", role, frozenset({e})) for e, role in role_at.items())
    return Actor(name, orgs=frozenset(f"{e}-co" for e in role_at), memberships=memberships)


def by_id(things: Iterable[Any]) -> dict[str, Any]:
    """The things under their ids."""
    return {thing.id: thing for thing in things}


def arrows(*pairs: str) -> frozenset[tuple[str, str, str]]:
    """Grants written ``"ash>exe"``."""
    return frozenset((pair.split(">")[0], pair.split(">")[1], P_OC) for pair in pairs)


GRANTS: Final = arrows("ash>exe", "bram>exe", "town>exe", "quay>exe", "ash>town", "bram>town")

EXAMPLE: Final = World(
    now=100,
    enterprises=by_id(
        [
            Enterprise("exe", "exe-co", is_producer=False, sells="any"),
            Enterprise("ash", "ash-co", is_producer=True, sells="own"),
            Enterprise("bram", "bram-co", is_producer=True, sells="none"),
            Enterprise("town", "town-co", is_producer=False, sells="any"),
            Enterprise("quay", "quay-co", is_producer=False, sells="any"),
            Enterprise("moor", "moor-co", is_producer=True, sells="any"),
        ]
    ),
    connections=frozenset({("exe-co", "moor-co")}),
    grants=GRANTS,
    variants=by_id(
        [
            Variant("milk", "ash"),
            Variant("curd", "ash"),
            Variant("whey", "ash"),
            Variant("kale", "bram"),
            Variant("leek", "bram"),
            Variant("lamb", "moor"),
        ]
    ),
    fees=by_id(
        [
            Fee("exe-admin", "exe", "percent"),
            Fee("ash-pack", "ash", "per_item"),
            Fee("ash-trip", "ash", "per_order"),
            Fee("town-till", "town", "flexible"),
            Fee("moor-box", "moor", "per_kg"),
        ]
    ),
    cycles=by_id([Cycle("c1", "exe", 110, 120, frozenset({"exe-admin"}))]),
    exchanges=by_id(
        [
            Exchange("in-ash", "c1", "incoming", "ash", variants=frozenset({"milk", "curd"})),
            Exchange("in-bram", "c1", "incoming", "bram", variants=frozenset({"kale"})),
            Exchange("out-town", "c1", "outgoing", "town", variants=frozenset({"milk"})),
            Exchange("out-quay", "c1", "outgoing", "quay"),
        ]
    ),
    requests=by_id([Request("r1", "moor", "exe")]),
    actors=by_id(
        [
            *(person(name, **{enterprise: "manager"}) for name, enterprise in MANAGERS.items()),
            person("vic", exe="viewer"),
            Actor("sam", staff=True),
            Actor("stan", staff=True, acting=True),
        ]
    ),
)


class Example:
    """The example world, changed step by step; every step gives a new one."""

    def __init__(self, world: World = EXAMPLE) -> None:
        self.world = world
        self.oracle = Oracle(world)

    def giving(self, *pairs: str) -> Example:
        """With these grants given too."""
        return Example(replace(self.world, grants=self.world.grants | arrows(*pairs)))

    def withdrawing(self, *pairs: str) -> Example:
        """Without these grants."""
        assert arrows(*pairs) <= self.world.grants
        return Example(replace(self.world, grants=self.world.grants - arrows(*pairs)))

    def state(self, state: str) -> Example:
        """With ``c1`` in this state."""
        opens_at, closes_at = WINDOWS[state]
        return self.cycle("c1", opens_at=opens_at, closes_at=closes_at)

    def cycle(self, of: str, **changes: Any) -> Example:
        """With a cycle changed."""
        return self._change("cycles", of, changes)

    def enterprise(self, of: str, **changes: Any) -> Example:
        """With an enterprise changed."""
        return self._change("enterprises", of, changes)

    def variant(self, of: str, **changes: Any) -> Example:
        """With a variant changed."""
        return self._change("variants", of, changes)

    def fee(self, of: str, **changes: Any) -> Example:
        """With a fee changed."""
        return self._change("fees", of, changes)

    def request(self, of: str, **changes: Any) -> Example:
        """With a request changed."""
        return self._change("requests", of, changes)

    def exchange(self, of: str, **changes: Any) -> Example:
        """With an exchange changed; ``variants`` and ``fees`` as words with blanks between."""
        words = {k: frozenset(v.split()) if isinstance(v, str) else v for k, v in changes.items()}
        return self._change("exchanges", of, words)

    def without_exchange(self, exchange: str) -> Example:
        """With an exchange removed."""
        left = {k: x for k, x in self.world.exchanges.items() if k != exchange}
        return Example(replace(self.world, exchanges=left))

    def having(self, field: str, thing: Any) -> Example:
        """With one more thing: ``having("exchanges", Exchange(...))``."""
        return self._with(field, thing)

    def _change(self, field: str, of: str, changes: dict[str, Any]) -> Example:
        return self._with(field, replace(getattr(self.world, field)[of], **changes))

    def _with(self, field: str, thing: Any) -> Example:
        changed: dict[str, Any] = {field: {**getattr(self.world, field), thing.id: thing}}
        return Example(replace(self.world, **changed))

    def ask(self, actor: str, action: str, **target: str) -> Verdict:
        """May this actor do this."""
        return self.oracle.decide(actor, action, **target)


def yes(code: str) -> Verdict:
    """Allowed by this rule."""
    return Verdict(True, code)


def no(code: str, *missing: str) -> Verdict:
    """Refused with this code; the failing needs, if a rule of hers refused."""
    return Verdict(False, code, missing)
