"""Explain access: what the page says is what the engine decides, for everybody, and who else can."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from customers.models import User
from ordercycles import explaining
from permissions import engine
from permissions.access import Access
from tests.admin.conftest import Network
from tests.factories import CycleFactory, UserFactory, hub

pytestmark = pytest.mark.django_db
PAGE = "/admin/explain-access/"


def verdicts(answer: Any) -> dict[str, tuple[bool, str]]:
    return {
        str(one.action): (one.decision.allowed, one.decision.code)
        for group in answer.context["groups"]
        for one in group.explained
    }


def test_it_opens_empty_and_asks(desk: Client) -> None:
    answer = desk.get(PAGE)
    assert answer.status_code == 200
    assert b'name="user"' in answer.content
    assert "groups" not in answer.context


def test_a_coordinator_is_explained(network: Network, desk: Client) -> None:
    answer = desk.get(PAGE, {"user": network.cora.public_id, "cycle": network.cycle.public_id})
    assert verdicts(answer) == {
        "order_cycle:view": (True, "C9"),
        "order_cycle:edit": (True, "C2"),
        "order_cycle:set_coordinator": (False, "C3"),
        "order_cycle:copy": (True, "C13"),
        "order_cycle:close": (False, "C13"),
        "order_cycle:delete": (True, "C13"),
    }
    page = answer.content.decode()
    assert "The coordinator of a cycle never changes." in page
    assert "Manager" in page
    assert "Exe Hub" in page


def test_all_that_can_be_asked(network: Network, desk: Client) -> None:
    other = hub("Deane Hub")
    query = {
        "user": network.ada.public_id,
        "cycle": network.cycle.public_id,
        "exchange": network.outlet.public_id,
        "variant": network.milk.public_id,
        "fee": network.fee.public_id,
        "enterprise": other.unit.public_id,
    }
    answer = desk.get(PAGE, query)
    told = verdicts(answer)
    assert told["exchange:view"] == (True, "P4")
    assert told["exchange_variant:add"] == (False, "P7")
    assert told["exchange_variant:remove"] == (False, "P7")
    assert told["exchange:add_outgoing"] == (False, "X2")
    assert told["order_cycle:edit"] == (False, "P2")
    assert [group.about for group in answer.context["groups"]] == [
        "Week 1",
        "Deane Hub",
        "Exe Hub, outgoing",
        f"{network.milk.product.name} One litre",
        network.fee.name,
    ]
    by_key = {name: {"user": network.ada, "cycle": network.cycle}[name].pk for name in ("user", "cycle")}
    assert verdicts(desk.get(PAGE, by_key))["order_cycle:edit"] == (False, "P2")


def test_what_it_says_is_what_is_decided(network: Network) -> None:
    for user in User.objects.all():
        access = Access.for_user(user)
        groups = explaining.explain_all(
            access,
            network.cycle,
            exchange=network.outlet,
            variant=network.milk,
            fee=network.fee,
            enterprise=network.ash,
        )
        for group in groups:
            for one in group.explained:
                assert one.decision.allowed is any(rule.allows for rule in one.rules) or not one.decision.visible
                assert (str(user) in one.who.names) is one.decision.allowed


def test_who_can_names_some_and_counts_the_rest(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    from ordercycles.rules import targets
    from permissions.actions import Action

    User.objects.filter(is_staff=True).update(is_active=False)
    target = targets.cycle(network.cycle)
    assert explaining.who_can(Action.ORDER_CYCLE_VIEW, target).more == 0
    monkeypatch.setattr(explaining, "MOST_PEOPLE", 1)
    assert explaining.who_can(Action.ORDER_CYCLE_VIEW, target) == explaining.Who((str(network.cora),), 1)
    assert engine.who_can(Action.ORDER_CYCLE_VIEW, target).count() == 2


def test_a_stranger_is_told_apart(network: Network, desk: Client) -> None:
    stranger = UserFactory.create(name="Stranger")
    answer = desk.get(PAGE, {"user": stranger.public_id, "cycle": network.cycle.public_id})
    assert set(verdicts(answer).values()) == {(False, "X2")}
    assert b"No active membership" in answer.content


def test_somebody_deactivated(network: Network, desk: Client) -> None:
    User.objects.filter(pk=network.cora.pk).update(is_active=False)
    answer = desk.get(PAGE, {"user": network.cora.public_id, "cycle": network.cycle.public_id})
    assert set(verdicts(answer).values()) == {(False, "X2")}
    assert b"Deactivated" in answer.content


def test_staff_are_explained(network: Network, desk: Client, staff: User) -> None:
    answer = desk.get(PAGE, {"user": staff.public_id, "cycle": network.cycle.public_id})
    told = verdicts(answer)
    assert told["order_cycle:view"] == (True, "S1")
    assert told["order_cycle:edit"] == (False, "S1")


@pytest.mark.parametrize(
    "query",
    [
        {"user": "usr_nonsense"},
        {"user": "999999999"},
        {"cycle": "ocy_01k9f3q5j8x2m7n4v6b1c0d9eg"},
        {"variant": "'; drop table"},
    ],
)
def test_what_is_not_there_is_said(desk: Client, query: dict[str, str]) -> None:
    answer = desk.get(PAGE, query)
    assert answer.status_code == 200
    assert len(answer.context["problems"]) == 1


def test_an_exchange_says_its_cycle(network: Network, desk: Client) -> None:
    query = {"user": network.cora.public_id, "exchange": network.outlet.public_id}
    assert verdicts(desk.get(PAGE, query))["exchange:remove"] == (True, "C8")
    other = CycleFactory.create(coordinator=network.exe)
    answer = desk.get(PAGE, {**query, "cycle": other.public_id})
    assert answer.context["problems"] == ["The exchange is one of another order cycle."]
    assert "exchange:remove" not in verdicts(answer)


def test_it_changes_nothing(network: Network, desk: Client) -> None:
    assert desk.post(PAGE, {"user": network.cora.public_id}).status_code == 405
