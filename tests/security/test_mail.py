"""Attacks by way of mails: 40 and 43, for mails of accounts and what all mails share (invitations: elsewhere)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message as Parsed
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from customers.domain import accounts
from customers.models import User
from mails import outbox
from mails.models import Mail
from mails.outbox import Message
from mails.rendering import render
from mails.tasks import deliver
from mails.text import broken_up, joined, one_line
from ordercycles.domain.notices import tell
from ordercycles.enums import NoticeKind
from permissions.access import Access
from tests.factories import PASSWORD, OrganisationFactory, UserFactory, hub

pytestmark = pytest.mark.django_db

#: What somebody may call a company, or herself, if nothing keeps her from it.
NASTY = (
    "https://evil.example/login",
    "HTTP://EVIL.EXAMPLE",
    "www.evil.example",
    "evil.example/login?next=1",
    "xn--80ak6aa92e.example",
    "mailto:eve@evil.example",
    "eve@evil.example",
    "//evil.example",
    "hxxp:evil.example",
    "http://127.0.0.1/x",
    "tel:+441392000000 evil.example",
    "<a href='https://evil.example'>click</a>",
    "<img src=x onerror=alert(1)>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "Ev\u202eelpmaxe.live\u202c",
    "\ue000https://evil.example\ue001",
)
#: What a mail program makes a link of, more or less.
CLICKABLE = re.compile(
    r"(?:https?|ftp)://[^\s<>\"]+|\bwww\.\w+\.\w+|\b[\w.+-]+@[\w-]+\.[a-z]{2,}|\b[\w-]+\.(?:example|farm|com|org)\b|mailto:\w",
    re.IGNORECASE,
)
OURS = ("http://testserver", "support@localhost")


def _words_that_could_be_clicked(text: str) -> list[str]:
    return [found for found in CLICKABLE.findall(text) if not found.startswith(OURS)]


def _outside_tags(html: str) -> str:
    body = html.partition("<body")[2]
    return re.sub(r"<[^<>]*>", " ", body)


def _forms(sent: Any) -> tuple[str, str]:
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.body), str(sent.alternatives[0][0])


@pytest.mark.parametrize("words", NASTY)
def test_attack_43_names_are_words_in_account_mails(words: str) -> None:
    organisation = OrganisationFactory.create(name=words)
    user = User.objects.create_user("nell@culm.example", name=words[:150])
    accounts.send_welcome(Access.none(), user=user, organisation=organisation)
    accounts.tell(user, "password_changed", ip="203.0.113.7", browser=words)
    exe = hub(words, contact_email="orders@exe.example", contact_email_confirmed_at=timezone.now())
    tell(Access.none(), [exe.pk], NoticeKind.ADDED, words)
    for row in Mail.objects.order_by("pk"):
        deliver(row.public_id)
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        text, html = _forms(sent)
        assert _words_that_could_be_clicked(text) == []
        assert _words_that_could_be_clicked(_outside_tags(html)) == []
        assert {
            link
            for link in re.findall(r'href="([^"]*)"', html)
            if not link.startswith(("http://testserver", "mailto:support@"))
        } == set()
        assert "<img" not in html
        assert "onerror=alert(1)>" not in html
        assert "\u202e" not in text + html
        assert "\ue000" not in text + html
        assert "1414" not in text


@pytest.mark.parametrize(
    "words",
    ["Exe\r\nBcc: all@farm.example", "Exe\nSubject: other", "Exe\x0bX: y", "Exe\u2028Z: y", "Exe\x00", "x" * 900],
)
def test_attack_43_headers_cannot_be_added(words: str) -> None:
    organisation = OrganisationFactory.build(name=words)
    said = render(Message(f"Your account for {words}", "unknown_account", {"name": words}, reply_to=words))
    assert "\n" not in said.subject
    assert "\r" not in said.subject
    assert len(said.subject) <= 250
    assert organisation.name
    user = User.objects.create_user("nell@culm.example", name="Nell")
    row = accounts.send_welcome(Access.none(), user=user)
    row.organisation = OrganisationFactory.create(name=words[:200].replace("\x00", ""))
    row.save()
    deliver(row.public_id)
    (sent,) = mail.outbox
    parsed: Parsed = message_from_bytes(sent.message().as_bytes())
    assert set(parsed.keys()) == {
        "Content-Type",
        "MIME-Version",
        "Subject",
        "From",
        "To",
        "Reply-To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    }
    assert sent.recipients() == ["nell@culm.example"]


def test_attack_43_ordinary_names_stay_as_they_are() -> None:
    for name in (
        "J. B. Smith & Sons Ltd",
        "O’Neill (Exeter) No. 5",
        "Müller, Anna-Lena",
        "A.B.",
        "12.30 pm",
        "e.g. this",
    ):
        assert broken_up(name) == name
    assert joined(broken_up("Amazon.co.uk Ltd")) == "Amazon.co.uk Ltd"
    assert one_line(" a\r\n b\t c ") == "a b c"


def test_attack_43_what_the_browser_is_called_is_shown_as_words() -> None:
    user = UserFactory.create()
    client = Client(HTTP_USER_AGENT="Mozilla <b>https://evil.example</b>\tpress here")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    new = {"oldpassword": PASSWORD, "password1": "seven brown hens 1", "password2": "seven brown hens 1"}
    client.post("/accounts/password/change/", new)
    deliver(Mail.objects.get().public_id)
    text, html = _forms(mail.outbox[0])
    assert _words_that_could_be_clicked(text) == []
    assert "<b>" not in html


def test_attack_40_a_mail_cannot_be_posted_with_its_link_or_to_two() -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        outbox.post("welcome", recipient="a@b.example, c@d.example")
    assert {field.name for field in Mail._meta.get_fields()}.isdisjoint({"body", "text", "html", "link", "token"})
