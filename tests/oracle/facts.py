"""What holds in a world: the words of the page, who sees what, and what stands. See ``oracle`` for who may do what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from tests.oracle.world import P_OC, Actor, Cycle, CycleState, Exchange, World

LAPSE_REASONS: Final = (
    "not_supplied",
    "producer_declined",
    "hub_declined",
    "producer_coordinator_grant",
    "hub_coordinator_grant",
    "producer_hub_grant",
    "variant_inactive",
    "producer_inactive",
    "hub_inactive",
    "coordinator_inactive",
)
"""Why a variant is not on offer, in the order in which the reasons are told."""

P = ParamSpec("P")
R = TypeVar("R")


def asked_once(method: Callable[Concatenate[Facts, P], R]) -> Callable[Concatenate[Facts, P], R]:
    """Each question is worked out once: they are asked again and again, and the world does not change."""
    name = method.__name__

    @wraps(method)
    def ask(self: Facts, *about: P.args, **named: P.kwargs) -> R:
        assert not named, "By place, so that one question is not asked in two ways."
        answers: dict[Any, R] = self.answered[name]
        try:
            return answers[about]
        except KeyError:
            answer = answers[about] = method(self, *about, **named)
            return answer

    return cast("Callable[Concatenate[Facts, P], R]", ask)


class Facts:
    """The facts of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answered: defaultdict[str, dict[Any, Any]] = defaultdict(dict)

    # ------------------------------------------------------------------ the words of the page

    def actor(self, actor: str) -> Actor:
        """The actor with this id."""
        return self.world.actors[actor]

    @asked_once
    def managed(self, actor: str, permission: str) -> frozenset[str]:
        """M(permission): the enterprises that the actor manages with this permission. Without ``view``: none."""
        return frozenset(
            enterprise
            for membership in self.actor(actor).memberships
            if {permission, "view"} <= self.world.roles[membership.role]
            for enterprise in membership.enterprises
        )

    def granted(self, granter: str, grantee: str) -> bool:
        """The P-OC grant itself was given and not withdrawn."""
        return (granter, grantee, P_OC) in self.world.grants

    def arrow(self, a: str, b: str) -> bool:
        """``a → b``: a has granted P-OC to b, or a is b."""
        return a == b or self.granted(a, b)

    def state(self, cycle: str) -> CycleState:
        """The state of a cycle, from the clock."""
        it = self.world.cycles[cycle]
        if it.opens_at is None or it.closes_at is None:
            return "draft"
        if self.world.now < it.opens_at:
            return "upcoming"
        if self.world.now < it.closes_at:
            return "open"
        return "closed"

    def exchanges_of(self, cycle: str) -> list[Exchange]:
        """Every exchange of the cycle, declined ones included."""
        return [exchange for exchange in self.world.exchanges.values() if exchange.cycle == cycle]

    @asked_once
    def incoming(self, cycle: str) -> frozenset[str]:
        """I: the enterprises with an incoming exchange."""
        return frozenset(x.enterprise for x in self.exchanges_of(cycle) if x.direction == "incoming")

    @asked_once
    def outgoing(self, cycle: str) -> frozenset[str]:
        """O: the enterprises with an outgoing exchange."""
        return frozenset(x.enterprise for x in self.exchanges_of(cycle) if x.direction == "outgoing")

    @asked_once
    def incoming_stands(self, cycle: str, producer: str) -> bool:
        """The producer has an incoming exchange in the cycle, and has not declined it."""
        return any(
            x.enterprise == producer and x.direction == "incoming" and not x.declined for x in self.exchanges_of(cycle)
        )

    @asked_once
    def supplied(self, cycle: str, variant: str) -> bool:
        """The producer's incoming exchange of the cycle holds the variant."""
        producer = self.world.variants[variant].producer
        return any(
            x.enterprise == producer and x.direction == "incoming" and variant in x.variants
            for x in self.exchanges_of(cycle)
        )

    @asked_once
    def carries(self, exchange: str, producer: str) -> bool:
        """The exchange holds at least one variant of the producer."""
        return any(self.world.variants[v].producer == producer for v in self.world.exchanges[exchange].variants)

    @asked_once
    def hub_carries(self, cycle: str, hub: str, producer: str) -> bool:
        """The hub's outgoing exchange in the cycle carries the producer."""
        return any(
            x.enterprise == hub and x.direction == "outgoing" and self.carries(x.id, producer)
            for x in self.exchanges_of(cycle)
        )

    def _cycle_of(self, exchange: str) -> Cycle:
        return self.world.cycles[self.world.exchanges[exchange].cycle]

    # ------------------------------------------------------------------ visibility

    @asked_once
    def why_cycle(self, actor: str, cycle: str) -> tuple[str, ...]:
        """The codes of all rules by which the actor sees the cycle, in order; empty: she does not."""
        views = self.managed(actor, "view")
        why = []
        if self.world.cycles[cycle].coordinator in views:
            why.append("C9")
        if any(x.enterprise in views for x in self.exchanges_of(cycle)):
            why.append("P1")
        if self.actor(actor).staff:
            why.append("S1")
        return tuple(why)

    @asked_once
    def _hub_of_hers_related(self, actor: str, cycle: str, producer: str) -> bool:
        """Some hub she views, in O, that granted the producer, was granted by it, or carries it."""
        return any(
            self.arrow(producer, hub) or self.arrow(hub, producer) or self.hub_carries(cycle, hub, producer)
            for hub in self.managed(actor, "view") & self.outgoing(cycle)
        )

    @asked_once
    def _related_to_outgoing(self, producer: str, exchange: str) -> bool:
        """The producer granted the hub of this exchange, was granted by it, or is carried in it."""
        hub = self.world.exchanges[exchange].enterprise
        return self.arrow(producer, hub) or self.arrow(hub, producer) or self.carries(exchange, producer)

    @asked_once
    def why_exchange(self, actor: str, exchange: str) -> tuple[str, ...]:
        """The codes of all rules by which the actor sees the exchange, in order; empty: she does not."""
        it = self.world.exchanges[exchange]
        cycle = self._cycle_of(exchange)
        views = self.managed(actor, "view")
        why = []
        if cycle.coordinator in views:
            why.append("C9")
        if it.direction == "incoming":
            if it.enterprise in views:
                why.append("P4")
            if self._hub_of_hers_related(actor, cycle.id, it.enterprise):
                why.append("H1")
        else:
            if it.enterprise in views:
                why.append("H1")
            producers_of_hers = views & self.incoming(cycle.id)
            if any(self._related_to_outgoing(producer, exchange) for producer in producers_of_hers):
                why.append("P4")
        if self.actor(actor).staff:
            why.append("S1")
        return tuple(why)

    @asked_once
    def why_variant(self, actor: str, exchange: str, variant: str) -> tuple[str, ...]:
        """The codes of all rules by which the actor sees the variant in the exchange, in order."""
        it = self.world.exchanges[exchange]
        cycle = self._cycle_of(exchange)
        producer = self.world.variants[variant].producer
        views = self.managed(actor, "view")
        inside = variant in it.variants
        why = []
        if cycle.coordinator in views and (
            producer in self.incoming(cycle.id) or self.arrow(producer, cycle.coordinator) or inside
        ):
            why.append("C9")
        if it.direction == "incoming":
            if producer == it.enterprise and it.enterprise in views:
                why.append("P4")
            if inside and self._hub_of_hers_related(actor, cycle.id, it.enterprise):
                why.append("H1")
        else:
            related = self._related_to_outgoing(producer, exchange)
            if it.enterprise in views and (inside or (self.supplied(cycle.id, variant) and related)):
                why.append("H1")
            if producer in views & self.incoming(cycle.id) and related:
                why.append("P4")
        if self.actor(actor).staff:
            why.append("S1")
        return tuple(why)

    @asked_once
    def why_known(self, actor: str, enterprise: str) -> tuple[str, ...]:
        """The codes of all rules by which the actor may know of an enterprise, in order."""
        views = self.managed(actor, "view")
        org = self.world.enterprises[enterprise].org
        why = []
        if enterprise in views:
            why.append("E1")
        if any(
            (granter == enterprise and grantee in views) or (grantee == enterprise and granter in views)
            for granter, grantee, _ in self.world.grants
        ):
            why.append("E2")
        if any(
            (org, own) in self.world.connections or (own, org) in self.world.connections
            for own in self.actor(actor).orgs
        ):
            why.append("E3")
        if self.actor(actor).staff:
            why.append("S1")
        return tuple(why)

    @asked_once
    def why_enterprise(self, actor: str, cycle: str, enterprise: str) -> tuple[str, ...]:
        """The codes of all rules by which the actor may know of an enterprise, to add it to the cycle."""
        known = self.why_known(actor, enterprise)
        takes_part = enterprise in self.incoming(cycle) | self.outgoing(cycle)
        why = [code for code in known if code != "S1"]
        if "C9" in self.why_cycle(actor, cycle) and takes_part:
            why.append("C9")
        return (*why, "S1") if "S1" in known else tuple(why)

    def _coordinator_sees_fee(self, actor: str, cycle: str, fee: str) -> bool:
        """c ∈ M(view), and the owner granted c or takes part in the cycle."""
        coordinator = self.world.cycles[cycle].coordinator
        owner = self.world.fees[fee].owner
        takes_part = owner in self.incoming(cycle) | self.outgoing(cycle)
        return coordinator in self.managed(actor, "view") and (self.arrow(owner, coordinator) or takes_part)

    def _fee_visible(self, actor: str, exchange: str, fee: str) -> bool:
        """The fee row of the page, towards one exchange."""
        it = self.world.exchanges[exchange]
        cycle = self._cycle_of(exchange)
        views = self.managed(actor, "view")
        return (
            self.world.fees[fee].owner in views
            or self._coordinator_sees_fee(actor, cycle.id, fee)
            or (fee in it.fees and (it.enterprise in views or cycle.coordinator in views))
            or self.actor(actor).staff
        )

    def _cycle_fee_visible(self, actor: str, cycle: str, fee: str) -> bool:
        """A fee towards the whole cycle, which she sees: her own, one on it, or one that its coordinator sees."""
        seen = bool(self.why_cycle(actor, cycle))
        coordinates = self.world.cycles[cycle].coordinator in self.managed(actor, "view")
        on_the_cycle = fee in self.world.cycles[cycle].fees
        return (
            (seen and self.world.fees[fee].owner in self.managed(actor, "view"))
            or (coordinates and (self._coordinator_sees_fee(actor, cycle, fee) or on_the_cycle))
            or (seen and on_the_cycle)
            or self.actor(actor).staff
        )

    def _takes_part_or_coordinates(self, actor: str, cycle: str) -> bool:
        return bool({"C9", "P1"} & set(self.why_cycle(actor, cycle)))

    def _fee_visible_by_itself(self, actor: str, fee: str) -> bool:
        """The fee row of the page, towards nothing in particular."""
        owner, views = self.world.fees[fee].owner, self.managed(actor, "view")
        on_cycles = [cycle.id for cycle in self.world.cycles.values() if fee in cycle.fees]
        on_exchanges = [x for x in self.world.exchanges.values() if fee in x.fees]
        return (
            owner in views
            or any(self.arrow(owner, hers) for hers in views)
            or any(self._takes_part_or_coordinates(actor, cycle) for cycle in on_cycles)
            or any(x.enterprise in views or self._cycle_of(x.id).coordinator in views for x in on_exchanges)
            or self.actor(actor).staff
        )

    def _grant_visible(self, actor: str, granter: str, grantee: str) -> bool:
        views = self.managed(actor, "view")
        return granter in views or grantee in views or self.actor(actor).staff

    def visible_cycles(self, actor: str) -> frozenset[str]:
        """The cycles that exist for this actor."""
        return frozenset(cycle for cycle in self.world.cycles if self.why_cycle(actor, cycle))

    def visible_exchanges(self, actor: str, cycle: str) -> frozenset[str]:
        """The exchanges of the cycle that this actor sees."""
        return frozenset(x.id for x in self.exchanges_of(cycle) if self.why_exchange(actor, x.id))

    def visible_variants(self, actor: str, exchange: str) -> frozenset[str]:
        """Of all variants there are, those that this actor sees in the exchange, or sees could be in it."""
        return frozenset(variant for variant in self.world.variants if self.why_variant(actor, exchange, variant))

    def visible_enterprises(self, actor: str, cycle: str) -> frozenset[str]:
        """The enterprises that this actor may know of, to add them to the cycle."""
        return frozenset(
            enterprise for enterprise in self.world.enterprises if self.why_enterprise(actor, cycle, enterprise)
        )

    def visible_fees_of_all(self, actor: str) -> frozenset[str]:
        """The fees that this actor sees by themselves."""
        return frozenset(fee for fee in self.world.fees if self._fee_visible_by_itself(actor, fee))

    def visible_cycle_fees(self, actor: str, cycle: str) -> frozenset[str]:
        """The fees that this actor sees towards the whole cycle."""
        return frozenset(fee for fee in self.world.fees if self._cycle_fee_visible(actor, cycle, fee))

    def visible_fees(self, actor: str, exchange: str) -> frozenset[str]:
        """The fees that this actor sees towards the exchange; none when she does not see the exchange."""
        if not self.why_exchange(actor, exchange):
            return frozenset()
        return frozenset(fee for fee in self.world.fees if self._fee_visible(actor, exchange, fee))

    # ------------------------------------------------------------------ what stands and what lapses

    def lapsed(self, exchange: str) -> dict[str, tuple[str, ...]]:
        """The variants held by the exchange that do not stand, each with every reason, in ``LAPSE_REASONS`` order."""
        reasons = {v: self._lapse_reasons(exchange, v) for v in sorted(self.world.exchanges[exchange].variants)}
        return {variant: why for variant, why in reasons.items() if why}

    def effective(self, exchange: str) -> frozenset[str]:
        """The variants held by the exchange that stand today (L1)."""
        return self.world.exchanges[exchange].variants - self.lapsed(exchange).keys()

    def _lapse_reasons(self, exchange: str, variant: str) -> tuple[str, ...]:
        if self.world.exchanges[exchange].direction == "incoming":
            fails = self._what_fails_incoming(exchange, variant)
        else:
            fails = self._what_fails_outgoing(exchange, variant)
        return tuple(reason for reason in LAPSE_REASONS if fails.get(reason, False))

    def _what_fails_incoming(self, exchange: str, variant: str) -> dict[str, bool]:
        v = self.world.variants[variant]
        return {
            "producer_declined": self.world.exchanges[exchange].declined,
            "producer_coordinator_grant": not self.arrow(v.producer, self._cycle_of(exchange).coordinator),
            "variant_inactive": not v.active,
            "producer_inactive": not self.world.enterprises[v.producer].active,
            "coordinator_inactive": not self.world.enterprises[self._cycle_of(exchange).coordinator].active,
        }

    def _what_fails_outgoing(self, exchange: str, variant: str) -> dict[str, bool]:
        it, v, cycle = self.world.exchanges[exchange], self.world.variants[variant], self._cycle_of(exchange)
        c, h, p = cycle.coordinator, it.enterprise, v.producer
        return {
            "not_supplied": not self.supplied(cycle.id, variant),
            # Also where the producer has no incoming exchange: the page wants both reasons then.
            "producer_declined": not self.incoming_stands(cycle.id, p),
            "hub_declined": it.declined,
            "producer_coordinator_grant": not self.arrow(p, c),
            "hub_coordinator_grant": not self.arrow(h, c),
            "producer_hub_grant": not self.arrow(p, h),
            "variant_inactive": not v.active,
            "producer_inactive": not self.world.enterprises[p].active,
            "hub_inactive": not self.world.enterprises[h].active,
            "coordinator_inactive": not self.world.enterprises[c].active,
        }
