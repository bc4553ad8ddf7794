"""Attacks on invitations, through the API and the pages: 34 to 43."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail as outgoing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from common import clock
from customers.models import Invitation, User
from mails.models import Mail, MailStatus
from mails.tasks import deliver
from permissions.models import Membership
from tests.api.client import Api, problem
from tests.factories import PASSWORD, UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db


def send(invitation: str) -> str:
    """Send the newest mail of an invitation; the token in it."""
    row = Mail.objects.filter(about=invitation, kind__in=["invitation", "claim"]).order_by("pk").last()
    assert row is not None
    Mail.objects.filter(pk=row.pk).update(status=MailStatus.QUEUED)
    deliver(row.public_id)
    return str(outgoing.outbox[-1].body).partition("/invitations/")[2].partition("/")[0]


def body(world: World, email: str = "new@people.example", **more: Any) -> dict[str, Any]:
    return {"organisation": world.ids["a_org"], "email": email, "role": world.ids["rol_viewer"]} | more


def form(world: World) -> dict[str, Any]:
    """What the pages want besides whom to invite."""
    return {"role": world.ids["rol_viewer"], "scope": "all", "message": ""}


def join(world: World, tenant: str = "a") -> User:
    """The account of the person whom a tenant has invited."""
    user: User = UserFactory.create(email=f"invited-by-{tenant}@people.example")
    return user


def test_attack_34_the_database_holds_no_usable_token(world: World) -> None:
    made = world.api("a_owner").post("invitations/", body(world)).json()["id"]
    token = send(made)
    assert len(token) == 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone() == (0,), table


def test_attack_35_accepted_twice(world: World) -> None:
    user = join(world)
    first, second = (Api(user).post("invitations/accept/", {"token": world.a.token}) for _ in range(2))
    assert first.status_code == 200
    assert first.json()["organisation"] == {"id": world.ids["a_org"], "name": "Ashclyst Farms"}
    problem(second, 410, "gone")
    assert user.memberships.count() == 1


def test_attack_36_scanners_change_nothing(world: World) -> None:
    before = Invitation.objects.values().get(pk=world.a.invitation.pk)
    client = world.client("anonymous")
    for method in (client.get, client.head) * 5:
        assert method(f"/invitations/{world.a.token}/").status_code == 302
        assert method("/invitations/open/").status_code == 200
    assert world.api("anonymous").get("invitations/accept/").status_code in (401, 405)
    assert Invitation.objects.values().get(pk=world.a.invitation.pk) == before
    assert Session.objects.count() == len(world.browsers)


def test_attack_37_another_account_does_not_use_it_up(world: World) -> None:
    problem(world.api("b_owner").post("invitations/accept/", {"token": world.a.token}), 409, "wrong_account")
    problem(world.api("b_owner").post("invitations/decline/", {"token": world.a.token}), 409, "wrong_account")
    client = world.client("b_owner")
    page = client.get(f"/invitations/{world.a.token}/", follow=True)
    assert "Sign in with another account" in page.content.decode()
    for answer in ("accept", "decline"):
        assert client.post("/invitations/open/", {"answer": answer}).status_code == 409
    assert Invitation.objects.get(pk=world.a.invitation.pk).status == "pending"
    # The link is kept over signing out and in.
    user = join(world)
    User.objects.filter(pk=user.pk).update(email="INVITED-by-A@people.example")
    gone = client.post("/invitations/open/sign-in/")
    assert gone["Location"] == "/accounts/login/?next=%2Finvitations%2Fopen%2F"
    assert "_auth_user_id" not in client.session
    client.force_login(User.objects.get(pk=user.pk))
    assert "Ashclyst Farms" in client.get("/invitations/open/").content.decode()
    done = client.post("/invitations/open/", {"answer": "accept"})
    assert done["Location"] == f"/organisations/{world.ids['a_org']}/"
    assert user.memberships.get().organisation == world.a.organisation
    # Answered, the browser has forgotten the link: that says nothing of whether any works.
    again = client.get("/invitations/open/")
    assert (again.status_code, "Open the link in your mail again" in again.content.decode()) == (400, True)
    assert client.post("/invitations/open/", {"answer": "decline"}).status_code == 400


def test_attack_38_dead_links_are_told_alike(world: World) -> None:
    user = join(world)
    told = []
    sender = world.a.members["owner"]
    changes: list[tuple[Any, dict[str, Any]]] = [
        (world.a.invitation, {"status": "revoked"}),
        (world.a.invitation, {"status": "declined"}),
        (world.a.invitation, {"expires_at": clock.now()}),
        (world.a.invitation, {"role": None}),
        (world.a.invitation, {"token_hash": "0" * 64}),
        (world.a.organisation, {"archived_at": clock.now()}),
        (sender, {"is_active": False}),
        (sender, {"role": world.roles["contributor"]}),
        (sender.user, {"is_active": False}),
    ]
    for row, change in changes:
        rows = type(row)._default_manager.filter(pk=row.pk)
        before = rows.values(*change).get()
        rows.update(**change)
        answer = problem(Api(user).post("invitations/accept/", {"token": world.a.token}), 410, "gone")
        page = world.client("anonymous").get(f"/invitations/{world.a.token}/")
        assert page.status_code == 410
        told.append((answer["detail"], page.content.decode().partition("<main")[2].partition("</main")[0]))
        rows.update(**before)
    assert len(set(told)) == 1
    assert not user.memberships.exists()


def test_attack_39_who_was_removed_does_not_come_back(world: World) -> None:
    user = join(world)
    assert Api(user).post("invitations/accept/", {"token": world.a.token}).status_code == 200
    Membership.objects.filter(user=user).delete()
    problem(Api(user).post("invitations/accept/", {"token": world.a.token}), 410, "gone")


def test_attack_40_the_token_is_in_the_mail_only(world: World, caplog: pytest.LogCaptureFixture) -> None:
    owner = world.api("a_owner")
    made = owner.post("invitations/", body(world))
    token = send(made.json()["id"])
    kept = Invitation.objects.get(public_id=made.json()["id"]).token_hash
    shown = [owner.get("invitations/"), owner.get(made["Location"]), owner.post(f"{made['Location']}resend/")]
    token = send(made.json()["id"])
    client = world.client("anonymous")
    link = client.get(f"/invitations/{token}/")
    assert (link["Referrer-Policy"], link["Cache-Control"]) == ("no-referrer", "no-store")
    assert (link["Location"], link.cookies["invitation"]["httponly"]) == ("/invitations/open/", True)
    page = client.get("/invitations/open/")
    assert page["Cache-Control"] == "no-store"
    assert token not in page.content.decode()
    assert (
        client.post("/invitations/open/", {"answer": "accept", "name": "New", "password": PASSWORD}).status_code == 302
    )
    for one in (made, *shown):
        assert token not in one.content.decode()
        assert kept not in one.content.decode()
    assert token not in caplog.text
    assert "GET /invitations/…/" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pghistory_context AS t WHERE t::text LIKE %s", [f"%{token}%"])
        assert cursor.fetchone() == (0,)
    assert token not in str(Mail.objects.filter(about=made.json()["id"]).values())


def test_attack_41_known_and_unknown_addresses_look_alike(world: World) -> None:
    owner = world.api("a_owner")
    known = world.people["b_owner"]
    answers = [owner.post("invitations/", body(world, email)) for email in (known.email, "nobody@people.example")]
    assert [one.status_code for one in answers] == [201, 201]
    changing = ("id", "email", "created_at", "updated_at", "expires_at")
    bodies = [{name: value for name, value in one.json().items() if name not in changing} for one in answers]
    assert bodies[0] == bodies[1]
    # By the pages: one, and many.
    client, told = world.client("a_owner"), []
    for who in ("conn_owner", "somebody"):
        email = f"{who}@people.example"
        one = client.post(reverse("invite", args=[world.ids["a_org"]]), {**form(world), "email": email})
        many = client.post(reverse("invite_many", args=[world.ids["a_org"]]), {**form(world), "people": f"b_{email} B"})
        shown = re.sub(r"base64,[^\"]*", "", many.content.decode().partition("<main")[2]).replace(email, "")
        told.append((one.status_code, one["Location"], many.status_code, shown))
    assert told[0] == told[1]
    assert told[0][:3] == (302, reverse("invitations", args=[world.ids["a_org"]]), 200)
    assert not Membership.objects.filter(user=known, organisation=world.a.organisation).exists()


def test_attack_42_too_many_in_an_hour(world: World) -> None:
    owner = world.api("a_owner")
    people = [{"email": f"p{n}@people.example", "role": world.ids["rol_viewer"]} for n in range(200)]
    address = f"organisations/{world.ids['a_org']}/invitations/"
    with override_settings(INVITATIONS_PER_HOUR=5):
        done = owner.post(address, {"people": people[:4]})
        assert [one["outcome"] for one in done.json()["results"]] == ["invited"] * 4
        resent = owner.post(f"invitations/{done.json()['results'][0]['invitation']}/resend/")
        assert resent.status_code == 200
        for refused in (
            owner.post("invitations/", body(world)),
            owner.post(f"invitations/{done.json()['results'][0]['invitation']}/resend/"),
            owner.post(address, {"people": people[5:7]}),
            world.api("a_key").post("invitations/", body(world)),
        ):
            problem(refused, 429, "too_many")
            assert 0 < int(refused["Retry-After"]) <= 3601
        # By the pages; what was typed stays.
        client, org = world.client("a_owner"), world.ids["a_org"]
        file = SimpleUploadedFile("people.csv", b"Late <late@people.example>")
        for name, typed in (
            ("invite", {"email": "late@people.example"}),
            ("invite_many", {"people": "late@people.example"}),
            ("invite_many", {"file": file}),
        ):
            late = client.post(reverse(name, args=[org]), {**form(world), **typed})
            assert (late.status_code, 0 < int(late["Retry-After"]) <= 3601) == (429, True)
            assert "late@people.example" in late.content.decode()
    assert Invitation.objects.filter(email__startswith="p").count() == 4
    assert not Invitation.objects.filter(email__startswith="late").exists()


def test_attack_42_somebody_with_two_organisations_has_one_limit(world: World) -> None:
    Membership.objects.filter(user=world.people["both"]).update(role=world.roles["owner"])
    api = world.api("both")
    with override_settings(INVITATIONS_PER_HOUR=2):
        for org, status in (("a_org", 201), ("b_org", 201), ("b_org", 429)):
            answer = api.post("invitations/", body(world, f"{status}{org}@people.example", organisation=world.ids[org]))
            assert answer.status_code == status
        # Her colleague has her own; their organisation's has room for one more.
        for status in (201, 429):
            answer = world.api("b_owner").post(
                "invitations/", body(world, f"{status}@people.example", organisation=world.ids["b_org"])
            )
            assert answer.status_code == status


def test_attack_42_what_is_refused_costs_nothing(world: World) -> None:
    client, page = world.client("a_owner"), reverse("invite_many", args=[world.ids["a_org"]])
    refused = "\n".join(["typo"] * 60 + ["a_viewer@people.example", "p@people.example", "P@people.example"])
    with override_settings(INVITATIONS_PER_HOUR=3):
        assert client.post(page, {**form(world), "people": refused}).status_code == 200
        assert client.post(page, {**form(world), "people": "q@people.example\nr@people.example"}).status_code == 200
        assert client.post(page, {**form(world), "people": "s@people.example"}).status_code == 429


def test_attack_43_what_people_type_stays_text(world: World) -> None:
    owner = world.api("a_owner")
    name = "https://evil.example <b>Farms</b>"
    world.a.organisation.name = name
    world.a.organisation.save(update_fields=["name"])
    evil = "Look at https://evil.example/x\r\nBcc: all@people.example <img src=x onerror=alert(1)>"
    made = owner.post("invitations/", body(world, message=evil, name="www.evil.example"))
    assert made.status_code == 201
    token = send(made.json()["id"])
    sent = outgoing.outbox[-1]
    assert sent.to == ["new@people.example"]
    assert "\n" not in sent.subject
    assert not sent.bcc
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert "https://evil.example" not in html
    assert "https://evil.example" not in str(sent.body)
    assert "www.evil.example" not in str(sent.body)
    assert "<img" not in html
    assert "<b>Farms" not in html
    page = world.client("anonymous").get(f"/invitations/{token}/", follow=True).content.decode()
    assert "<b>Farms" not in page
    assert 'href="https://evil' not in page
    assert "<img src=x" not in page
    for wrong in ("a\nb@people.example", "a@people.example\nBcc: x@y.example"):
        assert owner.post("invitations/", body(world, wrong)).status_code == 400
