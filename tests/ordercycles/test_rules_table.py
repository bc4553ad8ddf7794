"""The rules of an order cycle as a table: one fact a row, persona by action by object, with the exact answer.

The network is that of ``tests/oracle/example.py``: Cora's Exe runs the cycle, Ada's Ash and Ben's Bram supply it, Hal's
Town and Quinn's Quay are its hubs, Mo's Moor stands outside; Vic sees Exe and may do nothing, Sam is staff, Stan is
staff who acts. Every row is asked of the engine, and of the oracle, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from common import clock
from permissions import catalogue, engine
from permissions.actions import Action
from permissions.decisions import Explanation
from permissions.rules_doc import used_codes
from tests.customers import test_rules_of_the_end as the_end
from tests.customers import test_rules_table_of_imports as imports
from tests.customers import test_rules_table_of_invitations as invitations
from tests.customers import test_rules_table_of_people as people
from tests.customers import test_rules_table_of_sign_up as sign_up
from tests.customers import test_rules_table_of_staff as staff
from tests.oracle.build import PRESENT, Batch, analyze, build
from tests.oracle.compare import verdict_of
from tests.oracle.example import Example, no, person, yes
from tests.oracle.oracle import Verdict
from tests.oracle.world import Cycle, Exchange, Variant
from tests.ordercycles.test_engine_and_oracle import as_the_product_asks
from tests.permissions.test_rules_table_of_people import CODES as CODES_OF_PEOPLE
from tests.worlds import kept

E = Example()
OWN = E.having("cycles", Cycle("c2", "ash", 110, 120)).giving("bram>ash", "town>ash")
ON_TOWN = E.exchange("out-town", fees="town-till ash-pack")
ON_ASH = E.exchange("in-ash", fees="ash-pack exe-admin")
BAKERY = (
    E.enterprise("town", is_producer=True)
    .having("variants", Variant("bread", "town"))
    .having("exchanges", Exchange("in-town", "c1", "incoming", "town", variants=frozenset({"bread"})))
)
TWO = E.having("actors", person("uma", exe="manager", town="manager", ash="manager"))
NO_BRAM = E.enterprise("bram", active=False)
CLERK = E.having("actors", person("vera", ash="viewer"))

V = "exchange_variant"
ADD, REMOVE, FEE, CYCLE_FEE = f"{V}:add", f"{V}:remove", "exchange_fee:attach", "cycle_fee:attach"
CURD = {"exchange": "out-town", "variant": "curd"}
MILK = {"exchange": "out-town", "variant": "milk"}
WHEY = {"exchange": "in-ash", "variant": "whey"}
C1 = {"cycle": "c1"}

Row = tuple[str, Example, str, str, dict[str, str], Verdict]

ROWS: list[Row] = [
    ("C1", E, "cora", "order_cycle:create", {"enterprise": "exe"}, yes("C1")),
    ("C1", E, "ada", "order_cycle:create", {"enterprise": "ash"}, yes("C1")),
    ("C1", E, "ben", "order_cycle:create", {"enterprise": "bram"}, no("C1", "C1")),
    (
        "C1",
        E.enterprise("bram", active=False),
        "ben",
        "order_cycle:create",
        {"enterprise": "bram"},
        no("C1", "C1", "C1"),
    ),
    ("C2", E, "cora", "order_cycle:edit", C1, yes("C2")),
    ("C2", E, "cora", "exchange:set_notes", {"exchange": "in-ash"}, yes("C2")),
    ("C3", E, "cora", "order_cycle:set_coordinator", C1, no("C3")),
    ("C3", E, "stan", "order_cycle:set_coordinator", C1, no("C3")),
    ("C3", E, "hal", "order_cycle:set_coordinator", C1, no("C3")),
    ("C4", E.giving("moor>exe"), "cora", "exchange:add_incoming", {**C1, "enterprise": "moor"}, yes("C4")),
    ("C4", E, "cora", "exchange:add_incoming", {**C1, "enterprise": "moor"}, no("C4", "C4")),
    ("C4", E, "cora", "exchange:add_incoming", {**C1, "enterprise": "ash"}, no("C4", "C4")),
    ("C4", E, "cora", "exchange:add_incoming", {**C1, "enterprise": "town"}, no("C4", "C4")),
    ("C4", E, "cora", ADD, WHEY, yes("C4")),
    ("C4", E, "cora", ADD, {"exchange": "in-ash", "variant": "kale"}, no("C4", "C4")),
    ("C4", E.withdrawing("ash>exe"), "cora", ADD, WHEY, no("C4", "C4")),
    ("C5", E.giving("moor>exe"), "cora", "exchange:add_outgoing", {**C1, "enterprise": "moor"}, yes("C5")),
    ("C5", E, "cora", "exchange:add_outgoing", {**C1, "enterprise": "exe"}, yes("C5")),
    ("C5", E, "cora", "exchange:add_outgoing", {**C1, "enterprise": "moor"}, no("C5", "C5")),
    ("C5", E, "cora", "exchange:add_outgoing", {**C1, "enterprise": "ash"}, no("C5", "C5")),
    (
        "C5",
        E.giving("moor>exe").enterprise("moor", shipping=0, active_payment=0, contact_confirmed=False),
        "cora",
        "exchange:add_outgoing",
        {**C1, "enterprise": "moor"},
        no("C5", "C5", "C5", "C5"),
    ),
    (
        "C6",
        TWO.giving("moor>town"),
        "uma",
        "exchange:add_incoming",
        {**C1, "enterprise": "moor"},
        no("C6", "C6", "C4"),
    ),
    ("C7", E, "cora", ADD, CURD, yes("C7")),
    ("C7", E, "cora", ADD, {"exchange": "out-town", "variant": "whey"}, no("C7", "C7")),
    ("C7", E.withdrawing("ash>town"), "cora", ADD, CURD, no("C7", "C7")),
    ("C7", E.withdrawing("ash>town", "ash>exe"), "cora", ADD, CURD, no("C7", "C7", "C7")),
    ("C8", E, "cora", "exchange:remove", {"exchange": "in-ash"}, yes("C8")),
    ("C8", E, "cora", REMOVE, MILK, yes("C8")),
    ("C8", E.withdrawing("ash>town", "ash>exe"), "cora", REMOVE, MILK, yes("C8")),
    ("C8", E, "ada", "exchange:remove", {"exchange": "in-ash"}, no("C8")),
    ("C9", E, "cora", "exchange:view", {"exchange": "in-bram"}, yes("C9")),
    ("C9", E, "vic", "order_cycle:view", C1, yes("C9")),
    ("C9", E, "mo", "order_cycle:view", C1, no("X2")),
    ("C10", E, "cora", FEE, {"exchange": "out-quay", "fee": "exe-admin"}, yes("C10")),
    ("C10", E, "cora", FEE, {"exchange": "out-quay", "fee": "ash-pack"}, yes("C10")),
    (
        "C10",
        E.withdrawing("ash>exe"),
        "cora",
        FEE,
        {"exchange": "out-quay", "fee": "ash-pack"},
        no("C10", "C10"),
    ),
    ("C10", E, "cora", "cycle_fee:detach", {**C1, "fee": "exe-admin"}, yes("C10")),
    ("C10", E, "cora", CYCLE_FEE, {**C1, "fee": "ash-pack"}, no("C10", "C10")),
    ("C11", E, "ada", "fee:edit", {"fee": "ash-pack"}, yes("C11")),
    ("C11", E, "cora", "fee:edit", {"fee": "ash-pack"}, no("C11")),
    ("C12", OWN, "ada", "exchange:add_incoming", {"cycle": "c2", "enterprise": "ash"}, yes("C4")),
    ("C12", OWN, "ada", "exchange:add_outgoing", {"cycle": "c2", "enterprise": "ash"}, yes("C5")),
    ("C12", OWN, "ada", "exchange:add_incoming", {"cycle": "c2", "enterprise": "bram"}, no("C12", "C12")),
    ("C12", OWN, "ada", "exchange:add_outgoing", {"cycle": "c2", "enterprise": "town"}, no("C12", "C12")),
    ("C13", E, "cora", "order_cycle:copy", C1, yes("C13")),
    ("C13", E, "cora", "order_cycle:delete", C1, yes("C13")),
    ("C13", E.state("open"), "cora", "order_cycle:delete", C1, no("C13", "C13")),
    ("C13", E.state("open"), "cora", "order_cycle:close", C1, yes("C13")),
    ("C13", E, "cora", "order_cycle:close", C1, no("C13", "C13")),
    ("C13", E, "hal", "order_cycle:copy", C1, no("C13")),
    ("P1", E, "hal", "order_cycle:view", C1, yes("P1")),
    ("P1", E, "ada", "order_cycle:view", C1, yes("P1")),
    ("P2", E, "hal", "order_cycle:edit", C1, no("P2")),
    ("P2", E, "hal", "cycle_fee:detach", {**C1, "fee": "exe-admin"}, no("P2")),
    ("P3", E, "hal", "exchange:add_incoming", {**C1, "enterprise": "ash"}, no("P3")),
    ("P3", E, "ada", "exchange:add_outgoing", {**C1, "enterprise": "town"}, no("P3")),
    ("P4", E, "ada", "exchange:view", {"exchange": "in-ash"}, yes("P4")),
    ("P4", E, "ada", "exchange:view", {"exchange": "out-town"}, yes("P4")),
    ("P4", E, "ada", "exchange:view", {"exchange": "out-quay"}, no("X2")),
    ("P4", E, "ada", "exchange:view", {"exchange": "in-bram"}, no("X2")),
    ("P4", E, "ben", f"{V}:view", MILK, no("X2")),
    ("P5", E, "ada", ADD, WHEY, yes("P5")),
    ("P5", E, "ada", REMOVE, {"exchange": "in-ash", "variant": "milk"}, yes("P5")),
    (
        "P5",
        E.having("actors", person("uma", ash="manager", exe="viewer")),
        "uma",
        ADD,
        {"exchange": "in-ash", "variant": "kale"},
        no("P5", "P5"),
    ),
    ("P6", E, "ada", FEE, {"exchange": "in-ash", "fee": "ash-pack"}, yes("P6")),
    ("P6", ON_ASH, "ada", "exchange_fee:detach", {"exchange": "in-ash", "fee": "exe-admin"}, no("P6", "P6")),
    ("P7", E, "ada", REMOVE, MILK, no("P7", "P7")),
    ("P7", E, "ada", ADD, CURD, no("P7", "P7")),
    ("P8", E.giving("town>ash"), "ada", REMOVE, MILK, yes("P8")),
    ("P8", E.giving("town>ash"), "ada", ADD, CURD, yes("P8")),
    ("P8", E.giving("town>ash").withdrawing("ash>town"), "ada", ADD, CURD, no("P8", "P8")),
    ("P8", E.giving("town>ash").withdrawing("ash>exe"), "ada", ADD, CURD, no("P8", "P8")),
    ("H1", E, "hal", "exchange:view", {"exchange": "out-town"}, yes("H1")),
    ("H1", E, "hal", "exchange:view", {"exchange": "in-ash"}, yes("H1")),
    ("H1", E, "hal", "exchange:view", {"exchange": "out-quay"}, no("X2")),
    ("H1", E, "quinn", "exchange:view", {"exchange": "in-ash"}, no("X2")),
    ("H2", E, "hal", ADD, CURD, yes("H2")),
    ("H2", E, "hal", ADD, {"exchange": "out-town", "variant": "kale"}, yes("H2")),
    ("H2", E.withdrawing("ash>town"), "hal", ADD, CURD, no("H2", "H2")),
    ("H3", E.withdrawing("ash>town"), "hal", REMOVE, MILK, yes("H3")),
    ("H4", E, "hal", REMOVE, {"exchange": "in-ash", "variant": "milk"}, no("H4")),
    ("H4", BAKERY, "hal", REMOVE, {"exchange": "in-town", "variant": "bread"}, yes("P5")),
    ("H5", E, "hal", FEE, {"exchange": "out-town", "fee": "town-till"}, yes("H5")),
    ("H5", ON_TOWN, "hal", "exchange_fee:detach", {"exchange": "out-town", "fee": "ash-pack"}, no("H5", "H5")),
    ("H6", E, "hal", "exchange:set_notes", {"exchange": "out-town"}, yes("H6")),
    ("H6", E, "ada", "exchange:set_notes", {"exchange": "in-ash"}, yes("H6")),
    ("H6", E, "hal", "exchange:set_notes", {"exchange": "in-ash"}, no("H6")),
    ("X1", E, "ada", "exchange:accept", {"exchange": "in-ash"}, yes("X1")),
    ("X1", E, "hal", "exchange:decline", {"exchange": "out-town"}, yes("X1")),
    ("X1", E.state("open"), "hal", "exchange:decline", {"exchange": "out-town"}, no("X1", "X1")),
    ("X1", E, "cora", "exchange:decline", {"exchange": "out-town"}, no("X1")),
    ("X2", E, "mo", "order_cycle:edit", C1, no("X2")),
    ("X2", E, "mo", ADD, CURD, no("X2")),
    ("U1", TWO, "uma", REMOVE, MILK, yes("C8")),
    ("U1", TWO, "uma", ADD, {"exchange": "out-town", "variant": "whey"}, no("C7", "C7")),
    (
        "U1",
        E.having("actors", person("uma", ash="manager", town="viewer")),
        "uma",
        "exchange:set_notes",
        {"exchange": "out-town"},
        no("R1"),
    ),
    ("S1", E, "sam", "order_cycle:view", C1, yes("S1")),
    ("S1", E, "sam", "order_cycle:edit", C1, no("S1")),
    ("S1", E, "stan", "order_cycle:edit", C1, yes("S1")),
    ("S1", E, "stan", "exchange:add_incoming", {**C1, "enterprise": "moor"}, no("C4", "C4")),
    ("R1", E, "vic", "order_cycle:edit", C1, no("R1")),
    ("R1", CLERK, "vera", ADD, WHEY, no("R1")),
    ("L1", E.withdrawing("town>exe"), "hal", ADD, CURD, no("L2", "L2")),
    ("L1", E, "hal", f"{V}:view", MILK, yes("H1")),
    ("L2", E.withdrawing("ash>exe"), "ada", ADD, WHEY, no("L2", "L2")),
    ("L2", E.exchange("in-ash", declined=True), "hal", ADD, CURD, no("L2", "L2")),
    ("L2", E.variant("curd", active=False), "cora", ADD, CURD, no("L2", "L2")),
    ("L2", E.withdrawing("ash>town"), "cora", REMOVE, MILK, yes("C8")),
    ("L3", E.state("closed"), "cora", "order_cycle:edit", C1, no("L3", "L3")),
    ("L3", E.state("closed"), "stan", "exchange:remove", {"exchange": "in-ash"}, no("L3", "L3")),
    ("L3", E.state("closed"), "hal", REMOVE, MILK, no("L3", "L3")),
    ("L4", E, "ada", "grant:withdraw", {"granter": "ash", "grantee": "town"}, yes("L5")),
    ("L5", E, "ada", "grant:withdraw", {"granter": "ash", "grantee": "town"}, yes("L5")),
    ("L5", E, "hal", "grant:give_up", {"granter": "ash", "grantee": "town"}, yes("L5")),
    ("L5", E, "hal", "grant:withdraw", {"granter": "ash", "grantee": "town"}, no("L5")),
    ("L5", E, "cora", "grant:withdraw", {"granter": "ash", "grantee": "town"}, no("X2")),
    ("L6", E, "quinn", "grant:request", {"granter": "ash", "grantee": "quay"}, yes("L6")),
    ("L6", E, "hal", "grant:request", {"granter": "ash", "grantee": "town"}, no("L6", "L6")),
    ("L6", E, "mo", "grant:approve", {"request": "r1"}, yes("L6")),
    ("L6", E, "cora", "grant:refuse", {"request": "r1"}, no("L6")),
    ("L6", E.request("r1", status="given"), "mo", "grant:approve", {"request": "r1"}, no("L6", "L6")),
    ("G1", E, "mo", "grant:give", {"granter": "moor", "grantee": "exe"}, yes("G1")),
    ("G1", E, "mo", "grant:give", {"granter": "moor", "grantee": "moor"}, no("G1", "G1")),
    ("G2", E, "hal", "grant:view", {"granter": "ash", "grantee": "town"}, yes("G2")),
    ("G2", E, "cora", "grant:view", {"granter": "ash", "grantee": "town"}, no("X2")),
    ("F1", E, "ada", FEE, {"exchange": "in-ash", "fee": "ash-trip"}, no("F1", "F1")),
    ("F1", E, "cora", FEE, {"exchange": "out-town", "fee": "ash-trip"}, yes("C10")),
    ("F1", E.fee("ash-pack", active=False), "ada", FEE, {"exchange": "in-ash", "fee": "ash-pack"}, no("F1", "F1")),
    ("F1", E.fee("exe-admin", active=False), "cora", CYCLE_FEE, {**C1, "fee": "exe-admin"}, no("F1", "F1")),
]

CASES = {f"{n} {row[0]}: {row[2]} {row[3]} {' '.join(row[4].values())}": row for n, row in enumerate(ROWS)}


def _explanations() -> dict[str, Explanation]:
    batch = build([row[1].world for row in ROWS], range(len(ROWS)))
    analyze()
    with clock.at(PRESENT):
        return {
            case: explained(batch, number, row[2], Action(row[3]), row[4])
            for number, (case, row) in enumerate(CASES.items())
        }


@pytest.fixture(scope="module")
def explanations(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Explanation]]:
    """What the engine says to every row. Each network is built apart; they do not know of one another."""
    with kept(django_db_blocker, _explanations) as found:
        yield found


def explained(batch: Batch, number: int, who: str, action: Action, where: dict[str, str]) -> Explanation:
    access = batch.access(batch.who(number, who))
    return engine.explain(access, action, as_the_product_asks(batch, action, number, where))


@pytest.mark.django_db
def test_every_row(explanations: dict[str, Explanation]) -> None:
    found = {case: verdict_of(one.decision) for case, one in explanations.items()}
    assert found == {case: row[5] for case, row in CASES.items()}
    assert [case for case, one in explanations.items() if not one.decision.reason] == []


@pytest.mark.parametrize("case", [case for case, row in CASES.items() if not row[3].endswith(":view")])
def test_the_oracle_says_the_same(case: str) -> None:
    _, example, who, action, where, expected = CASES[case]
    assert example.ask(who, action, **where) == expected


def named(explanation: Explanation) -> set[str]:
    """Every code that an explanation names: the decision's, the rules', of what is missing, the general ones'."""
    told = explanation.as_dict()
    return {
        told["decision"]["rule"],
        *(fact["code"] for fact in told["decision"]["facts"] if fact["code"]),
        *(rule["rule"] for rule in told["rules"]),
        *(fact["code"] for rule in told["rules"] for fact in rule["facts"] if fact["code"]),
        *(one["rule"] for one in told["general"]),
    }


