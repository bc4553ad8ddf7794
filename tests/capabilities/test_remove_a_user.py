"""Remove a user from an organisation (the person stays); deactivate, let in again, change, leave."""

from __future__ import annotations

import pytest

from customers.models import Invitation, OwnershipTransfer, User
from permissions.models import ApiKey, Membership
from tests.api.client import problem
from tests.capabilities.companies import WHY, desk, page, words
from tests.factories import MembershipFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db


def path(world: World, name: str, *more: str) -> str:
    return "/".join([f"organisations/{world.ids['a_org']}/users/{world.ids[f'a_mem_{name}']}", *more, ""])


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("a_owner", 204),
        ("a_key", 204),
        ("a_viewer", 404),
        ("a_manager", 404),
        ("b_owner", 404),
        ("conn_owner", 404),
        ("support", 400),
        ("anonymous", 401),
    ],
)
def test_who_may(world: World, persona: str, status: int) -> None:
    assert world.api(persona).delete(path(world, "contributor"), if_match="*").status_code == status
    assert Membership.objects.filter(pk=world.a.members["contributor"].pk).exists() is (status != 204)
    assert User.objects.filter(pk=world.people["a_contributor"].pk, is_active=True).exists()


def test_what_ends_with_it(world: World) -> None:
    """The preview says what happens: keys, invitations, offers."""
    organisation = world.a.organisation
    second = MembershipFactory.create(organisation=organisation)
    maker = world.people["a_owner"]
    back = Invitation.objects.create(
        organisation=world.b.organisation,
        email=maker.email,
        role=world.roles["viewer"],
        expires_at=world.b.invitation.expires_at,
    )
    staff = world.api("support")
    preview = staff.delete(f"{path(world, 'owner')}?preview=true").json()
    assert preview["api_keys"] == [world.a.key.name]
    assert preview["invitations"] == [world.a.invitation.email]
    assert preview["units"] == "all units"
    assert Membership.objects.filter(pk=world.a.members["owner"].pk).exists()
    assert staff.delete(path(world, "owner"), if_match="*", acting_reason="Phone").status_code == 204
    assert ApiKey.objects.get(pk=world.a.key.pk).revoked_at is not None
    assert world.api("a_key").get("me/").status_code == 401
    assert Invitation.objects.get(pk=world.a.invitation.pk).state == "revoked"
    # Elsewhere nothing changes.
    assert Invitation.objects.get(pk=back.pk).state == "pending"
    assert not OwnershipTransfer.objects.filter(pk=world.a.transfer.pk).exists()
    assert OwnershipTransfer.objects.filter(pk=world.b.transfer.pk).exists()
    # Coming back later, she has no more than she is given then.
    MembershipFactory.create(user=maker, organisation=organisation)
    assert world.api("a_key").get("me/").status_code == 401
    assert second.is_active


def test_the_preview_of_the_last_owner_says_that_she_stays(world: World) -> None:
    for persona in ("support", "a_owner"):
        told = problem(world.api(persona).delete(f"{path(world, 'owner')}?preview=true"), 409, "not_possible_now")
        assert told["rule"] == "U7", persona
    row = world.a.members["owner"]
    assert b"U7: " in world.client("support").get(desk(row, "act", row.pk, "remove")).content


def test_her_other_memberships_stay(world: World) -> None:
    assert world.api("a_owner").delete(path(world, "both"), if_match="*").status_code == 204
    me = world.api("both").get("me/").json()
    assert [one["organisation"]["id"] for one in me["memberships"]] == [world.ids["b_org"]]


def test_by_version(world: World) -> None:
    api = world.api("a_owner")
    etag = api.get(path(world, "viewer"))["ETag"]
    assert api.delete(path(world, "viewer")).status_code == 428
    assert api.patch(path(world, "viewer"), {"units": [world.ids["a_farm"]]}, if_match=etag).json()["version"] == 2
    problem(api.delete(path(world, "viewer"), if_match=etag), 412, "stale")
    assert api.delete(path(world, "viewer"), if_match="*").status_code == 204
    problem(api.get(path(world, "viewer")), 404, "not_found")


