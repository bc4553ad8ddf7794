"""The link that confirms a contact address: signed, expiring, bound to the enterprise and the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing

from common.errors import Conflict
from organisations.models import Business

_SALT: Final = "organisations.contact-email"
#: How long the link in a confirmation mail works.
LINK_LIFE: Final = timedelta(days=7)


def make_token(business: Business) -> str:
    """What the link carries."""
    return signing.dumps({"business": business.public_id, "email": business.contact_email}, salt=_SALT)


def read_token(token: str) -> Business:
    """The enterprise whose address a link confirms.

    Raises:
        Conflict: ``dead_link``, whatever the reason.
    """
    try:
        said = signing.loads(token, salt=_SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        raise dead() from None
    found = Business.objects.select_related("unit__organisation").filter(
        unit__public_id=said["business"], contact_email=said["email"]
    )
    if (business := found.first()) is None:
        raise dead()
    return business


def dead() -> Conflict:
    """The one answer to every link that does not work."""
    return Conflict(
        "This link has expired, or the address has changed since. Ask for a new one under the trading settings.",
        code="dead_link",
    )
