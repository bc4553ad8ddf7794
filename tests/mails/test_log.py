"""The staff's log of mails: found, looked at without secrets, sent again with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import Conflict, NotFound
from customers.domain import accounts, mails
from customers.models import User
from mails.models import Mail, MailStatus
from mails.tasks import deliver
from permissions.access import Access
from permissions.decisions import Refused
from tests.factories import StaffFactory, UserFactory, access, hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return StaffFactory.create()


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def welcome() -> Mail:
    nell = User.objects.create_user("nell@culm.example", name="Nell New")
    return accounts.send_welcome(Access.none(), user=nell)


def _change(row: Mail) -> str:
    return reverse("admin:mails_mail_change", args=[row.pk])


def _act(row: Mail) -> str:
    return reverse("admin:mails_mail_act", args=[row.pk, "resend"])


def test_the_preview_has_no_secret(welcome: Mail, desk: Client) -> None:
    page = desk.get(_change(welcome)).content.decode()
    assert "Set your password" in page
    assert mails.SIGN in page
    assert "/set-password/" not in page
    welcome.refresh_from_db()
    assert (welcome.status, django_mail.outbox) == (MailStatus.QUEUED, [])


def test_what_is_not_needed_any_more_is_said(welcome: Mail, desk: Client) -> None:
    User.objects.filter(public_id=welcome.about).update(is_active=False)
    assert "It would not be sent any more" in desk.get(_change(welcome)).content.decode()
    Mail.objects.filter(pk=welcome.pk).update(kind="of old")
    assert "Nobody sends such mails any more" in desk.get(_change(welcome)).content.decode()


def test_sent_again_with_a_reason(welcome: Mail, staff: User) -> None:
    acting = Access.for_user(staff).acting("She has lost it")
    with pytest.raises(Conflict) as problem:
        mails.resend(acting, mail=welcome)
    assert problem.value.code == "waiting"
    deliver(welcome.public_id)
    made = mails.resend(acting, mail=welcome)
    assert (made.kind, made.recipient, made.about, made.resent_of) == (
        "welcome",
        "nell@culm.example",
        welcome.about,
        welcome,
    )
    assert made.data["resent"] == {"by": staff.public_id, "name": staff.name, "why": "She has lost it"}
    deliver(made.public_id)
    assert len(django_mail.outbox) == 2


def test_a_stranded_one_is_sent_again_and_not_twice(welcome: Mail, staff: User, desk: Client) -> None:
    assert "Send again" not in desk.get(_change(welcome)).content.decode()
    Mail.objects.filter(pk=welcome.pk).update(created_at=timezone.now() - timedelta(hours=8))
    assert "Send again" in desk.get(_change(welcome)).content.decode()
    chosen = {"action": "resend_failed", "_selected_action": [welcome.pk]}
    assert "1 of the 1" in desk.post(reverse("admin:mails_mail_changelist"), chosen).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=8)):
        made = mails.resend(Access.for_user(staff).acting("The worker died"), mail=welcome)
        deliver(welcome.public_id)
        deliver(made.public_id)
    assert len(django_mail.outbox) == 1


def test_who_may(welcome: Mail, staff: User) -> None:
    deliver(welcome.public_id)
    with pytest.raises(Refused) as refused:
        mails.resend(Access.for_user(staff), mail=welcome)
    assert refused.value.decision.code == "S1"
    for actor in (Access.none(), access(hub()), Access.for_user(UserFactory.create())):
        with pytest.raises(NotFound):
            mails.resend(actor, mail=welcome)
        with pytest.raises(NotFound):
            mails.preview(actor, mail=welcome)


def test_the_pages(welcome: Mail, desk: Client) -> None:
    deliver(welcome.public_id)
    listed = reverse("admin:mails_mail_changelist")
    for query in ({"q": "nell@"}, {"q": welcome.public_id}, {"kind": "welcome"}, {"status__exact": "sent"}):
        assert desk.get(listed, query).context["cl"].result_count == 1, query
    assert desk.get(listed, {"kind": "notice"}).context["cl"].result_count == 0
    assert "What it would say now" in desk.get(_act(welcome)).content.decode()
    assert desk.post(_act(welcome), {"reason": ""}).status_code == 200
    assert Mail.objects.count() == 1
    assert desk.post(_act(welcome), {"reason": "She asked"}).status_code == 302
    assert Mail.objects.count() == 2
    again = Mail.objects.order_by("-pk")[0]
    assert "She asked" in desk.get(_change(again)).content.decode()


def test_those_that_failed_in_bulk(welcome: Mail, desk: Client) -> None:
    deliver(welcome.public_id)
    other = accounts.send_welcome(Access.none(), user=User.objects.create_user("ned@culm.example", name="Ned"))
    Mail.objects.filter(pk=other.pk).update(status=MailStatus.FAILED)
    listed = reverse("admin:mails_mail_changelist")
    chosen = {"action": "resend_failed", "_selected_action": [welcome.pk, other.pk]}
    assert "1 of the 2" in desk.post(listed, chosen).content.decode()
    assert desk.post(listed, {**chosen, "confirmed": "yes", "reason": ""}).status_code == 200
    assert Mail.objects.count() == 2
    done = desk.post(listed, {**chosen, "confirmed": "yes", "reason": "The server was down"}, follow=True)
    assert "1 sent again, 1 left alone" in done.content.decode()
    assert Mail.objects.order_by("-pk")[0].resent_of == other


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    welcome: Mail, desk: Client, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse("admin:mails_mail_changelist"))
        return len(seen)

    one = count()
    exe = hub()
    for number in range(2):
        user = User.objects.create_user(f"n{number}@culm.example", name="Ned")
        accounts.send_welcome(Access.none(), user=user, organisation=exe.unit.organisation)
    assert count() == one