#: What verbs refuse with by themselves, because it is about what the write would leave behind. Tests of their own in
#: tests/security: U5 to U7 in test_roles_and_ownership.py, Q2 in test_sign_up.py, D2 in test_removal_and_erasure.py.
SAID_BY_VERBS = {"U5", "U6", "U7", "Q2", "D2"}
#: What the engine says to staff who act as somebody, before it reads a rule: in tests/security/test_acting_as.py.
SAID_OF_ACTING = {"S4"}


def codes_of_customers() -> set[str]:
    """Every rule code that stands in a table of the customers module."""
    tables = (imports.TABLE, invitations.ROWS, people.ROWS, sign_up.TABLE, staff.TABLE, the_end.TABLE)
    return set(re.findall(r"\b[A-Z][0-9]+\b", repr(tables)))


@pytest.mark.django_db
def test_every_code_has_a_row_and_is_named_in_an_explanation(explanations: dict[str, Explanation]) -> None:
    codes = set(catalogue.sentences()) - SAID_BY_VERBS
    elsewhere = CODES_OF_PEOPLE | codes_of_customers() | SAID_OF_ACTING
    assert codes - {row[0] for row in ROWS} - elsewhere == set()
    heard = {code for one in explanations.values() for code in named(one)}
    assert codes - elsewhere - heard == set()


def test_every_code_that_is_used_is_in_the_catalogue() -> None:
    """Those of the rules' own page too, by name."""
    asked_for = {
        *(f"C{n}" for n in range(1, 14)),
        *(f"P{n}" for n in range(1, 9)),
        *(f"H{n}" for n in range(1, 7)),
        *(f"L{n}" for n in range(1, 7)),
        *("X1", "X2", "U1", "S1"),
    }
    assert asked_for | set(used_codes()) <= set(catalogue.sentences())
    assert set(catalogue.sentences()) - set(used_codes()) == {"R1", "X2"} | SAID_BY_VERBS
