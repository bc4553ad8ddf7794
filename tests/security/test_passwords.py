"""Attacks on passwords and the links that set them: 50, 54, 56."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import password_validation
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from common.errors import Invalid
from config.settings import base
from customers import links
from customers.domain import accounts
from customers.models import User
from mails.models import Mail, MailStatus
from mails.tasks import deliver
from permissions.access import Access
from tests.api.client import errors
from tests.factories import MembershipFactory, StaffFactory, UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

NEW = "seven brown hens 1"


@pytest.fixture
def new_person() -> User:
    """An account that was made for somebody, without a password."""
    return User.objects.create_user("nell@culm.example", name="Nell New")


def _link(text: str) -> str:
    found = re.search(r"http://testserver(/set-password/\S+)", text)
    assert found
    return found.group(1)


def _set(url: str, password: str = NEW, client: Client | None = None) -> Any:
    return (client or Client()).post(url, {"password1": password, "password2": password})


def test_the_welcome_of_a_new_person(new_person: User) -> None:
    row = accounts.send_welcome(Access.none(), user=new_person)
    assert row.data == {}
    deliver(row.public_id)
    (sent,) = mail.outbox
    url = _link(str(sent.body))
    page = Client().get(url)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert _set(url)["Location"] == "/accounts/login/"
    new_person.refresh_from_db()
    assert new_person.check_password(NEW)
    assert EmailAddress.objects.filter(user=new_person, email=new_person.email, verified=True, primary=True).exists()
    assert [one.kind for one in Mail.objects.order_by("pk")] == ["welcome", "password_set"]
    # Once, and no second welcome to somebody who has a password.
    assert Client().get(url).status_code == 410
    assert _set(url).status_code == 410
    again = accounts.send_welcome(Access.none(), user=new_person)
    deliver(again.public_id)
    again.refresh_from_db()
    assert again.status == MailStatus.DROPPED


def test_attack_56_the_first_link_is_short_lived_and_nobody_else_chooses_a_password(new_person: User) -> None:
    url = links.set_password_url(new_person)
    start = timezone.now()
    with time_machine.travel(start + timedelta(hours=71)):
        assert Client().get(url).status_code == 200
    with time_machine.travel(start + timedelta(hours=73)):
        assert Client().get(url).status_code == 410
        assert _set(url).status_code == 410


def test_a_link_dies_with_what_it_was_made_for(new_person: User) -> None:
    url = links.set_password_url(new_person)
    other = UserFactory.create()
    assert Client().get(url.replace(new_person.public_id, other.public_id)).status_code == 410
    for change in ({"email": "other@culm.example"}, {"is_active": False}, {"last_login": timezone.now()}):
        before = {name: getattr(new_person, name) for name in change}
        User.objects.filter(pk=new_person.pk).update(**change)
        assert Client().get(url).status_code == 410, change
        User.objects.filter(pk=new_person.pk).update(**before)
    assert Client().get(url).status_code == 200


def _second_factor(user: User) -> None:
    TOTP.activate(user, generate_totp_secret())


def _asked_for(email: str) -> Mail:
    assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 302
    row = Mail.objects.order_by("-pk")[0]
    deliver(row.public_id)
    return row


def test_attack_50_a_new_password_does_not_switch_the_second_factor_off() -> None:
    user = UserFactory.create()
    _second_factor(user)
    _asked_for(user.email)
    client = Client()
    assert _set(_link(str(mail.outbox[-1].body)), client=client).status_code == 302
    assert client.get("/account/").status_code == 302
    answer = client.post("/accounts/login/", {"login": user.email, "password": NEW})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/account/").status_code == 302
    assert Authenticator.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("kvartet", False),
        ("kvartet1", True),
        ("only small letters", True),
        ("zwölf Birnen 梨", True),
        ("🐄🐑🐖🐓🦆🐐🐎🐕", True),
        ("x7" * 64, True),
        ("x7" * 100, True),
        ("password", False),
        ("iloveyou", False),
        ("football1", False),
        ("CulmDairy", False),
        ("culm-dairy-2026!", False),
        ("Cu1m D4iry 99", False),
        ("dairyculm1", False),
        ("Hectare2026", False),
        ("culm cows graze high", True),
        ("nell.new1", False),
    ],
)
def test_attack_54_passwords(new_person: User, password: str, accepted: bool) -> None:
    MembershipFactory.create(user=new_person, organisation__name="Culm Dairy Ltd")
    User.objects.filter(pk=new_person.pk).update(email="nell.new@culm.example")
    new_person.refresh_from_db()
    url = links.set_password_url(new_person).removeprefix("http://testserver")
    assert _set(url, password).status_code == (302 if accepted else 422), password
    new_person.refresh_from_db()
    assert new_person.has_usable_password() is accepted
    if accepted:
        # Unclipped: what is one letter short is another password.
        assert new_person.check_password(password)
        assert not new_person.check_password(password[:-1])


def test_attack_54_common_passwords_are_refused() -> None:
    words = gzip.decompress((Path(password_validation.__file__).parent / "common-passwords.txt.gz").read_bytes())
    common = [word for word in words.decode().split("\n")[:3000] if len(word) >= 8]
    assert len(common) > 300
    for word in common[:: len(common) // 40]:
        with pytest.raises(Invalid):
            accounts.check_password_rules(word, User(email="a@b.example", name="Ann"))


def test_attack_54_there_are_no_rules_of_composition_and_no_forced_changes() -> None:
    validators: list[Any] = list(base.AUTH_PASSWORD_VALIDATORS)
    names = [one["NAME"].rpartition(".")[2] for one in validators]
    assert names == [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NotTheOrganisation",
    ]


def test_attack_54_the_company_at_sign_up_counts_before_there_is_a_membership() -> None:
    somebody = User(email="nell@culm.example", name="Nell New")
    somebody.organisation_names = ["Culm Dairy Ltd"]  # type: ignore[attr-defined]
    with pytest.raises(Invalid):
        accounts.check_password_rules("CulmDairy2026", somebody)
    somebody.organisation_names = []  # type: ignore[attr-defined]
    accounts.check_password_rules("CulmDairy2026", somebody)


def test_attack_54_the_company_that_invites_counts_too(world: World) -> None:
    for given in ("ashclyst farms", "Ashclyst2024!", "Farms-of-Ashclyst"):
        new = {"name": "New", "password": given}
        answer = world.api("anonymous").post("invitations/accept/", {"token": world.a.token, **new})
        assert errors(answer) == [("/password", "password_is_organisation")]
        browser = Client()
        browser.get(f"/invitations/{world.a.token}/")
        assert browser.post("/invitations/open/", {"answer": "accept", **new}).status_code == 422
    accepted = {"token": world.a.token, "name": "New", "password": NEW}
    assert world.api("anonymous").post("invitations/accept/", accepted).status_code == 200


def test_attack_56_no_password_or_link_is_kept_anywhere(new_person: User) -> None:
    accounts.send_welcome(Access.none(), user=new_person)
    user = UserFactory.create()
    Client().post("/accounts/password/reset/", {"email": user.email})
    for row in Mail.objects.all():
        deliver(row.public_id)
    tokens = [_link(str(one.body)).split("/")[3] for one in mail.outbox]
    assert len(tokens) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE ANY (%s)',
                [[f"%{part}%" for token in tokens for part in (token, token.rpartition(":")[2])]],
            )
            assert cursor.fetchone() == (0,), table
    # Nor where staff look.
    desk = Client()
    desk.force_login(StaffFactory.create())
    for row in Mail.objects.all():
        page = desk.get(f"/admin/mails/mail/{row.pk}/change/").content.decode()
        assert "/set-password/" not in page
    page = desk.get(f"/admin/customers/user/{user.pk}/change/").content.decode()
    assert user.password not in page
    assert 'type="password"' not in page
    assert 'name="password' not in page
