"""The rules of an order cycle, read off the page by a person, over a plain ``World``.

Written to be evidently right, not fast: with sets, each question by itself. It shares nothing with
the engine, so that where the two differ, one of them has misread the page.

Ids are plain strings. An action's target is given by name:

* ``order_cycle:create``: ``enterprise``; the other ``order_cycle:*``: ``cycle``
* ``cycle_fee:*``: ``cycle``, ``fee``
* ``exchange:add_incoming``, ``exchange:add_outgoing``: ``cycle``, ``enterprise``
* ``exchange:remove``, ``set_notes``, ``accept``, ``decline``: ``exchange``
* ``exchange_variant:*``: ``exchange``, ``variant``
* ``exchange_fee:*``: ``exchange``, ``fee``
* ``fee:edit``: ``fee``
* ``grant:give``, ``withdraw``, ``give_up``, ``request``: ``granter``, ``grantee``
* ``grant:approve``, ``grant:refuse``: ``request``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.oracle.facts import Facts
from tests.oracle.world import PER_ITEM_CHARGES

ACTIONS: Final = (
    "cycle_fee:attach",
    "cycle_fee:detach",
    "exchange:accept",
    "exchange:add_incoming",
    "exchange:add_outgoing",
    "exchange:decline",
    "exchange:remove",
    "exchange:set_notes",
    "exchange_fee:attach",
    "exchange_fee:detach",
    "exchange_variant:add",
    "exchange_variant:remove",
    "fee:edit",
    "grant:approve",
    "grant:give",
    "grant:give_up",
    "grant:refuse",
    "grant:request",
    "grant:withdraw",
    "order_cycle:close",
    "order_cycle:copy",
    "order_cycle:create",
    "order_cycle:delete",
    "order_cycle:edit",
    "order_cycle:set_coordinator",
)


@dataclass(frozen=True)
class Verdict:
    """The answer: ``code`` allowed or refused; ``missing`` are all failing needs of the rule that refused."""

    allowed: bool
    code: str
    missing: tuple[str, ...] = ()


Rule = tuple[str, bool, tuple[str, ...]]
"""A rule of an action as it stands: its code, whether its relation holds, the codes of its failing needs in order."""

Needs = tuple[tuple[bool, str], ...]
"""(does it hold, the code it is refused with)."""


@dataclass(frozen=True)
class Reading:
    """What the page says of one action on one target for one actor."""

    visible: bool
    rules: tuple[Rule, ...]
    default: str
    views_named: bool
    """She may view an enterprise that one of the rules names."""
    nobody_ever: bool = False
    """Refused with the default whoever asks, staff too."""


def _failing(needs: Needs) -> tuple[str, ...]:
    return tuple(code for holds, code in needs if not holds)


class Oracle(Facts):
    """Answers every question of the rules about one world."""

    # ------------------------------------------------------------------ the questions

    def decide(self, actor: str, action: str, **target: str) -> Verdict:
        """May the actor do this: allowed or not, and the code that decided."""
        reading = self._read(actor, action, target)
        if not reading.visible:
            return Verdict(False, "X2")
        for code, relation, failing in reading.rules:
            if relation and not failing:
                return Verdict(True, code)
        for _, relation, failing in reading.rules:
            if relation:
                return Verdict(False, failing[0], failing)
        if reading.nobody_ever:
            return Verdict(False, reading.default)
        if self.actor(actor).staff:
            return Verdict(False, "S1")
        if reading.views_named:
            return Verdict(False, "R1")
        return Verdict(False, reading.default)

    def explain(self, actor: str, action: str, **target: str) -> list[Rule]:
        """Every rule of the action as looked at, in order; nothing when the target is not visible."""
        reading = self._read(actor, action, target)
        return list(reading.rules) if reading.visible else []

    def who_can(self, action: str, **target: str) -> frozenset[str]:
        """The actors who may do this."""
        return frozenset(actor for actor in self.world.actors if self.decide(actor, action, **target).allowed)

    def _read(self, actor: str, action: str, target: dict[str, str]) -> Reading:
        if action not in ACTIONS:
            raise ValueError(f"no such action: {action}")
        reading: Reading = getattr(self, "_" + action.replace(":", "_"))(actor, **target)
        return reading

    # ------------------------------------------------------------------ needs that many actions share

    def _not_closed(self, cycle: str) -> tuple[bool, str]:
        return self.state(cycle) != "closed", "L3"

    def _acting(self, actor: str) -> bool:
        return self.actor(actor).staff and self.actor(actor).acting

    # ------------------------------------------------------------------ the order cycle

    def _order_cycle_create(self, actor: str, enterprise: str) -> Reading:
        e = self.world.enterprises[enterprise]
        needs = _failing(((e.sells in {"any", "own"}, "C1"), (e.active, "C1")))
        views_it = enterprise in self.managed(actor, "view")
        return Reading(
            visible=bool(self.why_known(actor, enterprise)),
            rules=(
                ("C1", enterprise in self.managed(actor, "coordinate"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="C1",
            views_named=views_it,
        )

    def _by_coordinator(self, actor: str, cycle: str, code: str, needs: Needs, default: str) -> Reading:
        """An action on the cycle itself: the coordinator's manager may, and acting staff with the same needs."""
        coordinator = self.world.cycles[cycle].coordinator
        return Reading(
            visible=bool(self.why_cycle(actor, cycle)),
            rules=(
                (code, coordinator in self.managed(actor, "coordinate"), _failing(needs)),
                ("S1", self._acting(actor), _failing(needs)),
            ),
            default=default,
            views_named=coordinator in self.managed(actor, "view"),
        )

    def _order_cycle_edit(self, actor: str, cycle: str) -> Reading:
        return self._by_coordinator(actor, cycle, "C2", (self._not_closed(cycle),), "P2")

    def _order_cycle_set_coordinator(self, actor: str, cycle: str) -> Reading:
        return Reading(
            visible=bool(self.why_cycle(actor, cycle)), rules=(), default="C3", views_named=False, nobody_ever=True
        )

    def _order_cycle_copy(self, actor: str, cycle: str) -> Reading:
        return self._by_coordinator(actor, cycle, "C13", (), "C13")

    def _order_cycle_delete(self, actor: str, cycle: str) -> Reading:
        not_yet_open = self.state(cycle) in {"draft", "upcoming"}
        return self._by_coordinator(actor, cycle, "C13", (self._not_closed(cycle), (not_yet_open, "C13")), "C13")

    def _order_cycle_close(self, actor: str, cycle: str) -> Reading:
        is_open = self.state(cycle) == "open"
        return self._by_coordinator(actor, cycle, "C13", (self._not_closed(cycle), (is_open, "C13")), "C13")

    def _cycle_fee_attach(self, actor: str, cycle: str, fee: str) -> Reading:
        f = self.world.fees[fee]
        own = f.owner == self.world.cycles[cycle].coordinator
        needs = (self._not_closed(cycle), (own, "C10"), (f.active, "F1"))
        reading = self._by_coordinator(actor, cycle, "C10", needs, "P2")
        visible = self._cycle_fee_visible(actor, cycle, fee)
        return Reading(visible, reading.rules, reading.default, reading.views_named)

    def _cycle_fee_detach(self, actor: str, cycle: str, fee: str) -> Reading:
        reading = self._by_coordinator(actor, cycle, "C10", (self._not_closed(cycle),), "P2")
        visible = self._cycle_fee_visible(actor, cycle, fee)
        return Reading(visible, reading.rules, reading.default, reading.views_named)

    # ------------------------------------------------------------------ adding an exchange

    def _granted_another_of_hers(self, actor: str, enterprise: str, coordinator: str) -> bool:
        """The enterprise has given its grant to another enterprise that the actor coordinates with."""
        return any(
            self.granted(enterprise, other) for other in self.managed(actor, "coordinate") if other != coordinator
        )

    def _exchange_add_incoming(self, actor: str, cycle: str, enterprise: str) -> Reading:
        c = self.world.enterprises[self.world.cycles[cycle].coordinator]
        p = self.world.enterprises[enterprise]
        needs = (
            self._not_closed(cycle),
            (c.sells == "any" or p == c, "C12"),
            (p.is_producer, "C4"),
            (p.active, "C4"),
            (self.arrow(p.id, c.id) or not self._granted_another_of_hers(actor, p.id, c.id), "C6"),
            (self.arrow(p.id, c.id), "C4"),
            (c.active, "C4"),
            (p.id not in self.incoming(cycle), "C4"),
        )
        reading = self._by_coordinator(actor, cycle, "C4", needs, "P3")
        visible = reading.visible and bool(self.why_enterprise(actor, cycle, enterprise))
        return Reading(visible, reading.rules, reading.default, reading.views_named)

    def _exchange_add_outgoing(self, actor: str, cycle: str, enterprise: str) -> Reading:
        c = self.world.enterprises[self.world.cycles[cycle].coordinator]
        h = self.world.enterprises[enterprise]
        needs = (
            self._not_closed(cycle),
            (c.sells == "any" or h == c, "C12"),
            (h.sells == "any" or (h == c and h.sells == "own"), "C5"),
            (h.active, "C5"),
            (self.arrow(h.id, c.id) or not self._granted_another_of_hers(actor, h.id, c.id), "C6"),
            (self.arrow(h.id, c.id), "C5"),
            (c.active, "C5"),
            (h.shipping > 0, "C5"),
            (h.active_payment > 0, "C5"),
            (h.contact_confirmed, "C5"),
            (h.id not in self.outgoing(cycle), "C5"),
        )
        reading = self._by_coordinator(actor, cycle, "C5", needs, "P3")
        visible = reading.visible and bool(self.why_enterprise(actor, cycle, enterprise))
        return Reading(visible, reading.rules, reading.default, reading.views_named)

    # ------------------------------------------------------------------ an exchange

    def _exchange_remove(self, actor: str, exchange: str) -> Reading:
        c = self._cycle_of(exchange).coordinator
        needs = _failing((self._not_closed(self._cycle_of(exchange).id),))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)),
            rules=(
                ("C8", c in self.managed(actor, "coordinate"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="C8",
            views_named=c in self.managed(actor, "view"),
        )

    def _exchange_set_notes(self, actor: str, exchange: str) -> Reading:
        c, x = self._cycle_of(exchange).coordinator, self.world.exchanges[exchange].enterprise
        needs = _failing((self._not_closed(self._cycle_of(exchange).id),))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)),
            rules=(
                ("C2", c in self.managed(actor, "coordinate"), needs),
                ("H6", x in self.managed(actor, "take_part"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="H6",
            views_named=bool({c, x} & self.managed(actor, "view")),
        )

    def _exchange_accept(self, actor: str, exchange: str) -> Reading:
        x = self.world.exchanges[exchange].enterprise
        needs = _failing((self._not_closed(self._cycle_of(exchange).id),))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)),
            rules=(
                ("X1", x in self.managed(actor, "take_part"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="X1",
            views_named=x in self.managed(actor, "view"),
        )

    def _exchange_decline(self, actor: str, exchange: str) -> Reading:
        x = self.world.exchanges[exchange].enterprise
        cycle = self._cycle_of(exchange).id
        needs = _failing((self._not_closed(cycle), (self.state(cycle) != "open", "X1")))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)),
            rules=(
                ("X1", x in self.managed(actor, "take_part"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="X1",
            views_named=x in self.managed(actor, "view"),
        )

    # ------------------------------------------------------------------ the goods of an exchange

    def _exchange_variant_add(self, actor: str, exchange: str, variant: str) -> Reading:
        if self.world.exchanges[exchange].direction == "incoming":
            return self._add_to_incoming(actor, exchange, variant)
        return self._add_to_outgoing(actor, exchange, variant)

    def _add_to_incoming(self, actor: str, exchange: str, variant: str) -> Reading:
        cycle, it, v = self._cycle_of(exchange), self.world.exchanges[exchange], self.world.variants[variant]
        c, x, p = cycle.coordinator, it.enterprise, v.producer
        state = (
            (not it.declined, "L2"),
            (v.active, "L2"),
            (self.world.enterprises[p].active, "L2"),
            (self.world.enterprises[c].active, "L2"),
        )
        gathering = _failing((self._not_closed(cycle.id), (p == x, "C4"), (self.arrow(p, c), "C4"), *state))
        supplying = _failing((self._not_closed(cycle.id), (p == x, "P5"), (self.arrow(p, c), "L2"), *state))
        return Reading(
            visible=bool(self.why_variant(actor, exchange, variant)),
            rules=(
                ("C4", c in self.managed(actor, "coordinate"), gathering),
                ("P5", x in self.managed(actor, "take_part"), supplying),
                ("S1", self._acting(actor), gathering),
            ),
            default="H4",
            views_named=bool({c, x} & self.managed(actor, "view")),
        )

    def _add_to_outgoing(self, actor: str, exchange: str, variant: str) -> Reading:
        cycle, it, v = self._cycle_of(exchange), self.world.exchanges[exchange], self.world.variants[variant]
        c, x, p = cycle.coordinator, it.enterprise, v.producer
        not_closed = self._not_closed(cycle.id)

        def lane(code: str) -> Needs:
            return (
                (self.supplied(cycle.id, variant), code),
                (self.arrow(p, c), code),
                (self.arrow(p, x), code),
                (self.arrow(x, c), "L2"),
                (self.incoming_stands(cycle.id, p), "L2"),
                (not it.declined, "L2"),
                (v.active, "L2"),
                (self.world.enterprises[p].active, "L2"),
                (self.world.enterprises[x].active, "L2"),
                (self.world.enterprises[c].active, "L2"),
            )

        return Reading(
            visible=bool(self.why_variant(actor, exchange, variant)),
            rules=(
                ("C7", c in self.managed(actor, "coordinate"), _failing((not_closed, *lane("C7")))),
                ("H2", x in self.managed(actor, "take_part"), _failing((not_closed, *lane("H2")))),
                (
                    "P8",
                    self._takes_part_as_producer(actor, exchange, variant),
                    _failing((not_closed, (self.arrow(x, p), "P7"), *lane("P8"))),
                ),
                ("S1", self._acting(actor), _failing((not_closed, *lane("C7")))),
            ),
            default="P7",
            views_named=bool({c, x} & self.managed(actor, "view")) or self._sees_as_producer(actor, exchange, variant),
        )

    def _sees_as_producer(self, actor: str, exchange: str, variant: str) -> bool:
        return "P4" in self.why_variant(actor, exchange, variant)

    def _takes_part_as_producer(self, actor: str, exchange: str, variant: str) -> bool:
        """p ∈ M(take_part) ∩ I, and p → x or x → p or the exchange carries p."""
        p = self.world.variants[variant].producer
        hers = self.managed(actor, "take_part") & self.incoming(self._cycle_of(exchange).id)
        return p in hers and self._related_to_outgoing(p, exchange)

    def _exchange_variant_remove(self, actor: str, exchange: str, variant: str) -> Reading:
        cycle, it, v = self._cycle_of(exchange), self.world.exchanges[exchange], self.world.variants[variant]
        c, x, p = cycle.coordinator, it.enterprise, v.producer
        not_closed = self._not_closed(cycle.id)
        coordinates = c in self.managed(actor, "coordinate")
        takes_part = x in self.managed(actor, "take_part")
        views_c_or_x = bool({c, x} & self.managed(actor, "view"))
        visible = bool(self.why_variant(actor, exchange, variant))
        if it.direction == "incoming":
            return Reading(
                visible=visible,
                rules=(
                    ("C8", coordinates, _failing((not_closed,))),
                    ("P5", takes_part, _failing((not_closed,))),
                    ("S1", self._acting(actor), _failing((not_closed,))),
                ),
                default="H4",
                views_named=views_c_or_x,
            )
        return Reading(
            visible=visible,
            rules=(
                ("C8", coordinates, _failing((not_closed,))),
                ("H3", takes_part, _failing((not_closed,))),
                (
                    "P8",
                    self._takes_part_as_producer(actor, exchange, variant),
                    _failing((not_closed, (self.arrow(x, p), "P7"))),
                ),
                ("S1", self._acting(actor), _failing((not_closed,))),
            ),
            default="P7",
            views_named=views_c_or_x or self._sees_as_producer(actor, exchange, variant),
        )

    # ------------------------------------------------------------------ fees

    def _exchange_fee_attach(self, actor: str, exchange: str, fee: str) -> Reading:
        it, f = self.world.exchanges[exchange], self.world.fees[fee]
        cycle = self._cycle_of(exchange)
        c, x, o = cycle.coordinator, it.enterprise, f.owner
        own = "P6" if it.direction == "incoming" else "H5"
        owner_is_hers = o in self.managed(actor, "take_part")
        fits = (
            (f.charge in PER_ITEM_CHARGES or it.direction == "outgoing", "F1"),
            (f.active, "F1"),
        )
        as_coordinator = _failing(
            (self._not_closed(cycle.id), (self.arrow(o, c) or owner_is_hers, "C10"), *fits),
        )
        as_participant = _failing((self._not_closed(cycle.id), (owner_is_hers, own), *fits))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)) and self._fee_visible(actor, exchange, fee),
            rules=(
                ("C10", c in self.managed(actor, "coordinate"), as_coordinator),
                (own, x in self.managed(actor, "take_part"), as_participant),
                ("S1", self._acting(actor), as_coordinator),
            ),
            default=own,
            views_named=bool({c, x} & self.managed(actor, "view")),
        )

    def _exchange_fee_detach(self, actor: str, exchange: str, fee: str) -> Reading:
        it, o = self.world.exchanges[exchange], self.world.fees[fee].owner
        cycle = self._cycle_of(exchange)
        c, x = cycle.coordinator, it.enterprise
        own = "P6" if it.direction == "incoming" else "H5"
        as_coordinator = _failing((self._not_closed(cycle.id),))
        as_participant = _failing((self._not_closed(cycle.id), (o in self.managed(actor, "take_part"), own)))
        return Reading(
            visible=bool(self.why_exchange(actor, exchange)) and self._fee_visible(actor, exchange, fee),
            rules=(
                ("C10", c in self.managed(actor, "coordinate"), as_coordinator),
                (own, x in self.managed(actor, "take_part"), as_participant),
                ("S1", self._acting(actor), as_coordinator),
            ),
            default=own,
            views_named=bool({c, x} & self.managed(actor, "view")),
        )

    def _fee_edit(self, actor: str, fee: str) -> Reading:
        o = self.world.fees[fee].owner
        return Reading(
            visible=self._fee_visible_by_itself(actor, fee),
            rules=(
                ("C11", o in self.managed(actor, "manage_fees"), ()),
                ("S1", self._acting(actor), ()),
            ),
            default="C11",
            views_named=o in self.managed(actor, "view"),
        )

    # ------------------------------------------------------------------ grants

    def _grant_give(self, actor: str, granter: str, grantee: str) -> Reading:
        needs = _failing(
            (
                (granter != grantee, "G1"),
                (self.world.enterprises[granter].active, "G1"),
                (self.world.enterprises[grantee].active, "G1"),
            )
        )
        return Reading(
            visible=self._grant_visible(actor, granter, grantee),
            rules=(
                ("G1", granter in self.managed(actor, "manage_grants"), needs),
                ("S1", self._acting(actor), needs),
            ),
            default="G1",
            views_named=granter in self.managed(actor, "view"),
        )

    def _grant_withdraw(self, actor: str, granter: str, grantee: str) -> Reading:
        return self._end_grant(actor, granter, grantee, by=granter)

    def _grant_give_up(self, actor: str, granter: str, grantee: str) -> Reading:
        return self._end_grant(actor, granter, grantee, by=grantee)

    def _end_grant(self, actor: str, granter: str, grantee: str, by: str) -> Reading:
        return Reading(
            visible=self._grant_visible(actor, granter, grantee),
            rules=(
                ("L5", by in self.managed(actor, "manage_grants"), ()),
                ("S1", self._acting(actor), ()),
            ),
            default="L5",
            views_named=by in self.managed(actor, "view"),
        )

    def _grant_request(self, actor: str, granter: str, grantee: str) -> Reading:
        needs = _failing(
            (
                (granter != grantee, "L6"),
                (not self.granted(granter, grantee), "L6"),
                (self.world.enterprises[granter].active, "L6"),
                (self.world.enterprises[grantee].active, "L6"),
            )
        )
        return Reading(
            visible=self._grant_visible(actor, granter, grantee),
            rules=(("L6", grantee in self.managed(actor, "manage_grants"), needs),),
            default="L6",
            views_named=grantee in self.managed(actor, "view"),
        )

    def _grant_approve(self, actor: str, request: str) -> Reading:
        return self._answer_request(actor, request)

    def _grant_refuse(self, actor: str, request: str) -> Reading:
        return self._answer_request(actor, request)

    def _answer_request(self, actor: str, request: str) -> Reading:
        it = self.world.requests[request]
        needs = _failing(
            (
                (it.status == "pending", "L6"),
                (self.world.enterprises[it.granter].active, "L6"),
                (self.world.enterprises[it.grantee].active, "L6"),
            )
        )
        return Reading(
            visible=self._grant_visible(actor, it.granter, it.grantee),
            rules=(("L6", it.granter in self.managed(actor, "manage_grants"), needs),),
            default="L6",
            views_named=it.granter in self.managed(actor, "view"),
        )
