"""Small random worlds, in which every rule has something to say.

``random_world(seed)`` is fast and repeatable, for bulk runs. ``worlds()`` draws the same worlds through hypothesis,
which makes a failing one smaller.

What a world keeps, because a database would: one exchange per cycle, direction and enterprise; incoming exchanges
hold the goods of their own producer and per-item fees; a coordinator sells ``any`` or ``own``; a cycle's own fees are
its coordinator's; nobody grants itself; one membership per person and organisation; staff have none. What it does
not keep, on purpose: outgoing exchanges hold goods without a look at today's grants or at what is supplied today,
and an enterprise may take part though it is no longer active, ready or granting: legal once, lapsed now.
"""

from __future__ import annotations

from random import Random
from typing import Final, TypeVar

from hypothesis import strategies as st

from tests.oracle.world import (
    BUILT_IN_ROLES,
    P_OC,
    PER_ITEM_CHARGES,
    Actor,
    Charge,
    Cycle,
    Enterprise,
    Exchange,
    Fee,
    Membership,
    Request,
    RequestStatus,
    Sells,
    Variant,
    World,
)

NOW: Final = 1_000
"""The present of every random world."""

ROLES: Final = {
    **BUILT_IN_ROLES,
    "clerk": frozenset({"view", "manage_fees", "manage_grants"}),
    "planner": frozenset({"view", "coordinate"}),
    "blind": frozenset({"coordinate", "take_part", "manage_fees", "manage_grants"}),
}
"""The built-in roles, and three that an organisation made for itself; one lacks ``view`` and so gives nothing."""

CHARGES: Final[tuple[Charge, ...]] = ("percent", "per_item", "per_kg", "per_order", "flexible", "price_sack")

OTHER_GRANTS: Final = ("edit_profile", "manage_products")
"""Grants of other kinds: they let enterprises know one another (E2), and are nothing to an order cycle."""

T = TypeVar("T")


MOST: Final = 7
"""As many enterprises as a world has at most."""


def random_world(seed: int, *, most: int = MOST) -> World:
    """The same small world for the same seed, with three enterprises to ``most``."""
    return build_world(Random(seed), most)


def worlds() -> st.SearchStrategy[World]:
    """A strategy of the same small worlds."""
    return st.randoms(use_true_random=False).map(build_world)


def build_world(random: Random, most: int = MOST) -> World:
    """One world, every choice taken from ``random``."""
    enterprises = _enterprises(random, most)
    variants = _variants(random, enterprises)
    fees = _fees(random, enterprises)
    cycles = _cycles(random, enterprises, fees)
    exchanges = {
        exchange.id: exchange
        for cycle in cycles.values()
        for exchange in _exchanges(random, cycle, enterprises, variants, fees)
    }
    grants = _grants(random, enterprises)
    return World(
        now=NOW,
        enterprises=enterprises,
        connections=_connections(random, enterprises),
        grants=grants,
        variants=variants,
        fees=fees,
        cycles=cycles,
        exchanges=exchanges,
        requests=_requests(random, enterprises, grants),
        actors=_actors(random, enterprises, cycles),
        roles=ROLES,
    )


def _chance(random: Random, of_hundred: int) -> bool:
    return random.randrange(100) < of_hundred


def _some(random: Random, things: list[T], of_hundred: int) -> list[T]:
    return [thing for thing in things if _chance(random, of_hundred)]


def _sells(random: Random) -> Sells:
    choices: tuple[Sells, ...] = ("any", "any", "any", "any", "any", "own", "own", "none", "none", "none")
    return random.choice(choices)


