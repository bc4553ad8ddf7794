"""The mails of ownership transfers: to both sides, and to the organisation's other account owners.

None of them holds a link that does anything: who signs in and may, answers on the transfer's page.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from common import clock
from customers.domain.ownership import KINDS
from customers.enums import TransferStatus
from customers.models import OwnershipTransfer, User
from mails import outbox
from mails.models import Mail
from mails.outbox import Message

#: What the transfer must still be for the mail to be worth sending.
_STANDS: Final = {
    "ownership_offered": TransferStatus.PENDING,
    "ownership_accepted": TransferStatus.ACCEPTED,
    "ownership_declined": TransferStatus.DECLINED,
    "ownership_cancelled": TransferStatus.CANCELLED,
}
_LABELS: Final = {
    "ownership_offered": "Ownership offered",
    "ownership_accepted": "Ownership handed over",
    "ownership_declined": "Ownership declined",
    "ownership_cancelled": "Ownership transfer cancelled",
}


def register() -> None:
    """Make the kinds known. Called once, when the apps are ready."""
    for kind in KINDS:
        outbox.register(kind, build, label=_LABELS[kind], example=_example_of(kind))


def build(mail: Mail) -> Message | None:
    """What became of a transfer; nothing when it is something else by now, or the reader is gone."""
    rows = OwnershipTransfer.objects.select_related("organisation", "giver__user", "recipient__user", "giver_role")
    row = rows.filter(public_id=mail.about, status=_STANDS[mail.kind]).first()
    reader = User.objects.filter(public_id=mail.data.get("user", ""), is_active=True).first()
    if row is None or reader is None or row.state == "expired":
        return None
    facts = {
        "name": reader.get_short_name(),
        "organisation": str(row.organisation),
        "giver": str(row.giver.user),
        "recipient": str(row.recipient.user),
        "role": str(row.giver_role),
        "expires_at": row.expires_at,
        "is_giver": reader.pk == row.giver.user_id,
        "is_recipient": reader.pk == row.recipient.user_id,
        "link": f"{settings.SITE_URL}/organisations/{row.organisation.public_id}/ownership/{row.public_id}/",
    }
    return _message(mail.kind, facts)


def _message(kind: str, facts: dict[str, Any]) -> Message:
    subjects = {
        "ownership_offered": _("%(giver)s offers to make %(recipient)s account owner of %(organisation)s"),
        "ownership_accepted": _("%(recipient)s is account owner of %(organisation)s now"),
        "ownership_declined": _("%(recipient)s does not become account owner of %(organisation)s"),
        "ownership_cancelled": _("%(giver)s stays account owner of %(organisation)s"),
    }
    return Message(subjects[kind] % facts, "ownership", {**facts, "kind": kind})


def _example_of(kind: str) -> outbox.Example:
    def example() -> Message:
        facts = {
            "name": "Anna",
            "organisation": "Culm Dairy",
            "giver": "Edith Example",
            "recipient": "Anna Ash",
            "role": "Manager",
            "expires_at": clock.now(),
            "is_giver": False,
            "is_recipient": True,
            "link": f"{settings.SITE_URL}/organisations/EXAMPLE/ownership/EXAMPLE/",
        }
        return _message(kind, facts)

    return example
