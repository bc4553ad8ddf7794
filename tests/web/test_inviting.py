"""The pages on which people are invited."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers import people_to_invite
from customers.models import Invitation
from customers.people_to_invite import Line
from tests.security.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """Two tenants."""
    return build()


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
    form = {"people": people, "role": world.ids["rol_viewer"], "message": "Welcome"}
    answer = world.client("a_owner").post(page(world, "invite_many"), form)
    shown = answer.content.decode()
    assert "2 of 4 are invited." in shown
    assert "There is no e-mail address in this line." in shown
    assert "A Viewer is a member already." in shown
    made = Invitation.objects.filter(message="Welcome").order_by("pk")
    assert list(made.values_list("email", "name")) == [
        ("anna@people.example", "Anna Ash"),
        ("bert@people.example", "Bert"),
    ]
    file = base64.b64decode(shown.partition("base64,")[2].partition('"')[0]).decode()
    assert file.splitlines()[0] == "email,name,outcome,detail"
    assert "anna@people.example,Anna Ash,invited,Invited." in file


def test_many_from_a_file(world: World) -> None:
    table = (
        "\ufeffName;E-Mail;Role;Units\r\n"
        f"Anna;anna@people.example;Manager;{world.a.farm.name}\r\n"
        "Bert;bert@people.example;Emperor;\r\n"
        f"Cora;cora@people.example;;{world.b.farm.name}\r\n"
    )
    form = {"role": world.ids["rol_viewer"], "file": SimpleUploadedFile("people.csv", table.encode())}
    shown = world.client("a_owner").post(page(world, "invite_many"), form).content.decode()
    assert "There is no role “Emperor” that you can give." in shown
    assert f"There is no unit “{world.b.farm.name}”." in shown
    row = Invitation.objects.get(email="anna@people.example")
    assert (row.role, list(row.units.all())) == (world.roles["manager"], [world.a.farm])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 100_001])
def test_files_that_cannot_be_used(world: World, content: bytes) -> None:
    form = {"role": world.ids["rol_viewer"], "file": SimpleUploadedFile("people.csv", content)}
    assert world.client("a_owner").post(page(world, "invite_many"), form).status_code == 422
    assert world.client("a_owner").post(page(world, "invite_many"), {"role": form["role"]}).status_code == 422


def test_the_list_is_filtered_and_acted_on(world: World) -> None:
    browser = world.client("a_owner")
    shown = browser.get(page(world, "invitations")).content.decode()
    assert "invited-by-a@people.example" in shown
    assert "invited-by-b@people.example" not in shown
    assert (
        "No invitation is in this state" in browser.get(page(world, "invitations") + "?state=failed").content.decode()
    )
    args = [world.ids["a_org"], world.ids["a_inv"]]
    assert "goes to" in browser.post(reverse("invitation_resend", args=args), follow=True).content.decode()
    assert "is revoked" in browser.post(reverse("invitation_revoke", args=args), follow=True).content.decode()
    assert browser.post(reverse("invitation_revoke", args=args)).status_code == 409
    assert browser.post(reverse("invitation_revoke", args=[world.ids["a_org"], world.ids["b_inv"]])).status_code == 404


def test_reading_lists() -> None:
    assert people_to_invite.read("") == []
    assert people_to_invite.read("a@b.example\n\n  ,x\n") == [
        Line("a@b.example"),
        Line(",x", problem="There is no e-mail address in this line."),
    ]
    assert people_to_invite.read('"Ash, Anna" <anna@b.example>')[0].email == "anna@b.example"
    assert people_to_invite.read('email,name,units\n\'=x@b.example,"A, B",One; Two\n,,\n') == [
        Line("=x@b.example", "A, B", "", ("One", "Two"))
    ]
