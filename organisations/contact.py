"""The mail that confirms a contact address, and its link: signed, expiring, bound to the enterprise and the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import Conflict
from mails import outbox
from mails.models import Mail
from mails.outbox import Message
from organisations.models import Business

#: The kind of the mail.
MAIL: Final = "contact_confirmation"
_SALT: Final = "organisations.contact-email"
#: How long the link in a confirmation mail works.
LINK_LIFE: Final = timedelta(days=7)


def register() -> None:
    """Make the mail known. Called once, when the apps are ready."""
    outbox.register(MAIL, build, label=_("Confirm a contact address"), example=_example)


def build(mail: Mail) -> Message | None:
    """The link, made now; nothing when the address has changed or has been confirmed meanwhile."""
    found = Business.objects.filter(unit__public_id=mail.about, contact_email=mail.recipient)
    business = found.select_related("unit").first()
    if business is None or business.contact_email_is_confirmed:
        return None
    return _message(business.name, settings.SITE_URL + reverse("confirm_contact", args=[make_token(business)]))


def _message(business: str, link: str) -> Message:
    context = {"business": business, "link": link, "days": LINK_LIFE.days}
    return Message(_("Confirm the contact address of %s") % business, MAIL, context)


def _example() -> Message:
    return _message("Exe Hub", f"{settings.SITE_URL}/enterprises/confirm-contact/EXAMPLE/")


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
