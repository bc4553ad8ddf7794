"""Create a user in an organisation, with role and units at creation."""

from __future__ import annotations

from typing import Any

import pytest

from common import clock
from common.errors import Conflict
from customers.domain.people import take_on
from customers.models import Invitation, User
from mails.models import Mail
from organisations.domain.units import create_unit
from organisations.models import Organisation
from permissions.models import Membership
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY, desk
from tests.security.world import World

pytestmark = pytest.mark.django_db

ACTING = "Asked%20by%20telephone"


def path(world: World) -> str:
    return f"organisations/{world.ids['a_org']}/users/"


def body(world: World, **more: Any) -> dict[str, Any]:
    return {"email": "anna@culm.example", "name": "Anna Ash", "role": world.ids["rol_viewer"], **more}


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("a_owner", 202),
        ("a_key", 202),
        # Of one unit only.
        ("a_manager", 403),
        ("a_viewer", 403),
        ("both", 403),
        ("a_left", 404),
        ("b_owner", 404),
        ("conn_owner", 404),
        ("support", 400),
        ("anonymous", 401),
    ],
)
def test_who_may(world: World, persona: str, status: int) -> None:
    assert world.api(persona).post(path(world), body(world)).status_code == status
    assert Invitation.objects.filter(email="anna@culm.example").count() == (1 if status == 202 else 0)
    assert not User.objects.filter(email="anna@culm.example").exists()


def test_an_owner_invites_with_role_and_units(world: World) -> None:
    made = world.api("a_owner").post(path(world), body(world, units=[world.ids["a_farm"]]))
    assert made.status_code == 202
    told = made.json()
    assert (told["state"], told["role"]["key"], told["all_units"]) == ("pending", "viewer", False)
    assert [unit["id"] for unit in told["units"]] == [world.ids["a_farm"]]
    assert "token" not in made.content.decode()
    assert Mail.objects.get(kind="invitation").recipient == "anna@culm.example"


def test_known_and_unknown_addresses_are_answered_alike(world: World) -> None:
    """41: whether somebody has an account is told to nobody, and nothing happens to her before she consents."""
    answers = []
    for email in ("nobody@culm.example", "b_viewer@people.example"):
        answer = world.api("a_owner").post(path(world), body(world, email=email))
        told = answer.json()
        answers.append((answer.status_code, {**told, "id": "", "email": "", "expires_at": ""}))
    assert answers[0] == answers[1]
    assert not Membership.objects.filter(user=world.people["b_viewer"], organisation=world.a.organisation).exists()


def test_what_is_wrong_is_said(world: World) -> None:
    api = world.api("a_owner")
    for sent, wrong in (
        (body(world, email="no address"), ("/email", "invalid")),
        (body(world, role=world.ids["b_rol"]), ("/role", "not_found")),
        (body(world, units=[world.ids["b_farm"]]), ("/units/0", "not_found")),
        (body(world, units=[]), ("/units", "empty")),
        (body(world, all_units=False), ("/units", "empty")),
        (body(world, all_units=True, units=[world.ids["a_farm"]]), ("/units", "all_units")),
        (body(world, is_staff=True), ("/is_staff", "unknown_field")),
        (body(world, password="x"), ("/password", "unknown_field")),
        (body(world, email="a_viewer@people.example"), ("/email", "member_already")),
    ):
        assert errors(api.post(path(world), sent)) == [wrong], sent


def test_staff_make_the_account_at_once(world: World) -> None:
    made = world.api("support").post(path(world), body(world, units=[world.ids["a_farm"]]), acting_reason=ACTING)
    assert made.status_code == 201
    assert made["Location"].endswith(f"users/{made.json()['id']}/")
    user = User.objects.get(email="anna@culm.example")
    assert not user.has_usable_password()
    assert not user.is_staff
    membership = Membership.objects.get(user=user)
    assert (membership.role.key, list(membership.units.all())) == ("viewer", [world.a.farm])
    assert Mail.objects.get(kind="welcome").recipient == user.email


def test_whom_staff_know_consents_too(world: World) -> None:
    known = body(world, email="B_Viewer@people.example")
    assert world.api("support").post(path(world), known, acting_reason=ACTING).status_code == 202
    assert not Membership.objects.filter(user=world.people["b_viewer"], organisation=world.a.organisation).exists()


def test_staff_on_their_site(world: World) -> None:
    sent: dict[str, Any] = {
        "organisation": world.a.organisation.pk,
        "email": "anna@culm.example",
        "name": "Anna Ash",
        "role": world.roles["viewer"].pk,
        "units": [world.a.farm.pk],
    }
    client = world.client("support")
    assert client.post(desk(Membership, "add"), sent).status_code == 200
    assert not User.objects.filter(email="anna@culm.example").exists()
    assert client.post(desk(Membership, "add"), {**sent, "reason": WHY}).status_code == 302
    assert Membership.objects.get(user__email="anna@culm.example").organisation == world.a.organisation


def test_a_record_has_no_people(world: World) -> None:
    shell = f"organisations/{world.ids['shell']}/users/"
    answer = world.api("support").post(shell, body(world), acting_reason=ACTING)
    problem(answer, 409, "shell")


def test_nobody_and_no_unit_come_into_what_has_ended(world: World) -> None:
    """Put away, in the days before it is removed, merged into another: by staff and by whichever door."""
    api, company = world.api("support"), Organisation.objects.filter(pk=world.a.organisation.pk)
    now = clock.now()
    for state, values in (
        ("archived", {"archived_at": now}),
        ("merged", {"archived_at": now, "merged_into": world.b.organisation}),
        ("removed", {"archived_at": now, "merged_into": None, "removed_at": now}),
    ):
        company.update(**values)
        organisation = company.get()
        for email in ("anna@culm.example", "b_viewer@people.example"):
            with pytest.raises(Conflict) as refused:
                take_on(world.acting(), organisation=organisation, email=email, name="A", role=world.roles["owner"])
            assert refused.value.code == state
        with pytest.raises(Conflict):
            create_unit(world.acting(), organisation=organisation, name="Barn")
        if state == "archived":
            problem(api.post(path(world), body(world), acting_reason=ACTING), 409, "archived")
    assert not Mail.objects.filter(kind__in=["welcome", "invitation"], recipient="anna@culm.example").exists()
