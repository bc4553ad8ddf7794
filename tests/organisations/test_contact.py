"""Confirming the contact address: the mail, its link, and what makes the link die."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from common.errors import Conflict, TooMany
from mails.models import Mail
from mails.tasks import deliver
from organisations.contact import make_token
from organisations.domain import businesses
from organisations.models import Business
from permissions.access import Access
from permissions.decisions import Refused
from tests.factories import access, hub
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def exe() -> Business:
    return hub("Exe Hub", is_ready=False, contact_email="orders@exe-hub.example")


@pytest.mark.django_db(transaction=True)
def test_the_whole_way(exe: Business) -> None:
    businesses.request_contact_confirmation(access(exe), business=exe)
    assert mail.outbox == []
    # Neither the outbox nor the queue holds the link: it is made when the mail is sent.
    assert Mail.objects.get().data == {}
    assert list(ProcrastinateJob.objects.get(task_name="mails.send").args) == ["public_id"]
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["orders@exe-hub.example"]
    assert sent.subject == "Confirm the contact address of Exe Hub"
    found = re.search(r"http://testserver/enterprises/confirm-contact/(\S+)/", str(sent.body))
    assert found
    assert businesses.confirm_contact(Access.none(), token=found.group(1)).contact_email_is_confirmed
    exe.refresh_from_db()
    assert exe.contact_email_is_confirmed
    with pytest.raises(Conflict) as problem:
        businesses.request_contact_confirmation(access(exe), business=exe)
    assert problem.value.code == "confirmed_already"


def test_following_the_link_twice_is_no_error(exe: Business) -> None:
    token = make_token(exe)
    first = businesses.confirm_contact(Access.none(), token=token).contact_email_confirmed_at
    assert businesses.confirm_contact(Access.none(), token=token).contact_email_confirmed_at == first


def test_a_link_to_an_address_that_changed_is_dead(exe: Business) -> None:
    token = make_token(exe)
    businesses.request_contact_confirmation(access(exe), business=exe)
    businesses.edit_trading(access(exe), business=exe, contact_email="other@exe-hub.example")
    row, other = Mail.objects.order_by("pk")
    deliver(row.public_id)
    row.refresh_from_db()
    assert (row.status, mail.outbox) == ("dropped", [])
    # The new one has got its own.
    assert other.recipient == "other@exe-hub.example"
    assert _refusal(token) == "dead_link"


def test_a_link_dies_after_seven_days(exe: Business) -> None:
    token = make_token(exe)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert _refusal(token) == "dead_link"
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert businesses.confirm_contact(Access.none(), token=token)


def test_what_is_not_ours_is_dead_too(exe: Business) -> None:
    assert {_refusal(text) for text in ("", "x", make_token(exe)[:-1], make_token(exe).swapcase())} == {"dead_link"}


def test_three_mails_an_hour(exe: Business) -> None:
    her = access(exe)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(3):
            businesses.request_contact_confirmation(her, business=exe)
        with pytest.raises(TooMany) as problem:
            businesses.request_contact_confirmation(her, business=exe)
        assert 3590 < problem.value.retry_after <= 3601
        businesses.request_contact_confirmation(access(other := hub(is_ready=False)), business=other)
    with time_machine.travel(start + timedelta(minutes=61)):
        businesses.request_contact_confirmation(her, business=exe)


def test_it_takes_an_address_and_the_right_role(exe: Business) -> None:
    bare = hub(is_ready=False, contact_email="")
    with pytest.raises(Conflict) as problem:
        businesses.request_contact_confirmation(access(bare), business=bare)
    assert problem.value.code == "no_contact_email"
    with pytest.raises(Refused) as refused:
        businesses.request_contact_confirmation(access(exe, role="coordinator"), business=exe)
    assert refused.value.decision.code == "R1"


def _refusal(token: str) -> str:
    with pytest.raises(Conflict) as problem:
        businesses.confirm_contact(Access.none(), token=token)
    return problem.value.code
