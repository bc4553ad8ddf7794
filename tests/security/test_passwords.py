"""Attacks on passwords and the links that set them: 50, 54, 56."""

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

from customers import links
from customers.domain import accounts
from customers.models import User
from mails.models import Mail, MailStatus
from mails.tasks import deliver
from permissions.access import Access
from tests.factories import UserFactory

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
    other = UserFactory()
    assert Client().get(url.replace(new_person.public_id, other.public_id)).status_code == 410
    for change in ({"email": "other@culm.example"}, {"is_active": False}, {"last_login": timezone.now()}):
        before = {name: getattr(new_person, name) for name in change}
        User.objects.filter(pk=new_person.pk).update(**change)
        assert Client().get(url).status_code == 410, change
        User.objects.filter(pk=new_person.pk).update(**before)
    assert Client().get(url).status_code == 200
