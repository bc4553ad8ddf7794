"""The outbox: written with what it tells of, sent once, tried again, and never a secret kept."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from mails import outbox
from mails.models import Mail, MailStatus
from mails.outbox import Message
from mails.tasks import Patience, Unsent, deliver
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A kind of mail for the test alone; ``says`` is what its builder answers, ``failed`` who was told."""
    state: dict[str, Any] = {"says": Message("Hello", "trial", {"words": "Good morning"}), "built": 0, "failed": []}

    def build(mail: Mail) -> Message | None:
        state["built"] += 1
        if isinstance(state["says"], Exception):
            raise state["says"]
        said: Message | None = state["says"]
        return said

    monkeypatch.setattr(outbox, "_kinds", {**outbox.kinds()})
    monkeypatch.setattr(outbox, "_failed", {})
    outbox.register("trial", build)
    outbox.on_failed("trial", lambda mail: state["failed"].append(mail.public_id))
    return state


@pytest.fixture(autouse=True)
def trial_templates(settings: Any, tmp_path: Any) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "trial.txt").write_text(
        '{% extends "mails/base.txt" %}{% load mail %}{% block content %}{{ words }}'
        '{% if url %}\n{% action url "Open it" %}{% endif %}{% endblock %}'
    )
    (folder / "trial.html").write_text(
        '{% extends "mails/base.html" %}{% load mail %}{% block content %}<p>{{ words }}</p>'
        '{% if url %}{% action url "Open it" %}{% endif %}{% endblock %}'
    )
    engine = dict(settings.TEMPLATES[0])
    engine["DIRS"] = [*engine["DIRS"], tmp_path]
    settings.TEMPLATES = [engine]


def _both(sent: Any) -> tuple[str, str]:
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.body), str(sent.alternatives[0][0])


def test_a_mail_is_sent_in_both_forms_with_our_headers(kind: dict[str, Any]) -> None:
    row = outbox.post("trial", recipient="anna@farm.example", about="inv_1")
    assert (row.status, django_mail.outbox) == (MailStatus.QUEUED, [])
    deliver(row.public_id)
    (sent,) = django_mail.outbox
    text, html = _both(sent)
    assert sent.to == ["anna@farm.example"]
    assert sent.reply_to == ["support@localhost"]
    assert sent.extra_headers == {
        "Message-ID": f"<{row.public_id}@testserver>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert "Good morning" in text
    assert "<p>Good morning</p>" in html
    assert not {"List-Id", "List-Unsubscribe", "Precedence"} & set(sent.message().keys())
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error, row.subject) == (MailStatus.SENT, 1, "", "Hello")
    assert row.sent_at is not None


def test_it_is_sent_once_however_often_the_job_runs(kind: dict[str, Any]) -> None:
    row = outbox.post("trial", recipient="anna@farm.example")
    deliver(row.public_id)
    deliver(row.public_id)
    deliver("mai_nothing")
    assert (len(django_mail.outbox), kind["built"]) == (1, 1)


def test_what_is_not_needed_any_more_is_dropped(kind: dict[str, Any]) -> None:
    kind["says"] = None
    row = outbox.post("trial", recipient="anna@farm.example")
    deliver(row.public_id)
    row.refresh_from_db()
    assert (row.status, row.sent_at, django_mail.outbox) == (MailStatus.DROPPED, None, [])


@pytest.mark.django_db(transaction=True)
def test_row_and_job_are_one_with_the_callers_transaction(kind: dict[str, Any]) -> None:
    with suppress(RuntimeError), transaction.atomic():
        outbox.post("trial", recipient="anna@farm.example")
        raise RuntimeError
    assert (Mail.objects.count(), ProcrastinateJob.objects.filter(task_name="mails.send").count()) == (0, 0)
    row = outbox.post("trial", recipient="anna@farm.example")
    job = ProcrastinateJob.objects.get(task_name="mails.send")
    assert job.args == {"public_id": row.public_id}
    run_jobs()
    assert len(django_mail.outbox) == 1


class Broken(BaseEmailBackend):
    """A server that does not take mail; ``problem`` is what it says."""

    problem: Exception

    def send_messages(self, messages: Any) -> int:
        raise self.problem


@pytest.fixture
def broken(settings: Any) -> type[Broken]:
    settings.EMAIL_BACKEND = "tests.mails.test_outbox.Broken"
    Broken.problem = SMTPServerDisconnected("Connection\r\nlost")
    return Broken


