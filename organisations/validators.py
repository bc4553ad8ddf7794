"""Checks on what people type, shared by models, forms and serializers."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_POSTCODE = re.compile(r"^[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}$")
_COMPANY_NUMBER = re.compile(
    r"^(?:[0-9]{8}|(?:SC|NI|OC|SO|NC|R0|IP|SP|IC|SI|NP|NV|RC|SR|NR|NO|CE|CS|FC|SF|NF|GE|LP|SL|NL)[0-9]{6})$"
)
_VAT_NUMBER = re.compile(r"^GB(?:[0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})$")


def normal_postcode(text: str) -> str:
    """The postcode in capitals with its one space, as the Royal Mail writes it."""
    squeezed = re.sub(r"\s+", "", text).upper()
    return f"{squeezed[:-3]} {squeezed[-3:]}" if len(squeezed) > 4 else squeezed


def validate_postcode(text: str) -> None:
    """Refuse what cannot be a United Kingdom postcode."""
    if not _POSTCODE.match(normal_postcode(text)):
        raise ValidationError(_("Enter a UK postcode, such as EX4 3PQ."), code="postcode")


def validate_company_number(text: str) -> None:
    """Refuse what cannot be a Companies House number: eight digits, or two letters and six digits."""
    if not _COMPANY_NUMBER.match(text.upper()):
        raise ValidationError(
            _("Enter the eight characters of the company number, such as 01234567."), code="company_number"
        )


def validate_vat_number(text: str) -> None:
    """Refuse what cannot be a United Kingdom VAT number, written with its GB."""
    if not _VAT_NUMBER.match(text.upper().replace(" ", "")):
        raise ValidationError(_("Enter the VAT number with its GB, such as GB123456789."), code="vat_number")


def validate_one_line(text: str) -> None:
    """Refuse line breaks and other control characters in what is to stand on one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValidationError(_("Use plain text on one line."), code="one_line")
