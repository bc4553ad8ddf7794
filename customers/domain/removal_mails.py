"""What the owners of a customer that is being removed are told."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from common import clock
from customers.enums import RemovalStatus
from customers.models import Removal, User
from mails import outbox
from mails.models import Mail
from mails.outbox import Message

_STANDS: Final = {"removal_scheduled": RemovalStatus.SCHEDULED, "removal_restored": RemovalStatus.RESTORED}


def register() -> None:
    """Make the kinds known. Called once, when the apps are ready."""
    for kind, label in (("removal_scheduled", "Removal scheduled"), ("removal_restored", "Customer restored")):
        outbox.register(kind, build, label=label, example=_example_of(kind))


def build(mail: Mail) -> Message | None:
    """That it goes, or came back; nothing when that is not so any more."""
    rows = Removal.objects.select_related("organisation").filter(public_id=mail.about, status=_STANDS[mail.kind])
    row, reader = rows.first(), User.objects.filter(public_id=mail.data.get("user", ""), is_active=True).first()
    if row is None or reader is None:
        return None
    return _message(
        mail.kind, {"name": reader.get_short_name(), "organisation": str(row.organisation), "due_at": row.due_at}
    )


def _message(kind: str, facts: dict[str, Any]) -> Message:
    subjects = {
        "removal_scheduled": _("%(organisation)s is being removed from Hectare"),
        "removal_restored": _("%(organisation)s has been restored on Hectare"),
    }
    return Message(subjects[kind] % facts, kind, facts)


def _example_of(kind: str) -> Any:
    return lambda: _message(kind, {"name": "Ann", "organisation": "Exe Foods Ltd", "due_at": clock.now()})
