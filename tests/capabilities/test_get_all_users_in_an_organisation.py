"""Get all users in an organisation."""

from __future__ import annotations

import pytest

from customers.models import User
from tests.api.client import problem
from tests.capabilities.companies import desk, page, words
from tests.security.world import World

pytestmark = pytest.mark.django_db

EVERYBODY = {"owner", "manager", "contributor", "viewer", "left", "both", "deactivated"}


def found(world: World, persona: str, query: str = "", letter: str = "a") -> set[str]:
    """Who is listed, by what they are in the world; through all pages."""
    names = {row.public_id: name for name, row in (world.a if letter == "a" else world.b).members.items()}
    path = f"organisations/{world.ids[f'{letter}_org']}/users/?page_size=2{query}"
    seen: set[str] = set()
    while path:
        answer = world.api(persona).get(path)
        assert answer.status_code == 200
        seen |= {names[one["id"]] for one in answer.json()["results"]}
        path = answer.json()["next"]
    return seen


@pytest.mark.parametrize(
    ("persona", "seen"),
    [
        ("a_owner", EVERYBODY),
        ("a_key", EVERYBODY),
        ("support", EVERYBODY),
        # Of one unit; who manages nobody sees herself.
        ("a_manager", {"manager"}),
        ("a_viewer", {"viewer"}),
        ("both", {"both"}),
    ],
)
def test_who_sees_whom(world: World, persona: str, seen: set[str]) -> None:
    assert found(world, persona) == seen


def test_others_find_nothing(world: World) -> None:
    for persona in ("b_owner", "conn_owner", "a_left"):
        problem(world.api(persona).get(f"organisations/{world.ids['a_org']}/users/"), 404, "not_found")
    assert world.api("deactivated").get(f"organisations/{world.ids['a_org']}/users/").status_code == 401


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("&state=active", EVERYBODY - {"left", "deactivated"}),
        # Here, or because the account is shut.
        ("&state=deactivated", {"left", "deactivated"}),
        ("&role={rol_owner}", {"owner", "deactivated"}),
        ("&unit={a_farm}", EVERYBODY),
        ("&unit={a_shop}", EVERYBODY - {"manager"}),
        # Another's unit tells nothing.
        ("&unit={b_farm}", set()),
        ("&q=MANAGER people.example", {"manager"}),
        ("&q=b_owner", set()),
        ("&updated_since=2999-01-01T00:00:00Z", set()),
    ],
)
def test_filters(world: World, query: str, seen: set[str]) -> None:
    assert found(world, "a_owner", query.format(**world.ids)) == seen


def test_what_is_no_filter_is_refused(world: World) -> None:
    for query in ("user__email=b@b.example", "ordering=user__password", "state=asleep", "role=bu_1", "q=a&q=b"):
        answer = world.api("a_owner").get(f"organisations/{world.ids['a_org']}/users/?{query}")
        problem(answer, 400, "invalid")


def test_what_is_told_of_each(world: World) -> None:
    (told,) = world.api("a_owner").get(f"organisations/{world.ids['a_org']}/users/?q=a_manager").json()["results"]
    assert told["user"] == {
        "id": world.ids["usr_a_manager"],
        "name": "A Manager",
        "email": "a_manager@people.example",
    }
    assert (told["role"]["key"], told["all_units"], told["state"], told["version"]) == ("manager", False, "active", 1)
    assert [unit["id"] for unit in told["units"]] == [world.ids["a_farm"]]


def test_the_page(world: World) -> None:
    client, where = world.client("a_owner"), page("people", world.a.organisation)
    shown = words(client.get(where))
    assert "Active (5) Invited (1) Deactivated (2)" in shown
    # One owner only; the other's account is shut.
    assert "There is only one account owner." in shown
    assert "B Owner" not in shown
    assert "A Left" in words(client.get(where, {"state": "deactivated"}))
    assert world.a.invitation.email in words(client.get(where, {"state": "invited"}))
    narrowed = words(client.get(where, {"q": "viewer", "unit": world.ids["a_shop"], "role": world.ids["rol_viewer"]}))
    assert "A Viewer" in narrowed
    assert "A Manager" not in narrowed
    assert "Nobody matches" in words(client.get(where, {"q": "zebra"}))
    assert world.client("a_viewer").get(where).status_code == 403


def test_staff_find_them_on_their_site(world: World) -> None:
    listed = world.client("support").get(desk(User, "changelist"), {"q": world.a.organisation.name})
    assert b"a_manager@people.example" in listed.content
    assert b"b_manager@people.example" not in listed.content
