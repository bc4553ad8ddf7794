"""Fields of forms for what people write in several ways: looked at as it is kept, whatever spaces they put."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.ids import is_id
from organisations import hours
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number

#: As much can be typed; how long the thing itself may be is the model's to say.
MOST_TYPED = 24


class EnterpriseField(forms.ChoiceField):
    """One of some enterprises. Another one's id passes too: the verb refuses it, and says by which rule."""

    def valid_value(self, value: Any) -> bool:
        """Whether it is the id of an enterprise."""
        return super().valid_value(value) or is_id(value, "bu")


class EnterprisesField(forms.MultipleChoiceField):
    """Several enterprises, as ``EnterpriseField``."""

    def valid_value(self, value: Any) -> bool:
        """Whether it is the id of an enterprise."""
        return super().valid_value(value) or is_id(value, "bu")


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row, for staff; two such fields of one form are two questions to the database, and meant so."""

    def to_python(self, value: Any) -> Any:
        """The row, or what was typed is none."""
        if value in self.empty_values:
            return None
        found = self.queryset.filter(pk=value).first() if str(value).isdigit() else None  # type: ignore[union-attr]
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found


class _WrittenFreely(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "max_length": MOST_TYPED})

    def to_python(self, value: Any) -> str:
        """As it is kept."""
        return self.kept(super().to_python(value) or "")

    def kept(self, text: str) -> str:
        """The form in which it is kept."""
        raise NotImplementedError


class CompanyNumberField(_WrittenFreely):
    """A company number."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_company_number(text)


class VatNumberField(_WrittenFreely):
    """A VAT number."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_vat_number(text)


class PostcodeField(_WrittenFreely):
    """A postcode."""

    def kept(self, text: str) -> str:
        """In capitals, as numbers of its kind are written."""
        return normal_postcode(text)


class HoursField(forms.CharField):
    """Opening hours as lines, one for each day."""

    def __init__(self, **options: Any) -> None:
        told = _("A store's. A line for each day, such as “Monday: 09:00–12:30, 13:30–17:00”.")
        widget = forms.Textarea(attrs={"rows": 7, "cols": 40})
        super().__init__(
            **{"required": False, "label": _("Opening hours"), "help_text": told, "widget": widget, **options}
        )

    def prepare_value(self, value: Any) -> Any:
        """As lines."""
        return hours.as_lines(value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """By day."""
        return hours.from_lines(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other times were typed; what cannot be read is something else."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except forms.ValidationError:
            return True


#: By the name of the field of the model.
WRITTEN_FREELY: dict[str, type[forms.CharField]] = {
    "company_number": CompanyNumberField,
    "vat_number": VatNumberField,
    "postcode": PostcodeField,
}
