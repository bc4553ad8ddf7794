"""Capability: admin users. Hectare's own people, through API and admin; there is no page of it for customers."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.test import Client

from customers.models import User
from mails.models import Mail
from mails.tasks import deliver
from permissions.trail import Filters, of_all
from tests.api.client import errors, problem
from tests.security.world import World

pytestmark = pytest.mark.django_db

WHERE = "customers/admin/"
NEW = {"email": "Nora.New@Hectare.Farm", "name": "Nora New"}
WHY = {"acting_reason": "Joins on Monday"}


def test_created_through_the_api_and_signs_in_by_her_link(world: World) -> None:
    """A link and nothing else: until she has followed it, her address is not confirmed and nothing lets her in."""
    made = world.api("administrator").post(WHERE, NEW, **WHY)
    assert made.status_code == 201
    told = made.json()
    assert (told["email"], told["administrator"], told["state"], told["email_verified"]) == (
        "nora.new@hectare.farm",
        False,
        "active",
        False,
    )
    user = User.objects.get(public_id=told["id"])
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert not EmailAddress.objects.get(user=user).verified
    deliver(Mail.objects.get(kind="welcome").public_id)
    (letter,) = outbox.outbox
    assert letter.to == ["nora.new@hectare.farm"]
    link = next(word for word in str(letter.body).split() if "/set-password/" in word)
    browser = Client()
    secret = "a sentence that nobody guesses"
    assert browser.post(link.removeprefix("http://testserver"), {"password1": secret, "password2": secret}).status_code
    assert EmailAddress.objects.get(user=user).verified
    assert browser.post("/accounts/login/", {"login": user.email, "password": secret}).status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_listed_read_changed_deactivated_and_let_in_again(world: World) -> None:
    api = world.api("administrator")
    assert [one["email"] for one in world.api("support").get(WHERE).json()["results"]] == [
        "support@hectare.farm",
        "administrator@hectare.farm",
    ]
    assert [one["name"] for one in api.get(f"{WHERE}?q=supp").json()["results"]] == ["Support"]
    assert api.get(f"{WHERE}?state=deactivated").json()["results"] == []
    where = f"{WHERE}{world.ids['usr_support']}/"
    changed = api.patch(where, {"name": "Sue", "administrator": True}, **WHY)
    assert (changed.status_code, changed.json()["name"], changed.json()["administrator"]) == (200, "Sue", True)
    assert api.delete(where, **WHY).status_code == 204
    assert api.get(where).json()["state"] == "deactivated"
    assert api.patch(where, {"active": True}, **WHY).json()["state"] == "active"
    # A customer's person is not there, and is not made staff by naming her.
    other = f"{WHERE}{world.ids['usr_a_owner']}/"
    assert [api.get(other).status_code, api.patch(other, {"administrator": True}, **WHY).status_code] == [404, 404]


def test_an_administrator_stays(world: World) -> None:
    api = world.api("administrator")
    own = f"{WHERE}{world.ids['usr_administrator']}/"
    assert errors(api.patch(own, {"administrator": False}, **WHY)) == [("/administrator", "oneself")]
    assert errors(api.delete(own, **WHY)) == [("/active", "oneself")]


def test_support_sees_and_does_not_change(world: World) -> None:
    api = world.api("support")
    assert problem(api.post(WHERE, NEW, **WHY), 403, "refused")["rule"] == "S2"
    for where in (f"{WHERE}{world.ids['usr_support']}/", f"{WHERE}{world.ids['usr_administrator']}/"):
        assert problem(api.patch(where, {"administrator": True}, **WHY), 403, "refused")["rule"] == "S2"
        assert problem(api.delete(where, **WHY), 403, "refused")["rule"] == "S2"


def test_a_reason_is_asked_for(world: World) -> None:
    assert problem(world.api("administrator").post(WHERE, NEW), 400, "reason_required")


def test_through_the_admin(world: World) -> None:
    client = world.client("administrator")
    page = "/admin/customers/staffuser/"
    shown = client.get(page).content.decode()
    assert "support@hectare.farm" in shown
    assert "a_owner@people.example" not in shown
    made = client.post(f"{page}add/", {**NEW, "administrator": "on", "reason": "Joins on Monday"})
    assert made.status_code == 302
    nora = User.objects.get(email="nora.new@hectare.farm")
    assert (nora.is_staff, nora.is_superuser) == (True, True)
    changed = client.post(f"{page}{nora.pk}/change/", {"name": "Nora", "reason": "Not so much"})
    assert changed.status_code == 302
    nora.refresh_from_db()
    assert (nora.name, nora.is_superuser) == ("Nora", False)
    assert client.post(f"{page}{nora.pk}/act/deactivate/", {"reason": "Left"}).status_code == 302
    assert not User.objects.get(pk=nora.pk).is_active
    assert client.post(f"{page}{nora.pk}/act/reactivate/", {"reason": "Came back"}).status_code == 302
    assert User.objects.get(pk=nora.pk).is_active
    refused = world.client("support").post(f"{page}{nora.pk}/act/deactivate/", {"reason": "No"})
    assert (refused.status_code, "S2" in refused.content.decode()) == (200, True)


def test_who_made_whom_is_in_the_trail(world: World) -> None:
    world.api("administrator").post(WHERE, NEW, **WHY)
    entries = of_all(world.access("administrator"), Filters(), size=5).entries
    assert any((one.actor_name, one.reason) == ("Administrator", "Joins on Monday") for one in entries)
