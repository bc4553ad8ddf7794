"""Capability: get all users. For Hectare staff, through API and admin; to everybody else there is nothing there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from customers.models import User
from mails.models import Mail
from tests.api.client import errors, problem
from tests.factories import MembershipFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

WHERE = "customers/users/"
WHY = {"acting_reason": "Asked by telephone"}


def _emails(world: World, query: str = "") -> list[str]:
    answer = world.api("support").get(f"{WHERE}{query}")
    assert answer.status_code == 200, answer.content
    return sorted(one["email"].partition("@")[0] for one in answer.json()["results"])


def test_everybody_and_those_asked_for(world: World) -> None:
    assert len(_emails(world, "?page_size=100")) == User.objects.count()
    of_b = ["b_contributor", "b_left", "b_manager", "b_owner", "b_viewer", "both"]
    assert _emails(world, f"?organisation={world.ids['b_org']}") == of_b
    assert _emails(world, "?staff=true") == ["administrator", "support"]
    assert "support" not in _emails(world, "?staff=false&page_size=100")
    assert _emails(world, "?state=deactivated") == ["deactivated"]
    assert _emails(world, "?state=erased") == []
    assert _emails(world, "?q=conn_own") == ["conn_owner"]
    assert _emails(world, f"?q={world.ids['usr_both']}") == ["both"]
    later = (clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert _emails(world, f"?updated_since={later}") == []
    assert errors(world.api("support").get(f"{WHERE}?organisation=x")) != []


def test_one_of_them(world: World) -> None:
    told = world.api("support").get(f"{WHERE}{world.ids['usr_both']}/").json()
    assert [(one["organisation"]["name"], one["role"]) for one in told["organisations"]] == [
        ("Ashclyst Farms", "Coordinator"),
        ("Bickleigh Foods", "Viewer"),
    ]
    assert (told["staff"], told["email_verified"], told["second_factor"]) == (False, True, False)


def test_shut_out_and_let_in(world: World) -> None:
    api, where = world.api("support"), f"{WHERE}{world.ids['usr_a_viewer']}/"
    assert api.patch(where, {"active": False, "name": "Vi"}, **WHY).json()["state"] == "deactivated"
    assert api.patch(where, {"active": True}, **WHY).json()["state"] == "active"
    assert problem(api.patch(where, {"active": False}), 400, "reason_required")
    own = api.patch(f"{WHERE}{world.ids['usr_b_owner']}/", {"active": False}, **WHY)
    assert problem(own, 409, "not_possible_now")["rule"] == "U7"
    staff = world.api("administrator").patch(f"{WHERE}{world.ids['usr_support']}/", {"active": False}, **WHY)
    assert errors(staff) == [("/active", "staff")]


def test_what_staff_do_for_her(world: World) -> None:
    """Her sessions end, her link goes to her, her second factor goes; she is told of each."""
    api, where = world.api("support"), f"{WHERE}{world.ids['usr_a_viewer']}/"
    user = world.people["a_viewer"]
    browser = world.client("a_viewer")
    assert browser.get("/account/").status_code == 200
    UserSession.objects.get_or_create(
        user=user, session_key=browser.session.session_key, defaults={"ip": "192.0.2.1", "user_agent": "x"}
    )
    assert api.post(f"{where}end-sessions/", **WHY).json() == {"ended": 1}
    assert browser.get("/account/").status_code == 302
    assert api.post(f"{where}start-reset/", **WHY).status_code == 204
    assert problem(api.post(f"{where}clear-second-factor/", **WHY), 409, "no_second_factor")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert api.post(f"{where}clear-second-factor/", **WHY).json() == {"ended": 1}
    assert not Authenticator.objects.filter(user=user).exists()
    assert list(Mail.objects.order_by("pk").values_list("kind", "recipient")) == [
        ("sessions_ended", user.email),
        ("password_reset", user.email),
        ("second_factor_cleared", user.email),
    ]
    closed = f"{WHERE}{world.ids['usr_deactivated']}/start-reset/"
    assert problem(api.post(closed, **WHY), 409, "inactive")


def test_the_same_through_the_admin(world: World) -> None:
    client, page = world.client("support"), f"/admin/customers/user/{world.people['a_viewer'].pk}/"
    shown = client.get("/admin/customers/user/").content.decode()
    assert "a_viewer@people.example" in shown
    assert "administrator@hectare.farm" not in shown
    # Nobody is made here, in no organisation and with an address that nobody has confirmed.
    assert client.get("/admin/customers/user/add/").status_code == 403
    User.objects.filter(pk=world.people["deactivated"].pk).update(erased_at=clock.now())
    for asked, name in (
        (f"organisation={world.ids['b_org']}&role=owner", "b_owner"),
        ("organisation=bickleigh&role=manager", "b_manager"),
        ("state=erased", "deactivated"),
    ):
        found = client.get(f"/admin/customers/user/?{asked}").context["cl"].result_list
        assert [row.pk for row in found] == [world.people[name].pk], asked
    for act in ("end-sessions", "start-reset"):
        assert client.post(f"{page}act/{act}/", {"reason": ""}).status_code == 200
        assert client.post(f"{page}act/{act}/", {"reason": "Asked by telephone"}).status_code == 302
    assert "has no second factor" in client.post(f"{page}act/clear-second-factor/", {"reason": "x"}).content.decode()
    assert Mail.objects.count() == 2


def test_as_many_statements_for_one_as_for_many(world: World) -> None:
    api = world.api("support")
    counts = []
    for more in (0, 2):
        for _ in range(more):
            MembershipFactory.create(organisation=world.b.organisation)
        with CaptureQueriesContext(connection) as seen:
            assert api.get(f"{WHERE}?organisation={world.ids['b_org']}").status_code == 200
        counts.append(len(seen))
    assert counts == [5, 5]
    with CaptureQueriesContext(connection) as seen:
        assert api.get("customers/admin/").status_code == 200
    assert len(seen) == 5


@pytest.mark.parametrize("persona", ["a_owner", "a_viewer", "a_key"])
def test_nothing_there_for_others(world: World, persona: str) -> None:
    api = world.api(persona)
    for where in (WHERE, f"{WHERE}{world.ids['usr_a_owner']}/", f"{WHERE}{world.ids['usr_b_owner']}/"):
        assert problem(api.get(where), 404, "not_found")
