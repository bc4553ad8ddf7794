"""Get all organisations: one's own in full, those that they know by their public profile, all of them for staff."""

from __future__ import annotations

import pytest

from organisations.models import Connection, Organisation
from tests.capabilities.companies import desk, names, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db

A, B, CONN, SHELL = "Ashclyst Farms", "Bickleigh Foods", "Crediton Carriers", "Silverton Storage"


@pytest.mark.parametrize(
    ("persona", "own", "profiles"),
    [
        ("a_owner", {A, SHELL}, {A, CONN, SHELL}),
        ("a_viewer", {A}, {A, CONN, SHELL}),
        ("a_key", {A, SHELL}, {A, CONN, SHELL}),
        ("b_owner", {B}, {B}),
        ("both", {A, B}, {A, B, CONN, SHELL}),
        ("conn_owner", {CONN}, {CONN, A}),
        ("a_left", set(), set()),
        ("support", {A, B, CONN, SHELL}, {A, B, CONN, SHELL}),
    ],
)
def test_through_the_api(world: World, persona: str, own: set[str], profiles: set[str]) -> None:
    api = world.api(persona)
    assert names(api.get("organisations/")) == own
    assert names(api.get("organisations/profiles/")) == profiles


def test_by_relation_and_by_name(world: World) -> None:
    api = world.api("a_owner")
    assert names(api.get("organisations/profiles/?relation=own")) == {A}
    assert names(api.get("organisations/profiles/?relation=connected")) == {CONN, SHELL}
    assert names(api.get("organisations/profiles/?name=carr")) == {CONN}
    assert names(api.get("organisations/?name=BICKLEIGH")) == set()
    assert names(api.get("organisations/?kind=shell")) == {SHELL}


def test_a_profile_says_this_and_no_more(world: World) -> None:
    (row,) = world.api("a_owner").get("organisations/profiles/?name=crediton").json()["results"]
    assert row == {
        "id": world.conn.organisation.public_id,
        "name": CONN,
        "town": "Exeter",
        "businesses": ["farm", "store"],
        "relation": "connected",
    }


@pytest.mark.parametrize(
    ("persona", "seen"),
    [
        ("a_owner", {A, CONN, SHELL}),
        ("a_viewer", {A, CONN, SHELL}),
        ("b_owner", {B}),
        ("both", {A, B, CONN, SHELL}),
        ("a_left", set()),
        ("support", {A, B, CONN, SHELL}),
    ],
)
def test_on_the_page(world: World, persona: str, seen: set[str]) -> None:
    shown = text(world.client(persona).get(page("organisations")))
    assert {name for name in (A, B, CONN, SHELL) if f">{name}</a>" in shown} == seen


def test_the_page_filters(world: World) -> None:
    client = world.client("a_owner")
    own = text(client.get(page("organisations") + "?relation=own"))
    known = text(client.get(page("organisations") + "?relation=connected&q=carriers"))
    none = text(client.get(page("organisations") + "?q=Bickleigh"))
    assert (f">{A}</a>" in own, f">{CONN}</a>" in own) == (True, False)
    assert (f">{CONN}</a>" in known, f">{SHELL}</a>" in known) == (True, False)
    assert "No organisation matches" in none


def test_in_the_admin(world: World) -> None:
    shown = text(world.client("support").get(desk(Organisation, "changelist")))
    assert all(name in shown for name in (A, B, CONN, SHELL))
    assert world.client("a_owner").get(desk(Organisation, "changelist")).status_code in (302, 404)


def test_it_ends_with_the_connection(world: World) -> None:
    api = world.api("a_owner")
    address = f"organisations/{world.conn.organisation.public_id}/profile/"
    assert api.get(address).status_code == 200
    Connection.objects.filter(pk=world.connection.pk).delete()
    assert api.get(address).status_code == 404
    assert names(api.get("organisations/profiles/")) == {A, SHELL}
