"""What a customer is told whose record of a company it does not keep any more, because staff merged it with another."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from customers.models import User
from mails import outbox
from mails.models import Mail
from mails.outbox import Message
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from permissions.models import Membership


def register() -> None:
    """Make the kind known. Called once, when the apps are ready."""
    outbox.register("record_merged", build, label="Record merged", example=_example)


def tell(owners: QuerySet[Membership], organisation: Organisation, *, record: Organisation, into: Organisation) -> None:
    """Tell the account owners of an organisation that its record of a company is part of another one."""
    for one in owners.select_related("user").order_by("pk"):
        outbox.post(
            "record_merged",
            recipient=one.user.email,
            about=into.public_id,
            organisation=organisation,
            data={"user": one.user.public_id, "record": record.public_id},
        )


def build(mail: Mail) -> Message | None:
    """That it was merged. By the name that it had here: of the other record she need know nothing."""
    reader = User.objects.filter(public_id=mail.data.get("user", ""), is_active=True).first()
    record = Organisation.objects.filter(public_id=mail.data.get("record", "")).first()
    stayed = Organisation.objects.filter(public_id=mail.about).first()
    if reader is None or record is None or stayed is None:
        return None
    claimed = stayed.kind == OrganisationKind.FULL
    return _message({"name": reader.get_short_name(), "record": str(record), "claimed": claimed})


def _message(facts: dict[str, Any]) -> Message:
    return Message(_("Your record of %(record)s was merged with another one") % facts, "record_merged", facts)


def _example() -> Message:
    return _message({"name": "Ann", "record": "Tiverton Tofu", "claimed": False})
