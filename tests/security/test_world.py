"""The world of the attacks is what it says."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from permissions.actions import Permission
from tests.security.world import PERSONAS, World, build


def test_the_world_is_what_it_says(world: World) -> None:
    assert set(PERSONAS) - {"anonymous", "a_key", "b_key"} == set(world.people)
    assert world.access("a_manager").ids(Permission.MANAGE_USERS) == {world.a.farm.pk}
    assert world.access("a_owner").ids(Permission.VIEW) == {unit.pk for unit in world.a.units}
    assert {one.organisation_id for one in world.access("both").held} == {
        world.a.organisation.pk,
        world.b.organisation.pk,
    }
    assert world.access("a_left").held == ()
    assert world.access("deactivated").actor == ""
    assert world.acting("administrator").is_administrator
    assert not world.acting("support").is_administrator
    for key, tenant in (("a_key", world.a), ("b_key", world.b)):
        held = world.api(key).get("me/").json()["memberships"]
        assert [one["organisation"]["id"] for one in held] == [tenant.organisation.public_id]


def test_the_world_is_cheap(db: Any) -> None:
    with CaptureQueriesContext(
        connection,
    ) as made:
        build()
    assert len(made) <= 60


def test_everybody_can_ask(world: World) -> None:
    status = {persona: world.api(persona).get("me/").status_code for persona in PERSONAS}
    assert {name for name, code in status.items() if code != 200} == {"anonymous", "deactivated"}
