"""The oracle itself, checked by hand: what stands, what lapses, and grants, an example for each sentence."""

from __future__ import annotations

import pytest

from tests.oracle.example import Example, no, person, yes
from tests.oracle.facts import LAPSE_REASONS
from tests.oracle.targets import questions
from tests.oracle.world import Cycle, Exchange, Variant

E = Example()

CAUSES = {
    "not_supplied": E.exchange("in-ash", variants="curd"),
    "producer_declined": E.exchange("in-ash", declined=True),
    "hub_declined": E.exchange("out-town", declined=True),
    "producer_coordinator_grant": E.withdrawing("ash>exe"),
    "hub_coordinator_grant": E.withdrawing("town>exe"),
    "producer_hub_grant": E.withdrawing("ash>town"),
    "variant_inactive": E.variant("milk", active=False),
    "producer_inactive": E.enterprise("ash", active=False),
    "hub_inactive": E.enterprise("town", active=False),
    "coordinator_inactive": E.enterprise("exe", active=False),
}
"""What makes the milk in Town's exchange lapse."""

ADDING_THEN = {
    "not_supplied": no("H2", "H2"),
    "producer_coordinator_grant": no("H2", "H2"),
    "producer_hub_grant": no("H2", "H2"),
}
"""How adding it is refused then; otherwise with L2."""


class TestL1:
    def test_effective_while_all_hold(self) -> None:
        assert E.oracle.effective("out-town") == {"milk"}
        assert E.oracle.lapsed("out-town") == {}

    def test_every_reason_has_its_cause(self) -> None:
        assert tuple(CAUSES) == LAPSE_REASONS

    @pytest.mark.parametrize("reason", LAPSE_REASONS)
    def test_each_condition_alone(self, reason: str) -> None:
        e = CAUSES[reason]
        assert e.oracle.effective("out-town") == set()
        assert e.oracle.lapsed("out-town") == {"milk": (reason,)}

    def test_all_reasons_are_told_in_order(self) -> None:
        e = E.withdrawing("ash>exe", "town>exe", "ash>town").variant("milk", active=False)
        e = e.exchange("in-ash", declined=True, variants="").exchange("out-town", declined=True)
        e = e.enterprise("ash", active=False).enterprise("town", active=False)
        e = e.enterprise("exe", active=False)
        assert e.oracle.lapsed("out-town") == {"milk": LAPSE_REASONS}

    def test_a_producer_that_is_not_there_neither_supplies_nor_stands(self) -> None:
        lapsed = E.without_exchange("in-ash").oracle.lapsed("out-town")
        assert lapsed == {"milk": ("not_supplied", "producer_declined")}

    def test_what_is_not_of_this_lane_does_not_matter(self) -> None:
        e = E.withdrawing("bram>exe", "bram>town", "quay>exe").exchange("out-town", variants="milk kale")
        assert e.oracle.effective("out-town") == {"milk"}
        assert e.oracle.lapsed("out-town") == {"kale": ("producer_coordinator_grant", "producer_hub_grant")}

    def test_a_grant_the_other_way_does_not_matter(self) -> None:
        e = E.withdrawing("ash>town").giving("town>ash")
        assert e.oracle.lapsed("out-town") == {"milk": ("producer_hub_grant",)}

    def test_supplied_in_another_cycle_does_not_matter(self) -> None:
        e = E.having("cycles", Cycle("c2", "exe", 110, 120))
        e = e.having("exchanges", Exchange("c2-out", "c2", "outgoing", "town", variants=frozenset({"milk"})))
        assert e.oracle.lapsed("c2-out") == {"milk": ("not_supplied", "producer_declined")}


class TestIncoming:
    @pytest.mark.parametrize(
        ("reason", "e"),
        [
            ("producer_declined", E.exchange("in-ash", declined=True, variants="milk")),
            ("producer_coordinator_grant", E.exchange("in-ash", variants="milk").withdrawing("ash>exe")),
            ("variant_inactive", E.exchange("in-ash", variants="milk").variant("milk", active=False)),
            ("producer_inactive", E.exchange("in-ash", variants="milk").enterprise("ash", active=False)),
            ("coordinator_inactive", E.exchange("in-ash", variants="milk").enterprise("exe", active=False)),
        ],
    )
    def test_each_condition_alone(self, reason: str, e: Example) -> None:
        assert e.oracle.lapsed("in-ash") == {"milk": (reason,)}
        assert e.oracle.effective("in-ash") == set()

    def test_otherwise_it_stands(self) -> None:
        assert E.withdrawing("ash>town").oracle.effective("in-ash") == {"milk", "curd"}


