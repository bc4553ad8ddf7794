"""Roles: list, read, create, patch, delete, assign."""

from __future__ import annotations

from typing import Any

import pytest

from permissions.actions import Permission
from permissions.models import Membership, Role
from permissions.roles import BUILT_IN_ROLES
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY, desk, page, words
from tests.security.world import World

pytestmark = pytest.mark.django_db


def path(world: World, *more: str) -> str:
    return "/".join([f"organisations/{world.ids['a_org']}/roles", *more, ""])


def test_the_built_in_ones_and_ones_own(world: World) -> None:
    listed = world.api("a_viewer").get(path(world)).json()["results"]
    assert {one["key"] or one["name"] for one in listed} == {role.key for role in BUILT_IN_ROLES} | {world.a.role.name}
    # How many hold each is for those who manage people.
    assert {one["holders"] for one in listed} == {None}
    counted = {one["id"]: one["holders"] for one in world.api("a_owner").get(path(world)).json()["results"]}
    # The manager, and the giver of a transfer that waits.
    assert counted[world.ids["rol_manager"]] == {"members": 1, "api_keys": 0, "invitations": 0, "transfers": 1}
    assert counted[world.ids["rol_viewer"]]["invitations"] == 1
    assert world.api("a_owner").get(path(world, world.ids["b_rol"])).status_code == 404


STATUSES = [
    ("a_owner", 201, 302),
    ("a_key", 201, None),
    ("a_manager", 403, 403),
    ("a_viewer", 403, 403),
    ("both", 403, 403),
    ("a_left", 404, 404),
    ("b_owner", 404, 404),
    ("conn_owner", 404, 404),
    ("support", 400, 403),
]


@pytest.mark.parametrize(("persona", "api", "web"), STATUSES)
def test_who_makes_them(world: World, persona: str, api: int, web: int | None) -> None:
    body: dict[str, Any] = {"name": "Picker", "permissions": ["view", "manage_products"]}
    assert world.api(persona).post(path(world), body).status_code == api
    made = Role.objects.filter(organisation=world.a.organisation, name="Picker")
    assert made.count() == (1 if api == 201 else 0)
    made.delete()
    if web:
        assert world.client(persona).post(page("role_create", world.a.organisation), body).status_code == web
        assert made.count() == (1 if web == 302 else 0)


def test_staff_make_one_with_a_reason(world: World) -> None:
    body = {"name": "Picker", "permissions": ["view"]}
    assert world.api("support").post(path(world), body, acting_reason="Asked%20by%20telephone").status_code == 201
    sent = {"organisation": world.a.organisation.pk, "name": "Packer", "permissions": ["view"], "reason": WHY}
    assert world.client("support").post(desk(Role, "add"), sent).status_code == 302
    assert Role.objects.filter(organisation=world.a.organisation, name="Packer").exists()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "Viewer", "permissions": ["view"]}, ("/name", "built_in")),
        ({"name": "packer of ashclyst farms", "permissions": ["view"]}, ("/name", "taken")),
        ({"name": " ", "permissions": ["view"]}, ("/name", "blank")),
        ({"name": "Picker", "permissions": []}, ("/permissions", "min_length")),
        ({"name": "Picker", "permissions": ["manage_fees"]}, ("/permissions", "needs_view")),
        ({"name": "Picker", "permissions": ["view", "rule_the_world"]}, ("/permissions/1", "invalid_choice")),
        ({"name": "Picker", "permissions": ["view"], "organisation": "org_x"}, ("/organisation", "unknown_field")),
    ],
)
def test_what_is_wrong_is_said(world: World, body: dict[str, Any], wrong: tuple[str, str]) -> None:
    assert errors(world.api("a_owner").post(path(world), body)) == [wrong]
    # What another organisation calls its role is free here.
    free = {"name": world.b.role.name, "permissions": ["view"]}
    assert world.api("a_owner").post(path(world), free).status_code == 201