def _enterprises(random: Random, most: int) -> dict[str, Enterprise]:
    count = random.randint(3, most)
    orgs = [f"o{n}" for n in range(1, min(5, random.randint(2, count)) + 1)]
    made = {}
    for n in range(1, count + 1):
        # The first is always a hub and the second a producer, so that every world can trade.
        enterprise = Enterprise(
            id=f"e{n}",
            org=orgs[n - 1] if n <= len(orgs) else random.choice(orgs),
            is_producer=n == 2 or _chance(random, 55),
            sells="any" if n == 1 else _sells(random),
            shipping=random.choice((0, 1, 1, 1, 1, 2)),
            active_payment=random.choice((0, 1, 1, 1, 1, 2)),
            contact_confirmed=_chance(random, 87),
            active=_chance(random, 90),
        )
        made[enterprise.id] = enterprise
    return made


def _connections(random: Random, enterprises: dict[str, Enterprise]) -> frozenset[tuple[str, str]]:
    orgs = sorted({enterprise.org for enterprise in enterprises.values()})
    return frozenset(_some(random, [(a, b) for a in orgs for b in orgs if a != b], 18))


def _grants(random: Random, enterprises: dict[str, Enterprise]) -> frozenset[tuple[str, str, str]]:
    """Enterprises trust each other a lot in one world and little in the next."""
    often = random.choice((30, 50, 70))
    pairs = [(a, b, P_OC) for a in enterprises for b in enterprises if a != b]
    others = [(a, b, kind) for a, b, _ in pairs for kind in OTHER_GRANTS]
    return frozenset(_some(random, pairs, often) + _some(random, others, 4))


def _variants(random: Random, enterprises: dict[str, Enterprise]) -> dict[str, Variant]:
    producers = [enterprise.id for enterprise in enterprises.values() if enterprise.is_producer]
    of = [producer for producer in producers for _ in range(random.choice((1, 1, 2, 3)))]
    return {f"v{n}": Variant(f"v{n}", producer, active=_chance(random, 88)) for n, producer in enumerate(of, start=1)}


def _fees(random: Random, enterprises: dict[str, Enterprise]) -> dict[str, Fee]:
    owners = [owner for owner in enterprises for _ in range(random.choice((0, 0, 1, 1, 2)))]
    return {
        f"f{n}": Fee(f"f{n}", owner, random.choice(CHARGES), active=_chance(random, 85))
        for n, owner in enumerate(owners, start=1)
    }


def _times(random: Random) -> tuple[int | None, int | None]:
    """A draft, upcoming, open or closed window; now and then one whose edge is the present moment."""
    before, after = NOW - random.randint(1, 50), NOW + random.randint(1, 50)
    match random.choice(("draft", "upcoming", "upcoming", "upcoming", "open", "open", "open", "closed")):
        case "draft":
            choices: tuple[tuple[int | None, int | None], ...] = ((None, None), (before, None), (None, before))
            return random.choice(choices)
        case "upcoming":
            return after, after + 10
        case "open":
            return random.choice((before, NOW)), after
        case _:
            return before - 10, random.choice((before, NOW))


def _cycles(random: Random, enterprises: dict[str, Enterprise], fees: dict[str, Fee]) -> dict[str, Cycle]:
    any_sellers = [enterprise.id for enterprise in enterprises.values() if enterprise.sells == "any"]
    own_sellers = [enterprise.id for enterprise in enterprises.values() if enterprise.sells == "own"]
    made = {}
    for n in range(1, random.choice((1, 1, 2)) + 1):
        coordinator = random.choice(own_sellers if own_sellers and _chance(random, 20) else any_sellers)
        opens_at, closes_at = _times(random)
        own_fees = [fee.id for fee in fees.values() if fee.owner == coordinator]
        made[f"c{n}"] = Cycle(f"c{n}", coordinator, opens_at, closes_at, frozenset(_some(random, own_fees, 50)))
    return made


