"""The mails of invitations. The links are made here, when a mail is sent; the row keeps the hash of the newest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from common import clock
from common.tokens import hash_of, new_token
from customers.domain.invitation_life import lives
from customers.enums import InvitationKind, InvitationStatus
from customers.models import Invitation
from customers.wording import in_words, scope_in_words
from mails import outbox
from mails.models import Mail
from mails.outbox import Message


def register() -> None:
    """Make the kinds known. Called once, when the apps are ready."""
    outbox.register("invitation", build_offer, label="Invitation to join", example=_example_of("invitation"))
    outbox.register("claim", build_offer, label="Invitation to take over a record", example=_example_of("claim"))
    outbox.register(
        "invitation_accepted", build_accepted, label="Invitation accepted", example=_example_of("invitation_accepted")
    )
    outbox.register(
        "company_claimed", build_accepted, label="Record taken over", example=_example_of("company_claimed")
    )
    for kind in ("invitation", "claim"):
        outbox.on_failed(kind, mark_failed)


def build_offer(mail: Mail) -> Message | None:
    """The offer, with a new link; nothing when it does not stand any more."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related(
        "organisation", "role", "invited_by", "invited_for"
    )
    row = rows.filter(public_id=mail.about).first()
    if row is None or not _is_newest(mail) or not lives(row):
        return None
    token = new_token()
    row.token_hash, row.sent_at, row.times_sent = hash_of(token), clock.now(), row.times_sent + 1
    row.save(update_fields=["token_hash", "sent_at", "times_sent", "updated_at"])
    context = {**_facts(row), "link": f"{settings.SITE_URL}/invitations/{token}/"}
    return _message(mail.kind, context)


def build_accepted(mail: Mail) -> Message | None:
    """That somebody joined, or took a record over, for whoever invited her."""
    row = Invitation.objects.select_related("organisation", "role", "invited_by", "accepted_by", "invited_for")
    found = row.filter(public_id=mail.about, status=InvitationStatus.ACCEPTED).first()
    if found is None or found.accepted_by is None:
        return None
    return _message(mail.kind, {**_facts(found), "person": str(found.accepted_by)})


def mark_failed(mail: Mail) -> None:
    """The newest mail of an invitation could not be delivered: whoever sent it sees that, and sends it again."""
    row = Invitation.objects.select_for_update().filter(public_id=mail.about).first()
    if row is not None and row.status == InvitationStatus.PENDING and _is_newest(mail):
        row.status, row.version = InvitationStatus.FAILED, row.version + 1
        row.save(update_fields=["status", "version", "updated_at"])


def _is_newest(mail: Mail) -> bool:
    """Whether it was not sent again since: an older mail says nothing of the newer, and must not end its link."""
    return not Mail.objects.filter(about=mail.about, kind=mail.kind, pk__gt=mail.pk).exists()


def sender_in_words(row: Invitation) -> str:
    """Who invites: a person and the customer she does it for, or Hectare."""
    sender = row.invited_by
    if sender is None or sender.is_staff:
        return "Hectare"
    return f"{sender} ({row.invited_for})" if row.invited_for else str(sender)


def _facts(row: Invitation) -> dict[str, Any]:
    return {
        "organisation": str(row.organisation),
        "sender": sender_in_words(row),
        "by_hectare": row.invited_by is None or row.invited_by.is_staff,
        "name": row.name,
        "message": row.message,
        "role": str(row.role or ""),
        "may": in_words(row.role) if row.role and row.kind == InvitationKind.MEMBER else "",
        "scope": scope_in_words(row) if row.kind == InvitationKind.MEMBER else "",
        "expires_at": row.expires_at,
        "days": settings.INVITATION_LIFE_DAYS,
        "email": row.email,
    }


def _message(kind: str, facts: dict[str, Any]) -> Message:
    subjects = {
        "invitation": _("%(sender)s invites you to join %(organisation)s"),
        "claim": _("%(sender)s invites you to take over the record of %(organisation)s"),
        "invitation_accepted": _("%(person)s has joined %(organisation)s"),
        "company_claimed": _("%(organisation)s is a customer now"),
    }
    return Message(subjects[kind] % facts, kind, facts)


def _example_of(kind: str) -> outbox.Example:
    def example() -> Message:
        facts = {
            "organisation": "Culm Dairy",
            "sender": "Edith Example (Exe Foods)",
            "by_hectare": False,
            "name": "Anna Ash",
            "person": "Anna Ash",
            "message": "Come and look at https://evil.example <b>now</b>.",
            "role": "Manager",
            "may": "see everything of the units, manage products",
            "scope": "all business units",
            "expires_at": clock.now(),
            "days": settings.INVITATION_LIFE_DAYS,
            "email": "anna@culm.example",
            "link": f"{settings.SITE_URL}/invitations/EXAMPLE/",
        }
        return _message(kind, facts)

    return example
