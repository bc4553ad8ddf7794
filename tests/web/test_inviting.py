"""The pages on which people are invited."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.errors import Invalid
from customers import people_to_invite
from customers.models import Invitation
from customers.people_to_invite import Line
from tests.factories import UnitFactory
from tests.security.world import World, standing_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def builder() -> Callable[[], World]:
    """Of two tenants."""
    return standing_world


def page(world: World, name: str) -> str:
    return reverse(name, args=[world.ids["a_org"]])


def test_one(world: World) -> None:
    browser = world.client("a_owner")
    shown = browser.get(page(world, "invite")).content.decode()
    assert world.b.role.name not in shown
    form = {"email": "New@People.example", "role": world.ids["rol_manager"], "units": [world.ids["a_farm"]]}
    done = browser.post(page(world, "invite"), form, follow=True).content.decode()
    assert "An invitation goes to new@people.example." in done
    row = Invitation.objects.get(email="new@people.example")
    assert (row.role, list(row.units.all())) == (world.roles["manager"], [world.a.farm])
    again = browser.post(page(world, "invite"), form)
    assert (again.status_code, "has been invited already" in again.content.decode()) == (422, True)


def test_over_all_units_or_named_ones_is_said(world: World) -> None:
    form = {"email": "new@people.example", "role": world.ids["rol_viewer"]}
    for said in ({}, {"scope": "named"}, {"scope": "all", "units": [world.ids["a_farm"]]}):
        assert world.client("a_owner").post(page(world, "invite"), {**form, **said}).status_code == 422
    assert not Invitation.objects.filter(email="new@people.example").exists()
    assert world.client("a_owner").post(page(world, "invite"), {**form, "scope": "all"}).status_code == 302
    assert Invitation.objects.get(email="new@people.example").all_units


def test_of_many_units_the_names_are_written_down(world: World) -> None:
    made = UnitFactory.create_batch(60, organisation=world.a.organisation)
    twins = [UnitFactory.create(organisation=world.a.organisation, name=name) for name in ("Twin", "TWIN")]
    browser = world.client("a_owner")
    form = {"email": "new@people.example", "role": world.ids["rol_viewer"], "scope": "named"}
    for wrong in ("Nowhere", "twin", world.b.farm.public_id, " "):
        assert browser.post(page(world, "invite"), {**form, "units": wrong}).status_code == 422
    written = f"{made[0].name.upper()}\r\n\r\n{made[1].public_id}\r\nTwin\r\n"
    assert browser.post(page(world, "invite"), {**form, "units": written}).status_code == 302
    row = Invitation.objects.get(email="new@people.example")
    assert set(row.units.all()) == {made[0], made[1], twins[0]}


def test_only_roles_that_may_no_more_are_offered(world: World) -> None:
    world.a.members["viewer"].role = world.a.role
    world.a.members["viewer"].save()
    world.a.role.permissions = ["view", "manage_users"]
    world.a.role.save()
    browser = world.client("a_viewer")
    shown = browser.get(page(world, "invite")).content.decode()
    assert world.a.role.public_id in shown
    assert world.ids["rol_owner"] not in shown
    form = {"email": "new@people.example", "role": world.ids["rol_owner"]}
    assert browser.post(page(world, "invite"), form).status_code == 422


def test_many_pasted(world: World) -> None:
    people = "Anna Ash <anna@people.example>\nno address\nbert@people.example, Bert\na_viewer@people.example"
    form = {"people": people, "role": world.ids["rol_viewer"], "scope": "all", "message": "Welcome"}
    answer = world.client("a_owner").post(page(world, "invite_many"), form)
    shown = answer.content.decode()
    assert "2 of 4 were invited." in shown
    assert "There is no e-mail address in this line." in shown
    assert "A Viewer is a member already." in shown
    made = Invitation.objects.filter(message="Welcome").order_by("pk")
    assert list(made.values_list("email", "name")) == [
        ("anna@people.example", "Anna Ash"),
        ("bert@people.example", "Bert"),
    ]
    file = base64.b64decode(shown.partition("base64,")[2].partition('"')[0]).decode()
    assert file.splitlines()[0] == "line,email,name,outcome,detail"
    assert "1,anna@people.example,Anna Ash,invited,Invited." in file
    assert "2,no address,,unreadable," in file


def test_many_whose_heading_or_lines_are_not_what_was_meant(world: World) -> None:
    browser = world.client("a_owner")
    form = {"role": world.ids["rol_owner"], "scope": "all"}
    refused = browser.post(page(world, "invite_many"), {**form, "people": "email,roles\nm@people.example,Viewer"})
    assert (refused.status_code, "There is no column “roles” here." in refused.content.decode()) == (422, True)
    people = "Name,Email address,Role\n,,\nAnna,z@people.example,Emperor\nAnna,z@people.example,Viewer\nNo,,\nTwo,,"
    shown = browser.post(page(world, "invite_many"), {**form, "people": people}).content.decode()
    assert "1 of 4 was invited." in shown
    assert shown.count("There is no e-mail address in this line.") == 2
    assert Invitation.objects.get(email="z@people.example").role == world.roles["viewer"]
    for number in (3, 4, 5, 6):
        assert f'<td data-label="Line">{number}</td>' in shown


def test_many_from_a_file(world: World) -> None:
    table = (
        "\ufeffName;E-Mail;Role;Units\r\n"
        f"Anna;anna@people.example;Manager;{world.a.farm.name}\r\n"
        "Bert;bert@people.example;Emperor;\r\n"
        f"Cora;cora@people.example;;{world.b.farm.name}\r\n"
    )
    file = SimpleUploadedFile("people.csv", table.encode())
    form = {"role": world.ids["rol_viewer"], "scope": "all", "file": file}
    shown = world.client("a_owner").post(page(world, "invite_many"), form).content.decode()
    assert "There is no role “Emperor” that you can give." in shown
    assert f"There is no unit “{world.b.farm.name}”." in shown
    row = Invitation.objects.get(email="anna@people.example")
    assert (row.role, list(row.units.all())) == (world.roles["manager"], [world.a.farm])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 100_001])
def test_files_that_cannot_be_used(world: World, content: bytes) -> None:
    form = {"role": world.ids["rol_viewer"], "scope": "all"}
    file = SimpleUploadedFile("people.csv", content)
    assert world.client("a_owner").post(page(world, "invite_many"), {**form, "file": file}).status_code == 422
    assert world.client("a_owner").post(page(world, "invite_many"), form).status_code == 422


def test_the_list_is_filtered_and_acted_on(world: World) -> None:
    browser = world.client("a_owner")
    shown = browser.get(page(world, "invitations")).content.decode()
    assert "invited-by-a@people.example" in shown
    assert "invited-by-b@people.example" not in shown
    assert (
        "No invitation is in this state" in browser.get(page(world, "invitations") + "?state=failed").content.decode()
    )
    for search, found in (("BY-A@people", True), ("invited by", True), ("by-b", False)):
        shown = browser.get(page(world, "invitations"), {"q": search}).content.decode()
        assert ("invited-by-a@people.example" in shown, "No invitation matches" in shown) == (found, not found)
    args = [world.ids["a_org"], world.ids["a_inv"]]
    assert "goes to" in browser.post(reverse("invitation_resend", args=args), follow=True).content.decode()
    assert "is revoked" in browser.post(reverse("invitation_revoke", args=args), follow=True).content.decode()
    assert browser.post(reverse("invitation_revoke", args=args)).status_code == 409
    assert browser.post(reverse("invitation_revoke", args=[world.ids["a_org"], world.ids["b_inv"]])).status_code == 404


def test_reading_lists() -> None:
    assert people_to_invite.read("") == []
    assert people_to_invite.read("a@b.example\n\n  ,x\n") == [
        Line("a@b.example", number=1),
        Line(",x", problem="There is no e-mail address in this line.", number=3),
    ]
    several = "a@b.example; B Birch <b@b.example>, c@b.example\nd@b.example <D@b.example>"
    assert people_to_invite.read(several) == [
        Line("a@b.example", number=1),
        Line("b@b.example", "B Birch", number=1),
        Line("c@b.example", number=1),
        Line("d@b.example", number=2),
    ]
    for unclear in ("a@b.example, Anna, b@b.example, Bert", "a@b.example b@b.example Bert"):
        (one,) = people_to_invite.read(unclear)
        assert "is not clear" in one.problem
    assert people_to_invite.read('"Ash, Anna" <anna@b.example>')[0].email == "anna@b.example"
    assert people_to_invite.read('email,name,units\n\'=x@b.example,"A, B",One; Two\n,,\n') == [
        Line("=x@b.example", "A, B", "", ("One", "Two"), number=2)
    ]
    (odd,) = people_to_invite.read('\n"E mail",,Full_name\n"x@b.example",more,"X\nX"\n')
    assert (odd.number, odd.name, odd.problem) == (
        3,
        "X\nX",
        "There is something in this line that stands under no heading.",
    )
    for heading, code in (("email,mail", "heading_twice"), ("name,role", "no_email"), ("name,age", "unknown_heading")):
        with pytest.raises(Invalid) as invalid:
            people_to_invite.read(heading)
        assert invalid.value.errors[0].code == code
