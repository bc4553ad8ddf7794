"""Checks on what people type, shared by models, forms and serializers."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.validation import validate_one_line as validate_one_line  # noqa: PLC0414

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")
_COMPANY_NUMBER = re.compile(
    r"[0-9]{8}|(?:SC|NI|OC|SO|NC|R0|IP|SP|IC|SI|NP|NV|RC|SR|NR|NO|CE|CS|FC|SF|NF|GE|LP|SL|NL)[0-9]{6}"
)
#: A company number of digits only from which a table has taken the zeros at the front.
_SHORT_COMPANY_NUMBER = re.compile(r"[0-9]{6,7}")
_VAT_NUMBER = re.compile(r"GB(?:[0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})")
_HOLDING_NUMBER = re.compile(r"[0-9]{2}/[0-9]{3}/[0-9]{4}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")

#: The days of opening hours, in order.
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def normal_postcode(text: str) -> str:
    """The postcode in capitals with its one space, as the Royal Mail writes it."""
    squeezed = re.sub(r"\s+", "", text).upper()
    return f"{squeezed[:-3]} {squeezed[-3:]}" if len(squeezed) > 4 else squeezed


def validate_postcode(text: str) -> None:
    """Refuse what cannot be a United Kingdom postcode."""
    if not _POSTCODE.fullmatch(normal_postcode(text)):
        raise ValidationError(_("Enter a UK postcode, such as EX4 3PQ."), code="postcode")


def normal_company_number(text: str) -> str:
    """The company number as it is kept: in capitals, without spaces.

    Tables take zeros at the front for nothing; six or seven digits get them back. Fewer are rather a mistake.
    """
    squeezed = re.sub(r"\s+", "", text).upper()
    return squeezed.zfill(8) if _SHORT_COMPANY_NUMBER.fullmatch(squeezed) else squeezed


def normal_vat_number(text: str) -> str:
    """The VAT number as it is kept: in capitals, without spaces, dots and hyphens, and with its GB."""
    squeezed = re.sub(r"[\s.-]+", "", text).upper()
    return f"GB{squeezed}" if _VAT_NUMBER.fullmatch(f"GB{squeezed}") else squeezed


def validate_company_number(text: str) -> None:
    """Refuse what cannot be a Companies House number: eight digits, or two letters and six digits."""
    if not _COMPANY_NUMBER.fullmatch(text.upper()):
        raise ValidationError(
            _("Enter the eight characters of the company number, such as 01234567."), code="company_number"
        )


def validate_vat_number(text: str) -> None:
    """Refuse what cannot be a United Kingdom VAT number, written with its GB."""
    if not _VAT_NUMBER.fullmatch(text.upper().replace(" ", "")):
        raise ValidationError(_("Enter the VAT number with its GB, such as GB123456789."), code="vat_number")


def validate_holding_number(text: str) -> None:
    """Refuse what cannot be a County Parish Holding number: county, parish and holding, such as 11/234/0567."""
    if not _HOLDING_NUMBER.fullmatch(text):
        raise ValidationError(_("Enter the County Parish Holding number as 12/345/6789."), code="holding_number")


def validate_opening_hours(hours: Any) -> None:
    """Refuse what is not days of the week, each with times that open before they close and follow one another."""
    if not isinstance(hours, dict) or set(hours) - set(WEEK):
        raise ValidationError(_("Give opening hours by day: mon, tue, wed, thu, fri, sat, sun."), code="opening_hours")
    for day, spans in hours.items():
        if not isinstance(spans, list) or not 1 <= len(spans) <= 4 or not all(_is_span(span) for span in spans):
            raise ValidationError(
                _("Give each day one to four times such as 09:00 to 17:30."), code="opening_hours", params={"day": day}
            )
        flat = [moment for span in spans for moment in span]
        if flat != sorted(set(flat)):
            raise ValidationError(
                _("Times of one day follow one another, and open before they close."), code="opening_hours"
            )


def _is_span(span: Any) -> bool:
    return (
        isinstance(span, list) and len(span) == 2 and all(isinstance(one, str) and _TIME.fullmatch(one) for one in span)
    )
