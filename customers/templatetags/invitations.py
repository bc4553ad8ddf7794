"""How invitations are told on pages: ``{% load invitations %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from customers.domain.invitation_mails import sender_in_words
from customers.models import Invitation
from customers.wording import scope_in_words

register = template.Library()

STATES: dict[str, Any] = {
    "pending": _("waits for an answer"),
    "accepted": _("accepted"),
    "declined": _("declined"),
    "revoked": _("revoked"),
    "expired": _("expired"),
    "failed": _("the mail could not be delivered"),
}
CLAIMS: dict[str, Any] = {
    "pending": _("invited"),
    "declined": _("declined"),
    "revoked": _("invitation revoked"),
    "expired": _("invitation expired"),
    "failed": _("mail not delivered"),
}


@register.filter
def invitation_state(state: str) -> str:
    """A state in words."""
    return str(STATES.get(state, state))


@register.filter
def claim_state(state: str) -> str:
    """How it stands with somebody who was to take a record over."""
    return str(CLAIMS.get(state, state))


@register.filter
def invitation_scope(invitation: Invitation) -> str:
    """Over which units it gives its role; its units are at hand."""
    return scope_in_words(invitation)


@register.filter
def invitation_sender(invitation: Invitation) -> str:
    """Who invites; her organisation goes without saying on its own pages."""
    sender = invitation.invited_by
    return sender_in_words(invitation) if sender is None or sender.is_staff else str(sender)
