"""Fields of requests for what is written in several ways: taken as it is kept, whatever spaces it has."""

from __future__ import annotations

from typing import Any

from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions.api.fields import Text

#: As much can be sent; how long the thing itself may be is the model's to say.
MOST_SENT = 24


class _WrittenFreely(Text):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MOST_SENT, "allow_blank": True, **options})

    def to_internal_value(self, data: Any) -> str:
        """As it is kept."""
        return self.kept(super().to_internal_value(data))

    def kept(self, text: str) -> str:
        """The form in which it is kept."""
        raise NotImplementedError


class CompanyNumber(_WrittenFreely):
    """A company number."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_company_number(text)


class VatNumber(_WrittenFreely):
    """A VAT number."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_vat_number(text)


class Postcode(_WrittenFreely):
    """A postcode."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_postcode(text)
