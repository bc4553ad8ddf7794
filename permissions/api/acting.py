"""Why staff act: the header ``Acting-Reason``, without which they change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from common.errors import DomainError

HEADER: Final = "Acting-Reason"
MOST: Final = 300


class ReasonRequired(DomainError):
    """Staff want to change something of a customer's, and did not say why."""

    code = "reason_required"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or f"Hectare staff say why they act: send {HEADER}. The customer can read it.")


def reason_of(meta: Mapping[str, Any]) -> str:
    """The reason that was sent: one line, in UTF-8, percent-encoded where it is more than ASCII.

    Raises:
        ReasonRequired: there is none, or it cannot be read.
    """
    try:
        # Servers hand headers on as Latin-1; a client that sent UTF-8 as it stands is understood as well.
        text = unquote(str(meta.get("HTTP_ACTING_REASON", "")).encode("latin-1").decode(), errors="strict").strip()
    except UnicodeError:
        raise ReasonRequired(f"Send {HEADER} in UTF-8, percent-encoded.") from None
    if not text:
        raise ReasonRequired
    if len(text) > MOST:
        raise ReasonRequired(f"Keep {HEADER} to {MOST} characters.")
    if not text.isprintable():
        raise ReasonRequired(f"Send {HEADER} as plain text on one line.")
    return text
