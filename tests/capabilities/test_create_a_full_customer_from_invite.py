"""Create a full customer from an invitation: the contact takes the record over; what it was connected with stays."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outgoing
from django.urls import reverse

from customers.models import User
from organisations.models import Connection, Organisation
from tests.api.client import Api, problem
from tests.factories import PASSWORD, UserFactory
from tests.security.test_invitations import send
from tests.security.world import World

pytestmark = pytest.mark.django_db

EMAIL = "sil@silverton.example"


@pytest.fixture
def token(world: World) -> str:
    """What the link carries that A has sent to the shell's contact."""
    body = {"kind": "claim", "organisation": world.ids["shell"], "email": EMAIL, "message": "Please take it over."}
    made = world.api("a_owner").post("invitations/", body)
    assert made.status_code == 201
    return send(made.json()["id"])


def claimed(world: World) -> None:
    shell = Organisation.objects.get(pk=world.shell.pk)
    assert (shell.kind, shell.claimed_at is not None, shell.created_by_organisation) == (
        "full",
        True,
        world.a.organisation,
    )
    membership = shell.memberships.get()
    assert (membership.user.email, membership.role.key, membership.all_units) == (EMAIL, "owner", True)
    assert EmailAddress.objects.get(user=membership.user).verified
    assert Connection.objects.filter(organisation=world.a.organisation, other=shell).count() == 1


def test_through_the_api(world: World, token: str) -> None:
    problem(world.api("anonymous").post("invitations/accept/", {"token": token}), 400, "invalid")
    new = {"token": token, "name": "Sil Verton", "password": PASSWORD}
    answer = world.api("anonymous").post("invitations/accept/", new)
    assert answer.status_code == 200
    assert answer.json()["organisation"]["id"] == world.ids["shell"]
    assert (answer.json()["role"], answer.json()["account_created"]) == ("Account owner", True)
    claimed(world)
    owner = Api(User.objects.get(email=EMAIL))
    assert owner.patch(f"organisations/{world.ids['shell']}/", {"town": "Silverton"}, if_match="*").status_code == 200
    unit = owner.post(f"organisations/{world.ids['shell']}/business-units/", {"name": "Barn"})
    assert unit.status_code == 201


def test_through_the_api_by_somebody_who_has_an_account(world: World, token: str) -> None:
    user = UserFactory.create(email=EMAIL)
    problem(world.api("anonymous").post("invitations/accept/", {"token": token}), 409, "sign_in_first")
    answer = Api(user).post("invitations/accept/", {"token": token})
    assert (answer.status_code, answer.json()["account_created"]) == (200, False)
    claimed(world)


def test_through_the_page(world: World, token: str) -> None:
    assert "A Owner (Ashclyst Farms) works with Silverton Storage" in str(outgoing.outbox[-1].body)
    browser = world.client("anonymous")
    shown = browser.get(f"/invitations/{token}/", follow=True).content.decode()
    for words in ("Take over the record of Silverton Storage", "A Owner (Ashclyst Farms)", "Account owner", EMAIL):
        assert words in shown
    wrong = browser.post("/invitations/open/", {"answer": "accept", "name": "Sil", "password": "short"})
    assert wrong.status_code == 422
    assert world.shell.memberships.count() == 0
    done = browser.post("/invitations/open/", {"answer": "accept", "name": "Sil", "password": PASSWORD}, follow=True)
    assert "You belong to Silverton Storage now." in done.content.decode()
    claimed(world)
    assert int(browser.session["_auth_user_id"]) == User.objects.get(email=EMAIL).pk


def test_declined_on_the_page(world: World, token: str) -> None:
    browser = world.client("anonymous")
    browser.get(f"/invitations/{token}/")
    assert "You have declined" in browser.post("/invitations/open/", {"answer": "decline"}).content.decode()
    assert browser.get(f"/invitations/{token}/").status_code == 410
    assert Organisation.objects.get(pk=world.shell.pk).kind == "shell"


def test_somebody_with_an_account_signs_in_and_comes_back(world: World, token: str) -> None:
    UserFactory.create(email=EMAIL)
    browser = world.client("anonymous")
    shown = browser.get(f"/invitations/{token}/", follow=True).content.decode()
    assert "Sign in to accept" in shown
    to_sign_in = browser.post("/invitations/open/sign-in/")
    back = browser.post(to_sign_in["Location"], {"login": EMAIL, "password": PASSWORD})
    assert back["Location"] == "/invitations/open/"
    assert "Accept and take it over" in browser.get("/invitations/open/").content.decode()
    assert browser.post("/invitations/open/", {"answer": "accept"}).status_code == 302
    claimed(world)


def test_through_the_admin(world: World) -> None:
    browser = world.client("administrator")
    data = {"kind": "claim", "organisation": world.shell.pk, "email": EMAIL, "reason": "They rang"}
    assert browser.post(reverse("admin:customers_invitation_add"), data).status_code == 302
    row = world.shell.invitations.get()
    token = send(row.public_id)
    assert "Hectare works with Silverton Storage" not in str(outgoing.outbox[-1].body)
    new = {"token": token, "name": "Sil", "password": PASSWORD}
    assert world.api("anonymous").post("invitations/accept/", new).status_code == 200
    claimed(world)
