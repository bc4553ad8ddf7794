"""What an address of Hectare's own people is, to the letter."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.emails import normal

#: What may stand before the @: no quotes, no second @, nothing that only looks like a letter.
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)


def staff_email(email: str) -> str:
    """The address of a member of staff, as it is kept: small letters, its domain one of ``STAFF_EMAIL_DOMAINS``.

    Nothing is repaired but capitals and spaces around it. Whatever is read in two ways is refused: other letters than
    ASCII, a second ``@``, quotes, a dot at the end, a line break.

    Raises:
        ValidationError: ``staff_domain``.
    """
    address = email.strip(" ").lower()
    local, at, domain = address.partition("@")
    if not (at and address.isascii() and _LOCAL.fullmatch(local) and domain in settings.STAFF_EMAIL_DOMAINS):
        known = ", ".join(f"@{one}" for one in settings.STAFF_EMAIL_DOMAINS)
        raise ValidationError(_("Hectare staff have an address of %s.") % known, code="staff_domain")
    return address


def is_staff_address(email: str) -> bool:
    """Whether an address is of a domain that only Hectare's own people have, however it is written."""
    domains = {normal(f"x@{domain}").rpartition("@")[2] for domain in settings.STAFF_EMAIL_DOMAINS}
    return normal(email).rpartition("@")[2].rstrip(".") in domains
