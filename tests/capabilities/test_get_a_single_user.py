"""Get a single user of an organisation, and what she may really do there, and why."""

from __future__ import annotations

from typing import Any

import pytest

from common import clock
from organisations.models import BusinessUnit
from permissions.actions import Permission
from permissions.models import Membership
from tests.api.client import problem
from tests.capabilities.companies import page, words
from tests.factories import UnitFactory, archive, grant
from tests.security.world import World

pytestmark = pytest.mark.django_db


def path(world: World, name: str, *more: str) -> str:
    return "/".join([f"organisations/{world.ids['a_org']}/users/{world.ids[f'a_mem_{name}']}", *more, ""])


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("a_owner", 200),
        ("a_key", 200),
        ("support", 200),
        # She herself.
        ("a_contributor", 200),
        ("a_viewer", 404),
        ("a_manager", 404),
        ("b_owner", 404),
        ("conn_owner", 404),
        ("a_left", 404),
        ("anonymous", 401),
    ],
)
def test_who_may(world: World, persona: str, status: int) -> None:
    api = world.api(persona)
    assert api.get(path(world, "contributor")).status_code == status
    assert api.get(path(world, "contributor", "access")).status_code == status
    if persona not in ("a_key", "anonymous"):
        answer = world.client(persona).get(page("person", world.a.organisation, world.a.members["contributor"]))
        assert answer.status_code == status


def test_only_under_her_organisation(world: World) -> None:
    """8: the address names both, and they belong together."""
    mixed = f"organisations/{world.ids['a_org']}/users/{world.ids['b_mem_viewer']}/"
    for persona in ("a_owner", "both", "support"):
        problem(world.api(persona).get(mixed), 404, "not_found")


def answers(rows: list[dict[str, Any]]) -> dict[str, bool]:
    return {one["what"]: one["allowed"] for one in rows}


def test_what_she_may_and_why(world: World) -> None:
    told = world.api("a_owner").get(path(world, "manager", "access")).json()
    assert (told["source"], told["nothing"]) == ("Manager at Ashclyst Farms, one unit", None)
    refused = {one["what"]: one["why"] for one in told["permissions"] if not one["allowed"]}
    assert refused == {
        "manage_roles": "The role Manager does not include it.",
        "manage_api_keys": "The role Manager does not include it.",
        "manage_users": (
            "The role Manager includes it, but it counts only for those who are given the whole organisation."
        ),
    }
    by_unit = {row["unit"]["id"]: row for row in told["units"]}
    assert {key: row["covered"] for key, row in by_unit.items()} == {
        world.ids["a_farm"]: True,
        world.ids["a_shop"]: False,
        world.ids["a_office"]: False,
    }
    assert answers(by_unit[world.ids["a_farm"]]["actions"]) == {
        "unit:view": True,
        "unit:edit": True,
        "business:edit_profile": True,
        "business:edit_trading": True,
    }
    assert not any(answers(by_unit[world.ids["a_shop"]]["permissions"]).values())
    why = {one["what"]: one["why"] for one in by_unit[world.ids["a_shop"]]["permissions"]}
    assert why["view"] == "The membership does not cover this unit."
    assert why["manage_roles"] == "The role Manager does not include it."
    # Of the whole organisation she manages nothing.
    (people,) = [one for one in told["actions"] if one["what"] == "membership:manage"]
    assert (people["allowed"], people["rule"]) == (False, "U2")
    # What is told is what the engine does.
    assert world.access("a_manager").ids(Permission.MANAGE_PRODUCTS) == {world.a.farm.pk}


def test_an_owner_may_all_of_it(world: World) -> None:
    told = world.api("a_owner").get(path(world, "owner", "access")).json()
    assert all(answers(told["permissions"]).values())
    assert all(answers(told["actions"]).values())
    assert all(row["covered"] for row in told["units"])


def test_what_she_is_elsewhere_is_not_told(world: World) -> None:
    told = world.api("a_owner").get(path(world, "both", "access"))
    assert world.b.organisation.name not in told.content.decode()
    assert {row["unit"]["id"] for row in told.json()["units"]} == {
        world.ids[f"a_{name}"] for name in ("farm", "shop", "office")
    }


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        ("left", "The membership is deactivated."),
        ("deactivated", "The account is deactivated: nobody signs in with it."),
        ("contributor", "The role does not include seeing anything, and so gives nothing."),
        ("manager", "The membership covers no unit."),
    ],
)
def test_why_it_is_nothing(world: World, name: str, nothing: str) -> None:
    if name == "contributor":
        world.a.role.permissions = ["manage_products"]
        world.a.role.save()
        Membership.objects.filter(pk=world.a.members[name].pk).update(role=world.a.role)
    if name == "manager":
        world.a.members[name].units.clear()
    told = world.api("a_owner").get(path(world, name, "access")).json()
    assert told["nothing"] == nothing
    assert not any(answers(told["permissions"]).values())
    assert {one for one, yes in answers(told["actions"]).items() if yes} == set()
    assert not any(any(answers(row["permissions"]).values()) for row in told["units"])


