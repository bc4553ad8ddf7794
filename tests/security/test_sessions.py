"""Attacks on sessions: 51 to 53, 55."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from common import clock
from customers.domain import accounts
from customers.models import User
from customers.sessions import NOTED_EVERY, limits
from mails.models import Mail
from mails.tasks import deliver
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

NEW = "seven brown hens 1"


def sign_in(user: User, password: str = PASSWORD, client: Client | None = None, **more: Any) -> Client:
    """A browser in which somebody has typed her e-mail and password."""
    browser = client or Client()
    response = browser.post("/accounts/login/", {"login": user.email, "password": password, **more})
    assert response.status_code == 302, response.content
    return browser


def is_in(client: Client) -> bool:
    """Whether somebody is signed in there."""
    return client.get("/account/").status_code == 200


def _with_cookie(value: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = value
    return client


def test_attack_51_a_session_that_was_planted_before_is_useless() -> None:
    user = UserFactory.create()
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    sign_in(user, client=client)
    assert client.cookies["sessionid"].value != planted
    assert is_in(client)
    assert not is_in(_with_cookie(planted))


def test_attack_51_an_id_that_the_server_never_gave_is_not_taken() -> None:
    client = _with_cookie("a" * 32)
    sign_in(UserFactory.create(), client=client)
    assert client.cookies["sessionid"].value != "a" * 32


def test_attack_52_an_old_cookie_is_refused_after_signing_out() -> None:
    client = sign_in(UserFactory.create())
    old = client.cookies["sessionid"].value
    assert client.post("/accounts/logout/").status_code == 302
    assert not is_in(_with_cookie(old))


def test_attack_52_a_changed_password_ends_the_other_sessions() -> None:
    user = UserFactory.create()
    here, there = sign_in(user), sign_in(user)
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    response = here.post("/accounts/password/change/", sent, follow=True)
    assert "signed out everywhere else" in response.content.decode()
    assert is_in(here)
    assert not is_in(there)
    assert Mail.objects.get().kind == "password_changed"
    assert not User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_attack_52_a_password_set_by_a_link_ends_all_sessions() -> None:
    from customers import links

    user = UserFactory.create()
    there = sign_in(user)
    user.refresh_from_db()
    path = links.set_password_url(user, links.RESET).removeprefix("http://testserver")
    assert Client().post(path, {"password1": NEW, "password2": NEW}).status_code == 302
    assert not is_in(there)


def test_attack_52_who_is_deactivated_is_out_at_once_and_so_are_her_keys(world: World) -> None:
    owner = world.people["a_owner"]
    client = world.client("a_owner")
    assert is_in(client)
    with_key = world.api("a_key")
    assert with_key.get("/api/v1/me/").status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert not is_in(client)
    assert client.get("/api/v1/me/").status_code == 401
    assert with_key.get("/api/v1/me/").status_code == 401


def test_attack_52_somebody_is_signed_out_everywhere() -> None:
    user = UserFactory.create()
    clients = [sign_in(user), sign_in(user)]
    for client in clients:
        assert is_in(client)
    assert accounts.end_sessions(user) == 2
    assert [is_in(client) for client in clients] == [False, False]


@pytest.mark.parametrize("is_staff", [False, True])
def test_attack_53_a_session_ends_without_use_and_after_all(is_staff: bool, settings: Any) -> None:
    user = (StaffFactory if is_staff else UserFactory).create()
    idle, absolute = limits(is_staff=is_staff)
    assert (idle, absolute) == (
        (timedelta(hours=8), timedelta(hours=24)) if is_staff else (timedelta(days=14), timedelta(days=30))
    )
    start = timezone.now()
    with time_machine.travel(start, tick=False) as moved:
        left_alone = sign_in(user, remember="on")
        moved.shift(idle - timedelta(minutes=1))
        assert is_in(left_alone)
        moved.shift(idle + timedelta(minutes=1))
        answer = left_alone.get("/account/", follow=True)
        assert "some time has passed" in answer.content.decode()
        assert not is_in(left_alone)

        moved.move_to(start)
        used = sign_in(user, remember="on")
        step = idle - NOTED_EVERY - timedelta(minutes=1)
        while clock.now() + step < start + absolute:
            moved.shift(step)
            assert is_in(used)
        moved.move_to(start + absolute + timedelta(minutes=1))
        assert not is_in(used)
        assert used.get("/api/v1/me/").status_code == 401


def test_attack_53_being_seen_costs_a_write_only_now_and_then(django_assert_num_queries: Any) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as moved:
        client = sign_in(UserFactory.create(), remember="on")
        seen = client.session["hectare_seen"]
        moved.shift(NOTED_EVERY - timedelta(seconds=1))
        assert is_in(client)
        assert client.session["hectare_seen"] == seen
        moved.shift(timedelta(seconds=2))
        assert is_in(client)
        assert client.session["hectare_seen"] != seen


def test_attack_55_changing_the_e_mail(settings: Any) -> None:
    user = UserFactory.create(email="old@culm.example")
    client = sign_in(user)
    change = {"action_add": "", "email": "new@culm.example"}
    later = timezone.now() + timedelta(minutes=30)
    with time_machine.travel(later):
        # Who sits at an open browser does not know the password.
        response = client.post("/accounts/email/", change)
        assert response["Location"].startswith("/accounts/reauthenticate/")
        assert not EmailAddress.objects.filter(email="new@culm.example").exists()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.post("/accounts/email/", change)
        user.refresh_from_db()
        assert user.email == "old@culm.example"
        posted = {one.kind: one for one in Mail.objects.all()}
        assert posted["email_change_asked"].recipient == "old@culm.example"
        assert posted["confirm_email"].recipient == "new@culm.example"
        deliver(posted["confirm_email"].public_id)
        found = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
        assert found
        # Until it is confirmed the old one counts, also after a scanner of mails has read the page.
        Client().get(found.group(1))
        sign_in(user)
        assert Client().post("/accounts/login/", {"login": "new@culm.example", "password": PASSWORD}).status_code == 200
        client.post(found.group(1))
    user.refresh_from_db()
    assert user.email == "new@culm.example"
    assert [one.email for one in EmailAddress.objects.filter(user=user)] == ["new@culm.example"]
    told = Mail.objects.get(kind="email_changed")
    assert (told.recipient, told.data["new_email"]) == ("old@culm.example", "new@culm.example")


def test_attack_55_an_address_that_others_sign_in_with_cannot_be_taken() -> None:
    user, other = UserFactory.create(), UserFactory.create(email="other@culm.example")
    EmailAddress.objects.filter(user=other).delete()
    mine = EmailAddress.objects.create(user=user, email="other@culm.example", verified=False)
    client = sign_in(user)
    from allauth.account.models import EmailConfirmationHMAC

    client.post(f"/accounts/confirm-email/{EmailConfirmationHMAC(mine).key}/")
    user.refresh_from_db()
    assert user.email != "other@culm.example"
    assert not EmailAddress.objects.get(pk=mine.pk).verified