def test_what_fails_is_tried_again_and_then_given_up(kind: dict[str, Any], broken: type[Broken]) -> None:
    row = outbox.post("trial", recipient="anna@farm.example")
    with pytest.raises(Unsent) as problem:
        deliver(row.public_id)
    assert not problem.value.last
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == (
        MailStatus.QUEUED,
        1,
        "SMTPServerDisconnected: Connection lost",
    )
    with pytest.raises(Unsent) as problem:
        deliver(row.public_id, last=True)
    assert problem.value.last
    row.refresh_from_db()
    assert (row.status, row.attempts, kind["failed"]) == (MailStatus.FAILED, 2, [row.public_id])
    deliver(row.public_id)
    assert kind["built"] == 2


def test_an_address_that_takes_no_mail_is_not_tried_again(kind: dict[str, Any], broken: type[Broken]) -> None:
    broken.problem = SMTPRecipientsRefused({"anna@farm.example": (550, b"no such user")})
    row = outbox.post("trial", recipient="anna@farm.example")
    with pytest.raises(Unsent) as problem:
        deliver(row.public_id)
    assert problem.value.last
    broken.problem = SMTPRecipientsRefused({"anna@farm.example": (451, b"try later")})
    other = outbox.post("trial", recipient="anna@farm.example")
    with pytest.raises(Unsent) as problem:
        deliver(other.public_id)
    assert not problem.value.last
    assert kind["failed"] == [row.public_id]


def test_back_off() -> None:
    def waits(attempts: int, *, last: bool = False) -> float | None:
        from datetime import UTC, datetime

        from procrastinate.jobs import Job

        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="mails.send", attempts=attempts)
        decision = Patience().get_retry_decision(exception=Unsent("mai_1", last=last), job=job)
        if decision is None:
            return None
        assert decision.retry_at is not None
        return round((decision.retry_at - datetime.now(UTC)).total_seconds())

    assert [waits(attempts) for attempts in range(8)] == [4, 16, 64, 256, 1024, 4096, 16384, None]
    assert waits(0, last=True) is None


def test_what_the_builder_writes_counts_only_when_the_mail_went_out(
    kind: dict[str, Any], broken: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(mail: Mail) -> Message:
        Mail.objects.filter(pk=mail.pk).update(about="written")
        return Message("Hello", "trial", {})

    monkeypatch.setitem(outbox._kinds, "trial", outbox.Kind("trial", build, "Trial"))
    row = outbox.post("trial", recipient="anna@farm.example", about="before")
    with pytest.raises(Unsent):
        deliver(row.public_id)
    row.refresh_from_db()
    assert row.about == "before"


def test_the_words_of_our_own_errors_are_not_kept(kind: dict[str, Any]) -> None:
    kind["says"] = ValueError("https://testserver/invitations/secret/")
    row = outbox.post("trial", recipient="anna@farm.example")
    with pytest.raises(Unsent):
        deliver(row.public_id)
    row.refresh_from_db()
    assert row.error == "ValueError"


def test_what_cannot_be_posted(kind: dict[str, Any]) -> None:
    with pytest.raises(outbox.UnknownKind):
        outbox.post("no_such_mail", recipient="anna@farm.example")
    for address in ("", "anna", "anna@farm.example\nBcc: all@farm.example", "anna@farm.example,eve@farm.example"):
        with pytest.raises(ValidationError):
            outbox.post("trial", recipient=address)
    with pytest.raises(ValueError, match="two mails"):
        outbox.register("trial", lambda mail: None)
    assert Mail.objects.count() == 0


def test_peoples_words_are_words(kind: dict[str, Any]) -> None:
    bad = (
        'Eve <b>https://evil.example/x</b> www.evil.example eve@evil.example\r\nBcc: all@farm.example "J. B. Smith Ltd"'
    )
    kind["says"] = Message(bad, "trial", {"words": bad, "name": bad, "url": "http://testserver/invitations/abc/"})
    deliver(outbox.post("trial", recipient="anna@farm.example").public_id)
    (sent,) = django_mail.outbox
    text, html = _both(sent)
    assert "\n" not in sent.subject
    assert sent.message()["Bcc"] is None
    assert sent.recipients() == ["anna@farm.example"]
    for form in (text, html):
        assert "evil.example" not in form
        assert "://evil" not in form
        assert "eve@" not in form
    assert "J. B. Smith Ltd" in text
    assert "<b>" not in html
    assert "Open it:\nhttp://testserver/invitations/abc/\n" in text
    assert 'href="http://testserver/invitations/abc/"' in html