class TestL2:
    @pytest.mark.parametrize("reason", LAPSE_REASONS)
    def test_kept_not_addable_removable(self, reason: str) -> None:
        e = CAUSES[reason]
        expected = ADDING_THEN.get(reason, no("L2", "L2"))
        assert e.world.exchanges["out-town"].variants == {"milk"}
        assert e.ask("hal", "exchange_variant:add", exchange="out-town", variant="milk") == expected
        assert e.ask("hal", "exchange_variant:remove", exchange="out-town", variant="milk") == yes("H3")
        assert e.ask("cora", "exchange_variant:remove", exchange="out-town", variant="milk") == yes("C8")

    @pytest.mark.parametrize("reason", LAPSE_REASONS)
    def test_the_coordinator_cannot_add_it_either(self, reason: str) -> None:
        code = "C7" if reason in ADDING_THEN else "L2"
        assert CAUSES[reason].ask("cora", "exchange_variant:add", exchange="out-town", variant="milk") == no(code, code)

    def test_shown_to_those_who_may_see_it(self) -> None:
        e = E.withdrawing("ash>town", "ash>exe")
        assert "milk" in e.oracle.visible_variants("hal", "out-town")
        assert "milk" in e.oracle.visible_variants("ada", "out-town")
        assert "milk" in e.oracle.visible_variants("cora", "out-town")

    def test_it_stands_again_when_the_cause_is_undone(self) -> None:
        assert E.withdrawing("ash>town").giving("ash>town").oracle.effective("out-town") == {"milk"}

    def test_a_producer_without_its_grant_removes_and_does_not_add(self) -> None:
        e = E.withdrawing("ash>exe")
        assert e.ask("ada", "exchange_variant:remove", exchange="in-ash", variant="milk") == yes("P5")
        assert e.ask("ada", "exchange_variant:add", exchange="in-ash", variant="whey") == no("L2", "L2")
        assert e.ask("cora", "exchange_variant:add", exchange="in-ash", variant="whey") == no("C4", "C4")

    def test_nothing_is_added_to_what_does_not_stand(self) -> None:
        declined = E.exchange("in-ash", declined=True)
        assert declined.ask("ada", "exchange_variant:add", exchange="in-ash", variant="whey") == no("L2", "L2")
        archived = E.variant("whey", active=False).enterprise("ash", active=False)
        assert archived.ask("ada", "exchange_variant:add", exchange="in-ash", variant="whey") == no("L2", "L2", "L2")

    def test_a_producer_that_is_not_there_does_not_stand(self) -> None:
        e = E.without_exchange("in-ash")
        assert e.ask("hal", "exchange_variant:add", exchange="out-town", variant="milk") == no("H2", "H2", "L2")


class TestL3:
    def test_nobody_changes_a_closed_cycle(self) -> None:
        e = E.state("closed").exchange("in-ash", fees="ash-pack").exchange("out-town", fees="town-till")
        allowed = {
            action
            for actor, action, target in questions(e.world)
            if ("cycle" in target or "exchange" in target) and e.ask(actor, action, **target).allowed
        }
        assert allowed == {"order_cycle:copy"}

    def test_it_is_named_as_the_first_thing_in_the_way(self) -> None:
        e = E.state("closed")
        assert e.ask("hal", "exchange_variant:add", exchange="out-town", variant="curd") == no("L3", "L3")
        assert e.ask("ada", "exchange_variant:remove", exchange="out-town", variant="milk") == no("L3", "L3", "P7")
        assert e.ask("ada", "exchange:decline", exchange="in-ash") == no("L3", "L3")


