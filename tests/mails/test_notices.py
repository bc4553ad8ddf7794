"""Notices of order cycles go out by mail to confirmed addresses, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from mails.models import Mail
from mails.tasks import deliver
from ordercycles.domain.notices import tell
from ordercycles.enums import NoticeKind
from ordercycles.models import Notice
from permissions.access import Access
from tests.factories import hub

pytestmark = pytest.mark.django_db


def test_a_notice_is_mailed_to_confirmed_addresses_once() -> None:
    exe = hub("Exe Hub", contact_email="orders@exe.example")
    quay = hub("Quay Stores", is_ready=False, contact_email="orders@quay.example")
    tell(Access.none(), [exe.pk, quay.pk], NoticeKind.ADDED, "You are in https://evil.example now.")
    assert Notice.objects.count() == 2
    row = Mail.objects.get()
    assert (row.kind, row.recipient, row.organisation) == ("notice", "orders@exe.example", exe.unit.organisation)
    deliver(row.public_id)
    (sent,) = mail.outbox
    assert sent.subject.startswith("Exe Hub: ")
    assert "evil.example" not in str(sent.body)
    assert "http://testserver/grants/" in str(sent.body)
    assert Notice.objects.get(enterprise=exe).mailed_at is not None
    Mail.objects.update(status="queued")
    deliver(row.public_id)
    assert len(mail.outbox) == 1


def test_an_address_that_changed_meanwhile_gets_nothing() -> None:
    exe = hub("Exe Hub", contact_email="orders@exe.example")
    tell(Access.none(), [exe.pk], NoticeKind.ADDED, "You are in.")
    exe.contact_email_confirmed_at = timezone.now() - timedelta(days=1)
    exe.contact_email = "new@exe.example"
    exe.save()
    deliver(Mail.objects.get().public_id)
    assert (mail.outbox, Mail.objects.get().status) == ([], "dropped")