def test_a_change_counts_at_once_for_all_who_hold_it(world: World) -> None:
    Membership.objects.filter(pk=world.a.members["viewer"].pk).update(role=world.a.role)
    api, own = world.api("a_owner"), path(world, world.ids["a_rol"])
    read = api.get(own)
    wanted = {"permissions": ["view", "manage_fees"]}
    preview = api.patch(f"{own}?preview=true", wanted).json()
    assert (preview["count"], preview["gains"], preview["loses"]) == (1, ["manage_fees"], ["manage_products"])
    assert api.patch(own, wanted).status_code == 428
    done = api.patch(own, wanted, if_match=read["ETag"])
    assert (done.json()["permissions"], done.json()["version"]) == (["manage_fees", "view"], 2)
    assert world.access("a_viewer").ids(Permission.MANAGE_FEES) == {unit.pk for unit in world.a.units}
    problem(api.patch(own, wanted, if_match=read["ETag"]), 412, "stale")


def test_the_page_is_a_matrix_and_asks_before_it_takes(world: World) -> None:
    Membership.objects.filter(pk=world.a.members["viewer"].pk).update(role=world.a.role)
    client = world.client("a_owner")
    shown = words(client.get(page("roles", world.a.organisation)))
    assert "Account owner Manager Coordinator Contributor Viewer Packer of Ashclyst Farms" in shown
    assert "held by 1 member" in shown
    form = {"version": "1", "name": "Packer", "description": "Packs.", "permissions": ["view", "manage_fees"]}
    asked = client.post(page("role", world.a.organisation, world.a.role), form)
    assert asked.status_code == 409
    assert "They gain manage fees They lose manage products" in words(asked)
    world.a.role.refresh_from_db()
    assert world.a.role.name != "Packer"
    assert (
        client.post(page("role", world.a.organisation, world.a.role), {**form, "confirmed": "yes"}).status_code == 302
    )
    world.a.role.refresh_from_db()
    assert (world.a.role.name, world.a.role.permissions) == ("Packer", ["manage_fees", "view"])
    like = client.get(page("role_create", world.a.organisation), {"like": world.a.role.public_id})
    assert like.context["form"].initial["permissions"] == ["manage_fees", "view"]


def test_deleting_one(world: World) -> None:
    Membership.objects.filter(pk=world.a.members["viewer"].pk).update(role=world.a.role)
    client, where = world.client("a_owner"), page("role_delete", world.a.organisation, world.a.role)
    assert "It is held by 1 member." in words(client.get(where))
    assert client.post(where, {}).status_code == 422
    assert client.post(where, {"version": "1", "reassign_to": world.ids["rol_viewer"]}).status_code == 302
    assert not Role.objects.filter(pk=world.a.role.pk).exists()
    assert Membership.objects.get(pk=world.a.members["viewer"].pk).role == world.roles["viewer"]
    # One that nobody holds, with a key of it that was revoked long ago.
    free = Role.objects.create(organisation=world.a.organisation, name="Free", permissions=["view"])
    key = world.a.key
    key.role, key.revoked_at = free, key.created_at
    key.save()
    assert world.api("a_owner").delete(path(world, free.public_id), if_match="*").status_code == 204
    key.refresh_from_db()
    assert key.role == world.roles["viewer"]


def test_the_role_that_one_holds_is_not_offered_to_be_changed(world: World) -> None:
    """Nor one with more than one may oneself: asked, both are refused."""
    organisation = world.a.organisation
    kinds = {"Keeper": ["view", "manage_roles"], "Less": ["view"], "More": ["view", "manage_api_keys"]}
    made = {
        name: Role.objects.create(organisation=organisation, name=name, permissions=permissions)
        for name, permissions in kinds.items()
    }
    Membership.objects.filter(pk=world.a.members["contributor"].pk).update(role=made["Keeper"], all_units=True)
    shown = world.client("a_contributor").get(page("roles", organisation)).content.decode()
    offered = {name for name, role in made.items() if page("role", organisation, role) in shown}
    assert offered == {"Less"}
