"""A message becomes a mail: plain and HTML, in one layout, with the headers that every mail of ours has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from mails.models import Mail
from mails.outbox import Message
from mails.text import finished_html, finished_text, one_line


@dataclass(frozen=True)
class Rendered:
    """Both forms of a mail."""

    subject: str
    text: str
    html: str


def render(message: Message) -> Rendered:
    """Both forms of a message."""
    subject = one_line(message.subject)
    context: dict[str, Any] = {
        **message.context,
        "subject": subject,
        "site": settings.SITE_URL,
        "support": settings.SUPPORT_EMAIL,
    }
    name = f"mails/{message.template}"
    text = render_to_string(f"{name}.txt", {**context, "form": "text"})
    html = render_to_string(f"{name}.html", {**context, "form": "html"})
    return Rendered(subject, finished_text(text), finished_html(html))


def letter(mail: Mail, message: Message) -> EmailMultiAlternatives:
    """What is handed to the mail server.

    The Message-ID is the mail's own: should a server take a mail and not say so, the reader's program knows the second
    copy for the same mail.
    """
    said = render(message)
    reply_to = one_line(message.reply_to or settings.SUPPORT_EMAIL)
    made = EmailMultiAlternatives(
        subject=said.subject,
        body=said.text,
        to=[mail.recipient],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": f"<{mail.public_id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
            # No answers from programs: RFC 3834, and Exchange's own word for it.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    made.attach_alternative(said.html, "text/html")
    return made