def test_on_the_page_what_she_loses_is_shown_first(world: World) -> None:
    client = world.client("a_owner")
    where = page("person_remove", world.a.organisation, world.a.members["contributor"])
    shown = words(client.get(where))
    assert "Remove A Contributor?" in shown
    assert "manage products, take part in order cycles, see everything of the units" in shown
    assert client.post(where, {"version": "9"}).status_code == 409
    assert client.post(where, {"version": "1"}).status_code == 302
    assert not Membership.objects.filter(pk=world.a.members["contributor"].pk).exists()


def test_staff_on_their_site(world: World) -> None:
    row = world.a.members["viewer"]
    where = desk(row, "act", row.pk, "remove")
    client = world.client("support")
    assert b"see everything of the units" in client.get(where).content
    assert client.post(where, {"reason": WHY}).status_code == 302
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_deactivated_and_let_in_again(world: World) -> None:
    api, her = world.api("a_owner"), world.api("a_viewer")
    assert api.post(path(world, "viewer", "deactivate")).json()["state"] == "deactivated"
    # Her next request, on the session that she has.
    assert her.get(f"organisations/{world.ids['a_org']}/").status_code == 404
    # Twice is once.
    assert api.post(path(world, "viewer", "deactivate")).json()["version"] == 2
    assert api.post(path(world, "viewer", "reactivate")).json()["state"] == "active"
    assert her.get(f"organisations/{world.ids['a_org']}/").status_code == 200
    client = world.client("a_owner")
    where = page("person_deactivate", world.a.organisation, world.a.members["viewer"])
    assert "Deactivate A Viewer?" in words(client.get(where))
    assert client.post(where, {"version": "3"}).status_code == 302
    again = page("person_reactivate", world.a.organisation, world.a.members["viewer"])
    assert client.post(again, {"version": "4"}).status_code == 302
    assert Membership.objects.get(pk=world.a.members["viewer"].pk).is_active


def test_changed_with_before_and_after(world: World) -> None:
    client = world.client("a_owner")
    where = page("person_change", world.a.organisation, world.a.members["manager"])
    form = {"role": world.ids["rol_contributor"], "units": [world.ids["a_farm"], world.ids["a_shop"]], "version": "1"}
    asked = client.post(where, form)
    assert asked.status_code == 409
    for phrase in ("Role now Manager", "Role then Contributor", "Gained nothing", "Units now Ashclyst Farms farm"):
        assert phrase in words(asked)
    assert Membership.objects.get(pk=world.a.members["manager"].pk).role == world.roles["manager"]
    assert client.post(where, {**form, "confirmed": "yes"}).status_code == 302
    row = Membership.objects.get(pk=world.a.members["manager"].pk)
    assert (row.role, set(row.units.all())) == (world.roles["contributor"], {world.a.farm, world.a.shop})
    both = {"all_units": True, "units": [world.ids["a_farm"]]}
    assert world.api("a_owner").patch(path(world, "manager"), both, if_match="*").status_code == 400
    assert world.api("a_owner").patch(path(world, "manager"), {"all_units": True}, if_match="*").json()["all_units"]


def test_leaving_by_oneself(world: World) -> None:
    client = world.client("a_viewer")
    where = page("membership_leave", world.a.members["viewer"])
    assert "Leave Ashclyst Farms?" in words(client.get(where))
    assert where in client.get("/account/").content.decode()
    assert client.post(where).status_code == 302
    assert not Membership.objects.filter(pk=world.a.members["viewer"].pk).exists()
    # Nobody leaves for another, nor does a key.
    assert world.client("a_owner").post(page("membership_leave", world.a.members["manager"])).status_code == 404
    assert world.client("b_owner").post(page("membership_leave", world.a.members["manager"])).status_code == 404
    assert world.api("a_contributor").delete(path(world, "contributor"), if_match="*").status_code == 204


def test_whose_whole_account_is_shut_is_let_in_by_hectare_only(world: World) -> None:
    User.objects.filter(pk=world.people["a_viewer"].pk).update(is_active=False)
    where = page("person", world.a.organisation, world.a.members["viewer"])
    shown = world.client("a_owner").get(where).content.decode()
    assert "write to Hectare" in shown
    assert f"{where}deactivate/" not in shown
    assert f"{where}remove/" in shown
