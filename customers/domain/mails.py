"""What staff do with the log of mails: look at one, and send it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.errors import Conflict
from common.verbs import verb
from customers.rules import of_mail
from mails import outbox
from mails.models import Mail, MailStatus
from mails.rendering import render
from mails.text import joined, without_links
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require

#: A mail that has waited longer than this is taken for stranded; its job would have tried it for six hours.
STRANDED: Final = timedelta(hours=7)
#: What stands in a preview where the mail has a link.
SIGN: Final = "[link]"


@dataclass(frozen=True)
class Resent:
    """What became of many mails that were to be sent again.

    Attributes:
        mails: the new ones.
        left: public id and reason of those that were not.
    """

    mails: list[Mail]
    left: dict[str, str]


def preview(actor: Access, *, mail: Mail) -> str:
    """What a mail would say if it were sent now, with a sign for every link; nothing is written or sent."""
    require(actor, Action.MAIL_VIEW, of_mail(mail))
    return would_say(mail)


def would_say(mail: Mail) -> str:
    """As ``preview``, on a page whose reader has been decided on."""
    if mail.kind not in outbox.kinds():
        return _("Nobody sends such mails any more.")
    with transaction.atomic():
        message = outbox.kind_of(mail.kind).build(mail)
        text = "" if message is None else render(message).text
        transaction.set_rollback(True)
    if not text:
        return _("It would not be sent any more: what it tells of has been done, has ended or has changed.")
    return joined(without_links(text, SIGN))


def waits(mail: Mail) -> bool:
    """Whether a mail is still to be sent, by a job that is not lost."""
    return mail.status == MailStatus.QUEUED and mail.created_at > clock.now() - STRANDED


def has_failed(mail: Mail) -> bool:
    """Whether a mail was not sent and will not be: it failed, or its job is lost."""
    return mail.status == MailStatus.FAILED or (mail.status == MailStatus.QUEUED and not waits(mail))


@verb
def resend(actor: Access, *, mail: Mail) -> Mail:
    """Send a mail again, to the same address: as it would be written now, with new links.

    The log keeps who had it sent again and why. What is not needed any more is dropped when it comes to it.

    Raises:
        Conflict: ``waiting``: it has not been sent at all yet.
    """
    row = Mail.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=mail.pk)
    require(actor, Action.MAIL_RESEND, of_mail(row))
    if waits(row):
        raise Conflict(_("It waits to be sent already."), code="waiting")
    if row.status == MailStatus.QUEUED:
        # Its job is lost; should it turn up after all, the mail is not sent twice.
        row.status = MailStatus.DROPPED
        row.save(update_fields=["status", "updated_at"])
    data: dict[str, Any] = {key: value for key, value in row.data.items() if key != "resent"}
    made = outbox.post(
        row.kind,
        recipient=row.recipient,
        about=row.about,
        organisation=row.organisation,
        data={**data, "resent": {"by": actor.actor, "name": actor.name, "why": actor.acting_reason}},
        resent_of=row,
    )
    require(actor, Action.MAIL_RESEND, of_mail(made))
    return made


@verb
def resend_many(actor: Access, *, mails: Sequence[Mail]) -> Resent:
    """Send again those of the mails that have failed; the others are left alone, and it is said why."""
    made: list[Mail] = []
    left: dict[str, str] = {}
    for mail in sorted(mails, key=lambda one: one.pk):
        if has_failed(mail):
            made.append(resend(actor, mail=mail))
        else:
            left[mail.public_id] = _("It has not failed.")
    return Resent(made, left)
