"""The outbox: a mail is written down in the transaction that wants it, and a job sends it.

What a mail says, and above all every link that opens something, is made by its kind's **builder** when it is sent. The
row and the job name what the mail is about, nothing more, so neither can be used to get in (decision 0008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.validators import validate_email
from django.db import transaction
from procrastinate.types import JSONValue

from mails.models import Mail, MailStatus


@dataclass(frozen=True)
class Message:
    """What a mail says.

    Attributes:
        subject: one line; what is more is cut off or put on the line.
        template: ``invitation`` stands for ``templates/mails/invitation.txt`` and ``.html``.
        context: for both templates. What people typed may be in it as it is: it cannot become a link or markup.
        reply_to: where an answer goes; empty: to our support.
    """

    subject: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str = ""


@dataclass(frozen=True)
class Letter:
    """One of many mails of a kind: to whom, about what (a public id), of which organisation, with which ids."""

    recipient: str
    about: str = ""
    organisation: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)


Builder = Callable[[Mail], "Message | None"]
Example = Callable[[], Message]


@dataclass(frozen=True)
class Kind:
    """A kind of mail.

    Attributes:
        build: makes the message when it is sent; ``None``: not needed any more. Runs in the job's transaction: what it
            writes counts only if the mail is sent.
        label: what staff call it.
        example: a message with made-up content and no look at the database, for the preview and the tests.
    """

    name: str
    build: Builder
    label: str
    example: Example | None = None


class UnknownKind(LookupError):
    """Nobody has registered a mail of this kind."""


_kinds: dict[str, Kind] = {}
_failed: dict[str, list[Callable[[Mail], None]]] = {}


def register(kind: str, build: Builder, *, label: str = "", example: Example | None = None) -> None:
    """Make a kind of mail known. Called once, when the apps are ready."""
    if _kinds.get(kind) is not None and _kinds[kind].build is not build:
        raise ValueError(f"There are two mails of the kind {kind!r}.")
    _kinds[kind] = Kind(kind, build, label or kind.replace("_", " ").capitalize(), example)


def on_failed(kind: str, hook: Callable[[Mail], None]) -> None:
    """Have ``hook`` called when a mail of this kind has failed for good, in the transaction that says so."""
    _failed.setdefault(kind, []).append(hook)


def kinds() -> dict[str, Kind]:
    """Every kind of mail, by name."""
    return dict(sorted(_kinds.items()))


def kind_of(name: str) -> Kind:
    """One kind of mail.

    Raises:
        UnknownKind: nobody has registered it.
    """
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"There is no mail of the kind {name!r}.") from None


def hooks_of(name: str) -> list[Callable[[Mail], None]]:
    """What wants to know of mails of this kind that failed."""
    return list(_failed.get(name, []))


def post(
    kind: str,
    *,
    recipient: str,
    about: str = "",
    organisation: Any = None,
    data: Mapping[str, Any] | None = None,
    resent_of: Mail | None = None,
) -> Mail:
    """Write a mail down, to be sent once the caller's transaction has committed.

    Args:
        about: public id of what it tells of.
        organisation: whose mail it is, for the log; None: nobody's.
        data: what the builder needs besides, as ids. Never a link, a token or a password.

    Raises:
        UnknownKind: nobody has registered the kind.
        ValidationError: the recipient is no e-mail address.
    """
    from mails.tasks import send  # tasks import the outbox

    kind_of(kind)
    validate_email(recipient)
    with transaction.atomic():
        mail = Mail.objects.create(
            kind=kind,
            recipient=recipient,
            about=about,
            organisation=organisation,
            data=dict(data or {}),
            resent_of=resent_of,
            status=MailStatus.QUEUED,
        )
        send.defer(public_id=mail.public_id)
    return mail


def post_many(kind: str, letters: Sequence[Letter]) -> int:
    """Write many mails of one kind down, in two statements for each thousand; how many.

    Raises:
        UnknownKind: nobody has registered the kind.
        ValidationError: a recipient is no e-mail address.
    """
    from mails.tasks import send  # tasks import the outbox

    kind_of(kind)
    for letter in letters:
        validate_email(letter.recipient)
    with transaction.atomic():
        for start in range(0, len(letters), 1000):
            rows = Mail.objects.bulk_create(
                Mail(
                    kind=kind,
                    recipient=letter.recipient,
                    about=letter.about,
                    organisation=letter.organisation,
                    data=dict(letter.data),
                )
                for letter in letters[start : start + 1000]
            )
            jobs: list[dict[str, JSONValue]] = [{"public_id": row.public_id} for row in rows]
            send.batch_defer(*jobs)
    return len(letters)
