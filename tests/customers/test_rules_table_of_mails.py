"""Who sees the log of mails, and who has one sent again: every persona, exactly."""

from __future__ import annotations

import pytest

from customers.rules import of_mail
from mails import outbox
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from tests.factories import StaffFactory, UserFactory, access, hub

pytestmark = pytest.mark.django_db


def test_the_table() -> None:
    exe = hub()
    row = outbox.post("unknown_account", recipient="stranger@elsewhere.example", organisation=exe.unit.organisation)
    staff = Access.for_user(StaffFactory.create())
    support = Access.for_user(StaffFactory.create(is_superuser=False))
    personas = {
        "nobody": Access.none(),
        "stranger": Access.for_user(UserFactory.create()),
        "owner": access(exe, role="owner"),
        "support": support,
        "support who act": support.acting("She asked"),
        "administrator": staff,
        "administrator who acts": staff.acting("She asked"),
    }
    found = {
        name: tuple(
            (decision.allowed, decision.visible, decision.code)
            for action in (Action.MAIL_VIEW, Action.MAIL_RESEND)
            for decision in [engine.decide(actor, action, of_mail(row))]
        )
        for name, actor in personas.items()
    }
    unseen = found["nobody"]
    assert [one[:2] for one in unseen] == [(False, False), (False, False)]
    assert found == {
        "nobody": unseen,
        "stranger": unseen,
        "owner": unseen,
        "support": ((True, True, "S1"), (False, True, "S1")),
        "support who act": ((True, True, "S1"), (True, True, "S1")),
        "administrator": ((True, True, "S1"), (False, True, "S1")),
        "administrator who acts": ((True, True, "S1"), (True, True, "S1")),
    }