def _exchanges(
    random: Random,
    cycle: Cycle,
    enterprises: dict[str, Enterprise],
    variants: dict[str, Variant],
    fees: dict[str, Fee],
) -> list[Exchange]:
    own_only = enterprises[cycle.coordinator].sells == "own"
    often = 15 if own_only else 60
    incoming: list[Exchange] = []
    for producer in [enterprise.id for enterprise in enterprises.values() if enterprise.is_producer]:
        if not _chance(random, 80 if producer == cycle.coordinator else often):
            continue
        own = [variant.id for variant in variants.values() if variant.producer == producer]
        per_item = [fee.id for fee in fees.values() if fee.charge in PER_ITEM_CHARGES]
        incoming.append(
            Exchange(
                id=f"{cycle.id}-in-{producer}",
                cycle=cycle.id,
                direction="incoming",
                enterprise=producer,
                declined=_chance(random, 15),
                variants=frozenset(_some(random, own, 75)),
                fees=frozenset(_some(random, per_item, 15)),
            )
        )
    supplied = sorted(variant for exchange in incoming for variant in exchange.variants)
    others = [variant for variant in variants if variant not in supplied]
    outgoing: list[Exchange] = []
    for hub in enterprises.values():
        may_sell = hub.sells == "any" or hub.id == cycle.coordinator
        if not may_sell or not _chance(random, 80 if hub.id == cycle.coordinator else often + 5):
            continue
        outgoing.append(
            Exchange(
                id=f"{cycle.id}-out-{hub.id}",
                cycle=cycle.id,
                direction="outgoing",
                enterprise=hub.id,
                declined=_chance(random, 15),
                variants=frozenset(_some(random, supplied, 45) + _some(random, others, 12)),
                fees=frozenset(_some(random, list(fees), 15)),
            )
        )
    return incoming + outgoing


def _requests(
    random: Random, enterprises: dict[str, Enterprise], grants: frozenset[tuple[str, str, str]]
) -> dict[str, Request]:
    pairs = [(a, b) for a in enterprises for b in enterprises if a != b and (a, b, P_OC) not in grants]
    statuses: tuple[RequestStatus, ...] = ("pending", "pending", "pending", "given", "refused")
    return {
        f"r{n}": Request(f"r{n}", granter, grantee, P_OC, random.choice(statuses))
        for n, (granter, grantee) in enumerate(random.sample(pairs, min(len(pairs), 3)), start=1)
    }


def _actors(random: Random, enterprises: dict[str, Enterprise], cycles: dict[str, Cycle]) -> dict[str, Actor]:
    made = {}
    for n in range(1, random.randint(2, 3) + 1):
        if _chance(random, 15):
            made[f"a{n}"] = Actor(f"a{n}", staff=True, acting=_chance(random, 60))
        else:
            made[f"a{n}"] = _member(random, f"a{n}", enterprises, cycles)
    return made


def _member(random: Random, actor: str, enterprises: dict[str, Enterprise], cycles: dict[str, Cycle]) -> Actor:
    """Somebody in one to three organisations, every third time in that of a coordinator."""
    orgs = sorted({enterprise.org for enterprise in enterprises.values()})
    of_her = random.sample(orgs, min(len(orgs), random.choice((1, 1, 2, 2, 3))))
    at_a_coordinator = enterprises[random.choice(sorted(cycle.coordinator for cycle in cycles.values()))].org
    if _chance(random, 33) and at_a_coordinator not in of_her:
        of_her[0] = at_a_coordinator
    memberships = tuple(
        Membership(org, _role(random), frozenset(_scope(random, [e.id for e in enterprises.values() if e.org == org])))
        for org in of_her
    )
    return Actor(actor, orgs=frozenset(of_her), memberships=memberships)


def _role(random: Random) -> str:
    often = {
        "owner": 2,
        "manager": 4,
        "coordinator": 4,
        "contributor": 5,
        "viewer": 3,
        "clerk": 1,
        "planner": 1,
        "blind": 1,
    }
    return random.choice([role for role, times in often.items() for _ in range(times)])


def _scope(random: Random, units: list[str]) -> list[str]:
    """All enterprises of the organisation, or named ones; seldom none (she has other kinds of units only)."""
    if _chance(random, 60):
        return units
    named = _some(random, units, 60)
    return named if named or _chance(random, 20) else [random.choice(units)]
