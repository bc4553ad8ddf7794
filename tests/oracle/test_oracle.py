"""The oracle itself, checked by hand: coordinating and taking part, an example for each sentence of the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.oracle.example import EXAMPLE, MANAGERS, Example, no, person, yes
from tests.oracle.oracle import ACTIONS, Oracle
from tests.oracle.targets import questions
from tests.oracle.world import BUILT_IN_ROLES, Cycle, Exchange, Fee

E = Example()


def test_the_built_in_roles() -> None:
    assert BUILT_IN_ROLES["owner"] == BUILT_IN_ROLES["manager"]
    assert BUILT_IN_ROLES["owner"] - BUILT_IN_ROLES["coordinator"] == {"manage_profile"}
    assert BUILT_IN_ROLES["contributor"] == {"view", "take_part", "manage_products"}
    assert BUILT_IN_ROLES["viewer"] == {"view"}


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "state"),
    [
        (None, None, "draft"),
        (90, None, "draft"),
        (None, 90, "draft"),
        (101, 120, "upcoming"),
        (100, 120, "open"),
        (90, 101, "open"),
        (90, 100, "closed"),
    ],
)
def test_the_state_of_a_cycle_comes_from_the_clock(opens_at: int | None, closes_at: int | None, state: str) -> None:
    assert E.cycle("c1", opens_at=opens_at, closes_at=closes_at).oracle.state("c1") == state


# ---------------------------------------------------------------------- coordinating


class TestC1:
    def test_for_an_enterprise_that_she_manages_and_that_sells_any_or_own(self) -> None:
        assert E.ask("cora", "order_cycle:create", enterprise="exe") == yes("C1")
        assert E.ask("ada", "order_cycle:create", enterprise="ash") == yes("C1")

    def test_not_for_one_that_does_not_sell(self) -> None:
        assert E.ask("ben", "order_cycle:create", enterprise="bram") == no("C1", "C1")

    def test_not_for_an_archived_one(self) -> None:
        assert E.enterprise("bram", active=False).ask("ben", "order_cycle:create", enterprise="bram") == no(
            "C1", "C1", "C1"
        )

    def test_not_without_coordinate(self) -> None:
        assert E.ask("vic", "order_cycle:create", enterprise="exe") == no("R1")
        # She knows of it by her grant.
        assert E.ask("hal", "order_cycle:create", enterprise="exe") == no("C1")
        assert E.ask("hal", "order_cycle:create", enterprise="bram") == no("C1")
        assert E.ask("hal", "order_cycle:create", enterprise="quay") == no("X2")

    def test_who_can(self) -> None:
        assert E.oracle.who_can("order_cycle:create", enterprise="exe") == {"cora", "stan"}


class TestC2:
    @pytest.mark.parametrize("state", ["draft", "upcoming", "open"])
    def test_sets_name_and_times(self, state: str) -> None:
        assert E.state(state).ask("cora", "order_cycle:edit", cycle="c1") == yes("C2")

    def test_a_closed_one_is_history(self) -> None:
        assert E.state("closed").ask("cora", "order_cycle:edit", cycle="c1") == no("L3", "L3")


class TestC3:
    @pytest.mark.parametrize("actor", ["cora", "vic", "ada", "hal", "sam", "stan"])
    def test_the_coordinator_never_changes(self, actor: str) -> None:
        assert E.ask(actor, "order_cycle:set_coordinator", cycle="c1") == no("C3")

    def test_nor_does_she_who_is_outside_learn_of_it(self) -> None:
        assert E.ask("mo", "order_cycle:set_coordinator", cycle="c1") == no("X2")


class TestC4:
    def test_only_with_the_producers_grant(self) -> None:
        target = {"cycle": "c1", "enterprise": "moor"}
        assert E.ask("cora", "exchange:add_incoming", **target) == no("C4", "C4")
        assert E.giving("moor>exe").ask("cora", "exchange:add_incoming", **target) == yes("C4")

    def test_a_grant_the_other_way_is_none(self) -> None:
        e = E.giving("exe>moor")
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("C4", "C4")

    def test_managing_it_does_not_replace_its_grant(self) -> None:
        e = E.having("actors", person("uma", exe="manager", moor="manager"))
        assert e.ask("uma", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("C4", "C4")

    def test_only_a_producer(self) -> None:
        assert E.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="town") == no("C4", "C4")

    def test_the_coordinator_needs_no_grant_to_itself(self) -> None:
        e = E.enterprise("exe", is_producer=True)
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="exe") == yes("C4")

    def test_once_only(self) -> None:
        assert E.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="ash") == no("C4", "C4")

    def test_not_an_archived_one(self) -> None:
        e = E.giving("moor>exe").enterprise("moor", active=False)
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("C4", "C4")

    def test_every_failing_need_is_told_in_order(self) -> None:
        e = E.state("closed").enterprise("moor", active=False, is_producer=False)
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("L3", "L3", "C4", "C4", "C4")


class TestC5:
    add = {"action": "exchange:add_outgoing", "cycle": "c1", "enterprise": "moor"}

    def test_with_the_hubs_grant_and_ready(self) -> None:
        assert E.giving("moor>exe").ask("cora", **self.add) == yes("C5")
        assert E.ask("cora", **self.add) == no("C5", "C5")

    @pytest.mark.parametrize("missing", [{"shipping": 0}, {"active_payment": 0}, {"contact_confirmed": False}])
    def test_each_missing_condition(self, missing: dict[str, int]) -> None:
        assert E.giving("moor>exe").enterprise("moor", **missing).ask("cora", **self.add) == no("C5", "C5")

    def test_every_missing_condition_is_named(self) -> None:
        e = E.enterprise("moor", shipping=0, active_payment=0, contact_confirmed=False)
        assert e.ask("cora", **self.add) == no("C5", "C5", "C5", "C5", "C5")

    def test_only_one_that_sells_any(self) -> None:
        assert E.ask("cora", "exchange:add_outgoing", cycle="c1", enterprise="ash") == no("C5", "C5")

    def test_once_only(self) -> None:
        assert E.ask("cora", "exchange:add_outgoing", cycle="c1", enterprise="town") == no("C5", "C5")

    def test_the_coordinator_itself_must_be_ready_too(self) -> None:
        target = {"cycle": "c1", "enterprise": "exe"}
        assert E.ask("cora", "exchange:add_outgoing", **target) == yes("C5")
        assert E.enterprise("exe", shipping=0).ask("cora", "exchange:add_outgoing", **target) == no("C5", "C5")


class TestC6:
    def test_a_grant_to_another_enterprise_of_hers_does_not_serve_this_one(self) -> None:
        e = E.having("actors", person("uma", exe="manager", quay="manager")).giving("moor>quay")
        assert e.ask("uma", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("C6", "C6", "C4")
        assert e.ask("uma", "exchange:add_outgoing", cycle="c1", enterprise="moor") == no("C6", "C6", "C5")

    def test_it_is_not_said_of_an_enterprise_that_is_not_hers(self) -> None:
        e = E.giving("moor>quay")
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("C4", "C4")

    def test_with_both_grants_it_is_added(self) -> None:
        e = E.having("actors", person("uma", exe="manager", quay="manager")).giving("moor>quay", "moor>exe")
        assert e.ask("uma", "exchange:add_incoming", cycle="c1", enterprise="moor") == yes("C4")


class TestC7:
    def test_supplied_and_granted_to_coordinator_and_hub(self) -> None:
        assert E.ask("cora", "exchange_variant:add", exchange="out-town", variant="curd") == yes("C7")

    def test_not_supplied(self) -> None:
        assert E.ask("cora", "exchange_variant:add", exchange="out-town", variant="whey") == no("C7", "C7")

    def test_not_granted_to_the_coordinator(self) -> None:
        e = E.withdrawing("ash>exe")
        assert e.ask("cora", "exchange_variant:add", exchange="out-town", variant="curd") == no("C7", "C7")

    def test_not_granted_to_the_hub(self) -> None:
        target = {"exchange": "out-quay", "variant": "curd"}
        assert E.ask("cora", "exchange_variant:add", **target) == no("C7", "C7")
        assert E.giving("ash>quay").ask("cora", "exchange_variant:add", **target) == yes("C7")

    def test_a_lane_is_not_transitive(self) -> None:
        e = E.giving("town>quay")
        assert e.ask("cora", "exchange_variant:add", exchange="out-quay", variant="curd") == no("C7", "C7")


class TestC8:
    @pytest.mark.parametrize(("exchange", "variant"), [("out-town", "milk"), ("in-ash", "milk"), ("in-bram", "kale")])
    def test_removes_any_variant(self, exchange: str, variant: str) -> None:
        e = E.withdrawing("ash>exe", "ash>town", "bram>exe")
        assert e.ask("cora", "exchange_variant:remove", exchange=exchange, variant=variant) == yes("C8")

    @pytest.mark.parametrize("exchange", EXAMPLE.exchanges)
    def test_removes_any_exchange(self, exchange: str) -> None:
        assert E.ask("cora", "exchange:remove", exchange=exchange) == yes("C8")

    def test_nobody_else_does(self) -> None:
        assert E.ask("ada", "exchange:remove", exchange="in-ash") == no("C8")
        assert E.ask("hal", "exchange:remove", exchange="out-town") == no("C8")
        assert E.ask("vic", "exchange:remove", exchange="out-town") == no("R1")
        assert E.ask("quinn", "exchange:remove", exchange="out-town") == no("X2")


class TestC9:
    def test_sees_every_exchange(self) -> None:
        assert E.oracle.visible_exchanges("cora", "c1") == {"in-ash", "in-bram", "out-town", "out-quay"}
        assert E.oracle.visible_exchanges("vic", "c1") == {"in-ash", "in-bram", "out-town", "out-quay"}

    def test_sees_every_enterprise_that_granted_or_takes_part(self) -> None:
        e = Example(replace(EXAMPLE, connections=frozenset()))
        assert e.oracle.visible_enterprises("cora", "c1") == {"exe", "ash", "bram", "town", "quay"}
        assert e.giving("moor>exe").oracle.visible_enterprises("cora", "c1") == set(EXAMPLE.enterprises)
        assert e.withdrawing("ash>exe").oracle.why_enterprise("cora", "c1", "ash") == ("C9",)

    def test_knows_an_enterprise_by_grant_or_connection(self) -> None:
        assert E.oracle.why_enterprise("cora", "c1", "exe") == ("E1",)
        assert E.oracle.why_enterprise("cora", "c1", "ash") == ("E2", "C9")
        assert E.oracle.why_enterprise("cora", "c1", "moor") == ("E3",)
        assert E.oracle.why_enterprise("mo", "c1", "exe") == ("E3",)
        assert E.oracle.why_enterprise("hal", "c1", "quay") == ()
        assert E.oracle.why_enterprise("sam", "c1", "quay") == ("S1",)

    def test_a_grant_of_another_kind_makes_it_known_too(self) -> None:
        e = Example(replace(EXAMPLE, grants=EXAMPLE.grants | {("quay", "town", "another_kind")}))
        assert e.oracle.why_enterprise("hal", "c1", "quay") == ("E2",)
        assert not e.oracle.arrow("quay", "town")

    def test_an_unknown_enterprise_is_not_found(self) -> None:
        e = Example(replace(EXAMPLE, connections=frozenset()))
        assert e.ask("cora", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("X2")

    def test_sees_the_goods_of_producers_that_granted_or_take_part(self) -> None:
        assert E.oracle.visible_variants("cora", "out-quay") == {"milk", "curd", "whey", "kale", "leek"}
        assert "lamb" in E.giving("moor>exe").oracle.visible_variants("cora", "out-quay")
        assert "lamb" in E.exchange("out-quay", variants="lamb").oracle.visible_variants("cora", "out-quay")


class TestC10:
    @pytest.mark.parametrize("exchange", EXAMPLE.exchanges)
    def test_own_fees_and_those_of_enterprises_that_granted(self, exchange: str) -> None:
        assert E.ask("cora", "exchange_fee:attach", exchange=exchange, fee="exe-admin") == yes("C10")
        assert E.ask("cora", "exchange_fee:attach", exchange=exchange, fee="ash-pack") == yes("C10")

    def test_those_of_an_enterprise_that_she_manages(self) -> None:
        e = E.having("actors", person("uma", exe="manager", moor="contributor"))
        assert e.ask("uma", "exchange_fee:attach", exchange="in-ash", fee="moor-box") == yes("C10")

    def test_not_of_others(self) -> None:
        assert E.ask("cora", "exchange_fee:attach", exchange="in-ash", fee="moor-box") == no("X2")
        e = E.withdrawing("ash>exe")
        assert e.ask("cora", "exchange_fee:attach", exchange="in-ash", fee="ash-pack") == no("C10", "C10")

    def test_detaches_any(self) -> None:
        e = E.withdrawing("ash>exe").exchange("in-ash", fees="ash-pack")
        assert e.ask("cora", "exchange_fee:detach", exchange="in-ash", fee="ash-pack") == yes("C10")

    def test_own_fees_on_the_whole_cycle(self) -> None:
        assert E.ask("cora", "cycle_fee:attach", cycle="c1", fee="exe-admin") == yes("C10")
        assert E.ask("cora", "cycle_fee:detach", cycle="c1", fee="exe-admin") == yes("C10")

    def test_no_other_fees_on_the_whole_cycle(self) -> None:
        e = E.having("actors", person("uma", exe="manager", ash="manager"))
        assert e.ask("uma", "cycle_fee:attach", cycle="c1", fee="ash-pack") == no("C10", "C10")
        assert E.ask("cora", "cycle_fee:attach", cycle="c1", fee="ash-pack") == no("C10", "C10")
        assert E.ask("cora", "cycle_fee:attach", cycle="c1", fee="moor-box") == no("X2")
        assert E.ask("hal", "cycle_fee:attach", cycle="c1", fee="ash-pack") == no("X2")

    def test_what_is_attached_to_the_whole_cycle_is_seen_by_all_in_it(self) -> None:
        e = E.cycle("c1", fees=frozenset({"ash-pack"}))
        assert e.ask("cora", "cycle_fee:detach", cycle="c1", fee="ash-pack") == yes("C10")
        assert e.ask("hal", "cycle_fee:detach", cycle="c1", fee="ash-pack") == no("P2")
        assert e.ask("hal", "fee:edit", fee="ash-pack") == no("C11")
        assert e.ask("mo", "cycle_fee:detach", cycle="c1", fee="ash-pack") == no("X2")


class TestC11:
    def test_edits_the_fees_of_the_enterprise_that_she_manages(self) -> None:
        assert E.ask("cora", "fee:edit", fee="exe-admin") == yes("C11")
        assert E.ask("vic", "fee:edit", fee="exe-admin") == no("R1")

    def test_others_fees_are_shown_read_only(self) -> None:
        assert "ash-pack" in E.oracle.visible_fees("cora", "in-bram")
        assert E.ask("cora", "fee:edit", fee="ash-pack") == no("C11")
        assert E.ask("cora", "fee:edit", fee="moor-box") == no("X2")

    def test_a_fee_of_an_outsider_is_seen_where_it_is_attached(self) -> None:
        e = E.exchange("in-ash", fees="moor-box")
        assert e.ask("cora", "fee:edit", fee="moor-box") == no("C11")
        assert e.ask("ada", "fee:edit", fee="moor-box") == no("C11")
        assert e.ask("hal", "fee:edit", fee="moor-box") == no("X2")
        assert e.oracle.visible_fees("quinn", "in-ash") == set()

    def test_fees_are_seen_before_there_is_an_exchange(self) -> None:
        e = Example(replace(EXAMPLE, exchanges={}))
        assert e.ask("cora", "fee:edit", fee="ash-pack") == no("C11")
        assert e.ask("sam", "fee:edit", fee="ash-pack") == no("S1")
        assert e.ask("hal", "fee:edit", fee="ash-pack") == no("C11")
        assert e.ask("quinn", "fee:edit", fee="ash-pack") == no("X2")
        assert e.oracle.visible_fees_of_all("hal") == {"ash-pack", "ash-trip", "town-till"}


class TestC12:
    e = E.having("cycles", Cycle("c2", "ash", 110, 120)).giving("bram>ash", "town>ash")

    def test_a_coordinator_that_sells_nothing_any_more_is_no_outlet(self) -> None:
        e = self.e.enterprise("ash", sells="none")
        assert e.ask("ada", "exchange:add_outgoing", cycle="c2", enterprise="ash") == no("C5", "C5")

    def test_its_own_one_producer_and_outlet(self) -> None:
        assert self.e.ask("ada", "exchange:add_incoming", cycle="c2", enterprise="ash") == yes("C4")
        assert self.e.ask("ada", "exchange:add_outgoing", cycle="c2", enterprise="ash") == yes("C5")

    def test_nobody_else(self) -> None:
        assert self.e.ask("ada", "exchange:add_incoming", cycle="c2", enterprise="bram") == no("C12", "C12")
        assert self.e.ask("ada", "exchange:add_outgoing", cycle="c2", enterprise="town") == no("C12", "C12")


class TestC13:
    @pytest.mark.parametrize("state", ["draft", "upcoming", "open", "closed"])
    def test_copies_any(self, state: str) -> None:
        assert E.state(state).ask("cora", "order_cycle:copy", cycle="c1") == yes("C13")

    def test_deletes_a_draft_or_upcoming_one(self) -> None:
        assert E.state("draft").ask("cora", "order_cycle:delete", cycle="c1") == yes("C13")
        assert E.state("upcoming").ask("cora", "order_cycle:delete", cycle="c1") == yes("C13")
        assert E.state("open").ask("cora", "order_cycle:delete", cycle="c1") == no("C13", "C13")
        assert E.state("closed").ask("cora", "order_cycle:delete", cycle="c1") == no("L3", "L3", "C13")

    def test_closes_an_open_one(self) -> None:
        assert E.state("open").ask("cora", "order_cycle:close", cycle="c1") == yes("C13")
        assert E.state("draft").ask("cora", "order_cycle:close", cycle="c1") == no("C13", "C13")
        assert E.state("upcoming").ask("cora", "order_cycle:close", cycle="c1") == no("C13", "C13")
        assert E.state("closed").ask("cora", "order_cycle:close", cycle="c1") == no("L3", "L3", "C13")

    @pytest.mark.parametrize("action", ["copy", "delete", "close"])
    def test_nobody_else(self, action: str) -> None:
        assert E.ask("ada", f"order_cycle:{action}", cycle="c1") == no("C13")


# ---------------------------------------------------------------------- taking part


class TestP1:
    def test_the_cycles_in_which_an_enterprise_of_hers_is(self) -> None:
        e = E.having("cycles", Cycle("c2", "moor", 110, 120))
        seen = {actor: set(e.oracle.visible_cycles(actor)) for actor in MANAGERS}
        assert seen == {actor: {"c2"} if actor == "mo" else {"c1"} for actor in MANAGERS}

    def test_a_declined_exchange_counts(self) -> None:
        assert E.exchange("in-ash", declined=True).oracle.why_cycle("ada", "c1") == ("P1",)


class TestP2:
    @pytest.mark.parametrize("actor", ["ada", "hal"])
    def test_cannot_edit(self, actor: str) -> None:
        assert E.ask(actor, "order_cycle:edit", cycle="c1") == no("P2")
        assert E.ask(actor, "cycle_fee:attach", cycle="c1", fee="exe-admin") == no("P2")
        assert E.ask(actor, "cycle_fee:detach", cycle="c1", fee="exe-admin") == no("P2")


class TestP3:
    def test_only_the_coordinator_adds_an_exchange(self) -> None:
        assert E.ask("hal", "exchange:add_incoming", cycle="c1", enterprise="ash") == no("P3")
        assert E.ask("ada", "exchange:add_outgoing", cycle="c1", enterprise="town") == no("P3")

    def test_also_when_producer_and_hub_granted_each_other(self) -> None:
        e = E.giving("town>moor", "moor>town", "moor>exe")
        assert e.ask("hal", "exchange:add_incoming", cycle="c1", enterprise="moor") == no("P3")
        assert e.ask("hal", "exchange:add_outgoing", cycle="c1", enterprise="town") == no("P3")


class TestP4:
    def test_sees_its_incoming_and_related_outgoing(self) -> None:
        assert E.oracle.visible_exchanges("ada", "c1") == {"in-ash", "out-town"}
        everything_hers = {"in-ash", "out-town", "out-quay"}
        assert E.giving("quay>ash").oracle.visible_exchanges("ada", "c1") == everything_hers
        assert E.giving("ash>quay").oracle.visible_exchanges("ada", "c1") == everything_hers
        assert E.exchange("out-quay", variants="curd").oracle.visible_exchanges("ada", "c1") == everything_hers

    def test_sees_only_its_own_variants_there(self) -> None:
        e = E.exchange("out-town", variants="milk kale")
        assert e.oracle.visible_variants("ada", "out-town") == {"milk", "curd", "whey"}
        assert e.oracle.visible_variants("ada", "in-ash") == {"milk", "curd", "whey"}

    def test_does_not_see_other_producers(self) -> None:
        assert E.oracle.visible_variants("ada", "in-bram") == set()
        assert E.giving("bram>ash", "ash>bram").oracle.visible_exchanges("ada", "c1") == {"in-ash", "out-town"}

    def test_without_an_incoming_exchange_sees_no_outgoing(self) -> None:
        assert E.without_exchange("in-ash").oracle.visible_exchanges("ada", "c1") == set()


class TestP5:
    def test_adds_and_removes_its_own_variants(self) -> None:
        assert E.ask("ada", "exchange_variant:add", exchange="in-ash", variant="whey") == yes("P5")
        assert E.ask("ada", "exchange_variant:remove", exchange="in-ash", variant="milk") == yes("P5")

    def test_not_those_of_others(self) -> None:
        assert E.ask("ada", "exchange_variant:add", exchange="in-ash", variant="leek") == no("X2")
        e = E.having("actors", person("uma", exe="viewer", ash="contributor"))
        assert e.ask("uma", "exchange_variant:add", exchange="in-ash", variant="leek") == no("P5", "P5")

    def test_the_coordinator_gathers_too(self) -> None:
        assert E.ask("cora", "exchange_variant:add", exchange="in-ash", variant="whey") == yes("C4")
        assert E.ask("cora", "exchange_variant:add", exchange="in-ash", variant="leek") == no("C4", "C4")


class TestP6:
    e = E.exchange("in-ash", fees="exe-admin ash-pack")

    def test_attaches_and_detaches_fees_of_hers(self) -> None:
        assert self.e.ask("ada", "exchange_fee:attach", exchange="in-ash", fee="ash-pack") == yes("P6")
        assert self.e.ask("ada", "exchange_fee:detach", exchange="in-ash", fee="ash-pack") == yes("P6")

    def test_sees_the_others(self) -> None:
        assert self.e.oracle.visible_fees("ada", "in-ash") == {"exe-admin", "ash-pack", "ash-trip"}
        assert self.e.ask("ada", "exchange_fee:detach", exchange="in-ash", fee="exe-admin") == no("P6", "P6")

    def test_a_hub_does_not(self) -> None:
        assert E.ask("hal", "exchange_fee:attach", exchange="in-ash", fee="town-till") == no("P6")
        assert self.e.ask("hal", "exchange_fee:detach", exchange="in-ash", fee="ash-pack") == no("X2")


class TestP7:
    def test_sees_its_variants_and_cannot_change_them(self) -> None:
        assert E.ask("ada", "exchange_variant:remove", exchange="out-town", variant="milk") == no("P7", "P7")
        assert E.ask("ada", "exchange_variant:add", exchange="out-town", variant="curd") == no("P7", "P7")


class TestP8:
    e = E.giving("town>ash")

    def test_removes_and_adds_with_the_hubs_grant(self) -> None:
        assert self.e.ask("ada", "exchange_variant:remove", exchange="out-town", variant="milk") == yes("P8")
        assert self.e.ask("ada", "exchange_variant:add", exchange="out-town", variant="curd") == yes("P8")

    def test_adds_only_what_it_supplies(self) -> None:
        assert self.e.ask("ada", "exchange_variant:add", exchange="out-town", variant="whey") == no("P8", "P8")

    @pytest.mark.parametrize("grant", ["ash>exe", "ash>town"])
    def test_adding_needs_its_own_grants_too_removing_does_not(self, grant: str) -> None:
        e = self.e.withdrawing(grant)
        assert e.ask("ada", "exchange_variant:add", exchange="out-town", variant="curd") == no("P8", "P8")
        assert e.ask("ada", "exchange_variant:remove", exchange="out-town", variant="milk") == yes("P8")

    def test_never_the_goods_of_another_producer(self) -> None:
        e = self.e.exchange("out-town", variants="milk kale")
        assert e.ask("ada", "exchange_variant:remove", exchange="out-town", variant="kale") == no("X2")

    def test_a_producer_that_is_not_in_the_cycle_does_not_count(self) -> None:
        e = self.e.without_exchange("in-ash").having("actors", person("uma", ash="manager", town="viewer"))
        assert e.ask("uma", "exchange_variant:remove", exchange="out-town", variant="milk") == no("R1")
        assert e.ask("ada", "exchange_variant:remove", exchange="out-town", variant="milk") == no("X2")


class TestH1:
    def test_sees_its_outgoing_and_related_incoming(self) -> None:
        assert E.oracle.visible_exchanges("hal", "c1") == {"out-town", "in-ash", "in-bram"}
        assert E.oracle.visible_exchanges("quinn", "c1") == {"out-quay"}
        assert E.giving("ash>quay").oracle.visible_exchanges("quinn", "c1") == {"out-quay", "in-ash"}
        assert E.giving("quay>ash").oracle.visible_exchanges("quinn", "c1") == {"out-quay", "in-ash"}
        carrying = E.exchange("out-quay", variants="curd")
        assert carrying.oracle.visible_exchanges("quinn", "c1") == {"out-quay", "in-ash"}

    def test_does_not_see_other_hubs(self) -> None:
        assert "out-quay" not in E.giving("town>quay", "quay>town").oracle.visible_exchanges("hal", "c1")

    def test_sees_what_is_supplied_and_what_it_holds(self) -> None:
        assert E.oracle.visible_variants("hal", "in-ash") == {"milk", "curd"}
        assert E.oracle.visible_variants("hal", "out-town") == {"milk", "curd", "kale"}
        assert E.oracle.visible_variants("quinn", "out-quay") == set()
        assert E.exchange("out-quay", variants="leek").oracle.visible_variants("quinn", "out-quay") == {"leek", "kale"}


class TestH2:
    def test_adds_whether_the_producer_is_in_it_already_or_not(self) -> None:
        assert E.ask("hal", "exchange_variant:add", exchange="out-town", variant="curd") == yes("H2")
        assert E.ask("hal", "exchange_variant:add", exchange="out-town", variant="kale") == yes("H2")

    def test_only_of_producers_that_granted_it_and_the_coordinator(self) -> None:
        target = {"exchange": "out-town", "variant": "curd"}
        assert E.withdrawing("ash>town").ask("hal", "exchange_variant:add", **target) == no("H2", "H2")
        assert E.withdrawing("ash>exe").ask("hal", "exchange_variant:add", **target) == no("H2", "H2")
        assert E.withdrawing("ash>exe", "ash>town").ask("hal", "exchange_variant:add", **target) == no("H2", "H2", "H2")

    def test_not_of_a_producer_that_it_does_not_see(self) -> None:
        assert E.ask("quinn", "exchange_variant:add", exchange="out-quay", variant="curd") == no("X2")

    def test_only_what_is_supplied(self) -> None:
        e = E.exchange("in-ash", variants="curd")
        assert e.ask("hal", "exchange_variant:add", exchange="out-town", variant="milk") == no("H2", "H2")
        assert E.ask("hal", "exchange_variant:add", exchange="out-town", variant="whey") == no("X2")


class TestH3:
    def test_removes_any_variant(self) -> None:
        e = E.exchange("out-town", variants="milk lamb leek")
        for variant in ("milk", "lamb", "leek"):
            assert e.ask("hal", "exchange_variant:remove", exchange="out-town", variant=variant) == yes("H3")


class TestH4:
    def test_never_changes_an_incoming_exchange(self) -> None:
        assert E.ask("hal", "exchange_variant:add", exchange="in-ash", variant="milk") == no("H4")
        assert E.ask("hal", "exchange_variant:remove", exchange="in-ash", variant="milk") == no("H4")

    def test_unless_it_is_also_that_producer(self) -> None:
        e = E.having("exchanges", Exchange("out-ash", "c1", "outgoing", "ash"))
        assert e.ask("ada", "exchange_variant:remove", exchange="in-ash", variant="milk") == yes("P5")


class TestH5:
    e = E.exchange("out-town", fees="exe-admin town-till")

    def test_attaches_and_detaches_fees_of_hers(self) -> None:
        assert self.e.ask("hal", "exchange_fee:attach", exchange="out-town", fee="town-till") == yes("H5")
        assert self.e.ask("hal", "exchange_fee:detach", exchange="out-town", fee="town-till") == yes("H5")

    def test_sees_the_others(self) -> None:
        assert self.e.oracle.visible_fees("hal", "out-town") == {"exe-admin", "town-till"}
        assert self.e.ask("hal", "exchange_fee:detach", exchange="out-town", fee="exe-admin") == no("H5", "H5")

    def test_a_producer_does_not(self) -> None:
        assert E.ask("ada", "exchange_fee:attach", exchange="out-town", fee="ash-pack") == no("H5")
        assert self.e.oracle.visible_fees("ada", "out-town") == {"ash-pack", "ash-trip"}


class TestF1:
    @pytest.mark.parametrize(
        ("charge", "incoming"),
        [
            ("percent", yes("P6")),
            ("per_item", yes("P6")),
            ("per_kg", yes("P6")),
            ("per_order", no("F1", "F1")),
            ("flexible", no("F1", "F1")),
            ("price_sack", no("F1", "F1")),
        ],
    )
    def test_per_order_fees_only_on_outgoing_exchanges(self, charge: str, incoming: object) -> None:
        e = E.fee("ash-pack", charge=charge)
        assert e.ask("ada", "exchange_fee:attach", exchange="in-ash", fee="ash-pack") == incoming
        assert e.ask("cora", "exchange_fee:attach", exchange="out-town", fee="ash-pack") == yes("C10")

    def test_and_on_the_cycle(self) -> None:
        e = E.having("fees", Fee("exe-trip", "exe", "per_order"))
        assert e.ask("cora", "cycle_fee:attach", cycle="c1", fee="exe-trip") == yes("C10")
        assert e.ask("cora", "exchange_fee:attach", exchange="in-ash", fee="exe-trip") == no("F1", "F1")

    def test_not_an_archived_fee(self) -> None:
        e = E.fee("town-till", active=False).exchange("out-town", fees="town-till")
        assert e.ask("hal", "exchange_fee:attach", exchange="out-town", fee="town-till") == no("F1", "F1")
        assert e.ask("hal", "exchange_fee:detach", exchange="out-town", fee="town-till") == yes("H5")


class TestH6:
    def test_each_its_own_and_the_coordinator_both(self) -> None:
        assert E.ask("hal", "exchange:set_notes", exchange="out-town") == yes("H6")
        assert E.ask("ada", "exchange:set_notes", exchange="in-ash") == yes("H6")
        assert E.ask("cora", "exchange:set_notes", exchange="out-town") == yes("C2")
        assert E.ask("cora", "exchange:set_notes", exchange="in-ash") == yes("C2")

    def test_not_each_others(self) -> None:
        assert E.ask("ada", "exchange:set_notes", exchange="out-town") == no("H6")
        assert E.ask("hal", "exchange:set_notes", exchange="in-ash") == no("H6")


class TestX1:
    @pytest.mark.parametrize("state", ["draft", "upcoming", "open"])
    def test_accepts(self, state: str) -> None:
        assert E.state(state).ask("ada", "exchange:accept", exchange="in-ash") == yes("X1")

    def test_declines_until_it_opens(self) -> None:
        assert E.state("draft").ask("hal", "exchange:decline", exchange="out-town") == yes("X1")
        assert E.state("upcoming").ask("hal", "exchange:decline", exchange="out-town") == yes("X1")
        assert E.state("open").ask("hal", "exchange:decline", exchange="out-town") == no("X1", "X1")

    def test_not_for_others(self) -> None:
        assert E.ask("cora", "exchange:decline", exchange="in-ash") == no("X1")
        assert E.ask("sam", "exchange:accept", exchange="in-ash") == no("S1")
        e = E.having("actors", person("vera", ash="viewer"))
        assert e.ask("vera", "exchange:accept", exchange="in-ash") == no("R1")

    def test_acting_staff_record_what_a_participant_said(self) -> None:
        assert E.ask("stan", "exchange:accept", exchange="in-ash") == yes("S1")
        assert E.ask("stan", "exchange:decline", exchange="in-ash") == yes("S1")
        assert E.state("open").ask("stan", "exchange:decline", exchange="in-ash") == no("X1", "X1")


class TestX2:
    def test_for_anybody_else_the_cycle_does_not_exist(self) -> None:
        about_c1 = [
            (action, target)
            for actor, action, target in questions(E.world)
            if actor == "mo" and ("cycle" in target or "exchange" in target)
        ]
        assert {action for action, _ in about_c1} >= {"order_cycle:edit", "exchange_variant:add", "cycle_fee:attach"}
        assert {E.ask("mo", action, **target) for action, target in about_c1} == {no("X2")}

    def test_nor_is_anything_explained(self) -> None:
        assert E.oracle.explain("mo", "order_cycle:edit", cycle="c1") == []


class TestU1:
    both = E.having("actors", person("uma", ash="manager", quay="manager"))

    def test_the_union_of_what_each_gives(self) -> None:
        assert self.both.oracle.visible_exchanges("uma", "c1") == {"in-ash", "out-town", "out-quay"}
        assert self.both.ask("uma", "exchange_variant:add", exchange="in-ash", variant="whey") == yes("P5")
        assert self.both.ask("uma", "exchange:set_notes", exchange="out-quay") == yes("H6")

    def test_a_grant_counts_only_for_the_enterprise_that_it_was_given_to(self) -> None:
        e = E.having("actors", person("uma", town="manager", quay="manager")).exchange("out-quay", variants="milk")
        assert e.ask("uma", "exchange_variant:add", exchange="out-quay", variant="curd") == no("H2", "H2")

    def test_a_coordinators_manager_who_manages_a_producer_has_both(self) -> None:
        e = E.having("actors", person("uma", exe="manager", ash="manager"))
        assert e.oracle.explain("uma", "exchange_variant:add", exchange="in-ash", variant="whey") == [
            ("C4", True, ()),
            ("P5", True, ()),
            ("S1", False, ()),
        ]

    def test_nothing_from_an_enterprise_without_the_permission_needed(self) -> None:
        e = E.having("actors", person("uma", ash="manager", town="viewer"))
        assert e.ask("uma", "exchange_variant:remove", exchange="out-town", variant="milk") == no("P7", "P7")
        assert e.ask("uma", "exchange:set_notes", exchange="out-town") == no("R1")

    def test_a_role_without_view_gives_nothing(self) -> None:
        e = E.having("actors", person("uma", exe="blind", moor="manager"))
        e = Example(replace(e.world, roles={**BUILT_IN_ROLES, "blind": frozenset({"coordinate", "take_part"})}))
        assert e.oracle.managed("uma", "coordinate") == {"moor"}
        assert e.ask("uma", "order_cycle:edit", cycle="c1") == no("X2")

    def test_nothing_from_an_enterprise_out_of_her_scope(self) -> None:
        actor = person("uma", exe="manager")
        e = E.having("actors", replace(actor, memberships=(replace(actor.memberships[0], enterprises=frozenset()),)))
        assert e.oracle.visible_cycles("uma") == set()


class TestS1:
    def test_staff_see_everything(self) -> None:
        assert E.oracle.visible_cycles("sam") == {"c1"}
        assert E.oracle.visible_exchanges("sam", "c1") == set(EXAMPLE.exchanges)
        assert E.oracle.visible_variants("sam", "out-quay") == set(EXAMPLE.variants)

    def test_staff_who_do_not_act_are_refused(self) -> None:
        e = E.exchange("in-ash", fees="ash-pack")
        codes = {
            (action, e.ask("sam", action, **target))
            for actor, action, target in questions(e.world)
            if actor == "sam" and action != "order_cycle:set_coordinator"
        }
        assert codes == {(action, no("S1")) for action in ACTIONS if action != "order_cycle:set_coordinator"}

    def test_acting_staff_are_under_the_same_needs(self) -> None:
        target = {"cycle": "c1", "enterprise": "moor"}
        assert E.ask("stan", "exchange:add_incoming", **target) == no("C4", "C4")
        assert E.giving("moor>exe").ask("stan", "exchange:add_incoming", **target) == yes("S1")
        e = E.giving("moor>exe").enterprise("moor", shipping=0)
        assert e.ask("stan", "exchange:add_outgoing", **target) == no("C5", "C5")
        assert E.ask("stan", "exchange_variant:add", exchange="out-town", variant="curd") == yes("S1")
        assert E.state("closed").ask("stan", "order_cycle:edit", cycle="c1") == no("L3", "L3")


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such action: exchange:dance"):
        Oracle(EXAMPLE).decide("cora", "exchange:dance", exchange="in-ash")