class TestGrants:
    def test_a_granter_gives(self) -> None:
        assert E.ask("mo", "grant:give", granter="moor", grantee="exe") == yes("G1")
        assert E.ask("stan", "grant:give", granter="moor", grantee="exe") == yes("S1")

    def test_not_to_itself_nor_to_or_from_an_archived_one(self) -> None:
        assert E.ask("mo", "grant:give", granter="moor", grantee="moor") == no("G1", "G1")
        e = E.enterprise("exe", active=False).enterprise("moor", active=False)
        assert e.ask("mo", "grant:give", granter="moor", grantee="exe") == no("G1", "G1", "G1")

    def test_nobody_gives_for_another(self) -> None:
        assert E.ask("cora", "grant:give", granter="moor", grantee="exe") == no("G1")
        assert E.ask("ada", "grant:give", granter="moor", grantee="exe") == no("X2")
        e = E.having("actors", person("vera", moor="contributor"))
        assert e.ask("vera", "grant:give", granter="moor", grantee="exe") == no("R1")

    def test_both_sides_end_it_third_parties_cannot(self) -> None:
        pair = {"granter": "ash", "grantee": "town"}
        assert E.ask("ada", "grant:withdraw", **pair) == yes("L5")
        assert E.ask("hal", "grant:give_up", **pair) == yes("L5")
        assert E.ask("hal", "grant:withdraw", **pair) == no("L5")
        assert E.ask("ada", "grant:give_up", **pair) == no("L5")
        assert E.ask("cora", "grant:withdraw", **pair) == no("X2")
        assert E.oracle.who_can("grant:withdraw", **pair) == {"ada", "stan"}

    def test_a_grantee_asks(self) -> None:
        assert E.ask("quinn", "grant:request", granter="ash", grantee="quay") == yes("L6")
        assert E.ask("ada", "grant:request", granter="ash", grantee="quay") == no("L6")
        assert E.ask("hal", "grant:request", granter="ash", grantee="town") == no("L6", "L6")
        assert E.ask("hal", "grant:request", granter="town", grantee="town") == no("L6", "L6")

    @pytest.mark.parametrize("answer", ["grant:approve", "grant:refuse"])
    def test_the_granters_manager_answers_while_it_is_pending(self, answer: str) -> None:
        assert E.ask("mo", answer, request="r1") == yes("L6")
        assert E.ask("cora", answer, request="r1") == no("L6")
        assert E.ask("ada", answer, request="r1") == no("X2")
        assert E.ask("stan", answer, request="r1") == no("S1")
        assert E.request("r1", status="given").ask("mo", answer, request="r1") == no("L6", "L6")
        e = E.enterprise("exe", active=False).enterprise("moor", active=False)
        assert e.ask("mo", answer, request="r1") == no("L6", "L6", "L6")


class TestADecision:
    def test_the_first_rule_that_allows_has_its_code(self) -> None:
        e = E.giving("town>ash").having("actors", person("uma", exe="manager", town="manager", ash="manager"))
        assert e.ask("uma", "exchange_variant:remove", exchange="out-town", variant="milk") == yes("C8")

    def test_every_rule_that_was_looked_at_is_explained(self) -> None:
        e = E.having("actors", person("uma", ash="manager", town="manager"))
        assert e.oracle.explain("uma", "exchange_variant:remove", exchange="out-town", variant="milk") == [
            ("C8", False, ()),
            ("H3", True, ()),
            ("P8", True, ("P7",)),
            ("S1", False, ()),
        ]

    def test_otherwise_the_first_rule_of_hers_refuses(self) -> None:
        e = E.having("actors", person("uma", exe="manager", town="manager", ash="manager"))
        assert e.ask("uma", "exchange_variant:add", exchange="out-town", variant="whey") == no("C7", "C7")

    def test_a_role_that_is_too_small(self) -> None:
        assert E.ask("vic", "exchange_variant:add", exchange="out-town", variant="curd") == no("R1")
        e = E.having("actors", person("vera", ash="viewer"))
        assert e.ask("vera", "exchange_variant:remove", exchange="out-town", variant="milk") == no("R1")

    def test_what_is_not_possible_now_is_told_apart_from_what_is_not_hers(self) -> None:
        assert E.state("closed").ask("cora", "order_cycle:edit", cycle="c1") == no("L3", "L3")
        assert E.state("closed").ask("hal", "order_cycle:edit", cycle="c1") == no("P2")


class TestAmbiguitiesSettled:
    def test_while_the_grant_stands_the_hub_adds_afterwards_not(self) -> None:
        target = {"exchange": "out-town", "variant": "curd"}
        assert E.ask("hal", "exchange_variant:add", **target) == yes("H2")
        e = E.withdrawing("ash>town")
        assert e.ask("hal", "exchange_variant:add", **target) == no("H2", "H2")
        assert e.oracle.lapsed("out-town") == {"milk": ("producer_hub_grant",)}

    def test_a_hubs_own_products(self) -> None:
        """They need no grant to itself, but its grant to the coordinator, and to be supplied like anyone's."""
        e = E.enterprise("town", is_producer=True).having("variants", Variant("bread", "town"))
        unsupplied = e.exchange("out-town", variants="bread")
        assert unsupplied.oracle.lapsed("out-town") == {"bread": ("not_supplied", "producer_declined")}
        supply = Exchange("in-town", "c1", "incoming", "town", variants=frozenset({"bread"}))
        supplied = unsupplied.having("exchanges", supply)
        assert supplied.oracle.effective("out-town") == {"bread"}
        assert supplied.withdrawing("town>exe").oracle.lapsed("out-town") == {
            "bread": ("producer_coordinator_grant", "hub_coordinator_grant")
        }