def test_what_others_let_her_enterprises_do(world: World) -> None:
    given = grant(world.b.farm.business, world.a.shop.business, "manage_products")

    def of(name: str) -> list[Any]:
        told = world.api("a_owner").get(path(world, name, "access")).json()["grants"]
        return [one for one in told if one["id"] == given.public_id]

    (told,) = of("contributor")
    assert told["allowed"]
    assert told["why"] == (
        f"{world.b.farm.name} lets {world.a.shop.name} manage its products, and the role may manage products there."
    )
    assert [one["allowed"] for one in of("viewer")] == [False]
    # The manager is not given the shop.
    assert of("manager") == []


def test_the_page_says_it(world: World) -> None:
    shown = words(world.client("a_owner").get(page("person", world.a.organisation, world.a.members["manager"])))
    for phrase in ("From the role Manager, for one unit.", "The role Manager does not include it.", "not covered"):
        assert phrase in shown
    # Her own page, with why she cannot change it.
    own = words(world.client("a_owner").get(page("person", world.a.organisation, world.a.members["owner"])))
    assert "Nobody changes her own role or units" in own
    assert "Leave the organisation" in own


def test_archived_units_are_left_out(world: World) -> None:
    archive(BusinessUnit.objects.get(pk=world.a.shop.pk))
    told = world.api("a_owner").get(path(world, "viewer", "access")).json()
    assert world.ids["a_shop"] not in {row["unit"]["id"] for row in told["units"]}


def test_who_is_given_units_that_were_put_away_keeps_them_when_only_her_role_changes(world: World) -> None:
    """Nothing ticked is not "all of them"."""
    member = world.a.members["viewer"]
    Membership.objects.filter(pk=member.pk).update(all_units=False)
    member.units.set([world.a.office])
    BusinessUnit.objects.filter(pk=world.a.office.pk).update(archived_at=clock.now())
    change = page("person_change", world.a.organisation, member)
    browser = world.client("a_owner")
    form = browser.get(change).context["form"]
    assert f"{world.a.office.name} (archived)" in dict(form.fields["units"].choices).values()
    sent = {"role": world.ids["rol_contributor"], "confirmed": "yes", "version": member.version}
    assert browser.post(change, sent).status_code == 422
    as_shown = {**sent, "scope": form["scope"].value(), "units": form["units"].value()}
    assert browser.post(change, as_shown).status_code == 302
    row = Membership.objects.get(pk=member.pk)
    assert (row.role.key, row.all_units, list(row.units.all())) == ("contributor", False, [world.a.office])
    # All of them when it is said, whatever is still ticked.
    assert browser.post(change, {**as_shown, "scope": "all", "version": row.version}).status_code == 302
    assert Membership.objects.get(pk=member.pk).all_units


def test_of_many_units_some_at_a_time(world: World) -> None:
    UnitFactory.create_batch(60, organisation=world.a.organisation)
    UnitFactory.create(organisation=world.a.organisation, name="Zennor Barn")
    api, where = world.api("a_owner"), path(world, "viewer", "access")
    told = api.get(where).json()
    assert (len(told["units"]), told["units_count"]) == (50, 64)
    assert len(api.get(f"{where}?offset=50").json()["units"]) == 14
    told = api.get(f"{where}?q=zennor").json()
    assert ([one["unit"]["name"] for one in told["units"]], told["units_count"]) == (["Zennor Barn"], 1)
    her = page("person", world.a.organisation, world.a.members["viewer"])
    assert "Page 1 of 2, 64 in all" in words(world.client("a_owner").get(her))
    assert "Zennor Barn" in words(world.client("a_owner").get(f"{her}?q=zennor"))
    # The list of people takes a name, when there are too many to choose from.
    UnitFactory.create_batch(40, organisation=world.a.organisation)
    found = world.client("a_owner").get(page("people", world.a.organisation), {"unit": world.a.shop.name.upper()})
    assert world.a.members["manager"] not in found.context["page"].object_list
    assert world.a.members["owner"] in found.context["page"].object_list
