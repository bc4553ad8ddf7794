"""What people type about enterprises and grants."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from organisations import hours
from organisations.enums import BusinessKind, Certification, FarmEnterprise, GrantKind, Sells
from organisations.form_fields import (
    CompanyNumberField,
    EnterpriseField,
    EnterprisesField,
    PostcodeField,
    VatNumberField,
)
from permissions.actions import PERMISSION_LABELS

_CHECKS = {"class": "form-check-input"}
_ASKED = [
    (GrantKind.ADD_TO_ORDER_CYCLE, _("add them and their products to order cycles")),
    (GrantKind.MANAGE_PRODUCTS, _("manage their products")),
    (GrantKind.EDIT_PROFILE, _("edit their public profile")),
]
"""What a grant lets one do, as the one who asks for it says it."""


class OrganisationForm(DomainForm):
    """What an organisation says of itself. Its numbers are changed by Hectare."""

    name = forms.CharField(label=_("Name"), max_length=200)
    town = forms.CharField(label=_("Town"), max_length=100, required=False)
    postcode = PostcodeField(label=_("Postcode"), required=False)


class RecordForm(OrganisationForm):
    """What an organisation says of a company whose record it keeps."""

    company_number = CompanyNumberField(label=_("Company number"), required=False, help_text=_("From Companies House."))
    vat_number = VatNumberField(label=_("VAT number"), required=False)


class UnitForm(DomainForm):
    """A site of an organisation."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("What people call the site."))
    address = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    town = forms.CharField(label=_("Town"), max_length=100, required=False)
    postcode = PostcodeField(label=_("Postcode"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class FarmForm(DomainForm):
    """What only a farm has."""

    holding_number = forms.CharField(
        label=_("County Parish Holding number"), max_length=20, required=False, help_text=_("Such as 10/123/0456.")
    )
    hectares = forms.DecimalField(label=_("Hectares"), max_digits=9, decimal_places=2, min_value=0, required=False)
    farm_enterprises = forms.MultipleChoiceField(
        label=_("What it keeps and grows"),
        choices=FarmEnterprise.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKS),
        help_text=_("Public: organisations that know you see it."),
    )
    certifications = forms.MultipleChoiceField(
        label=_("What it is certified for"),
        choices=Certification.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKS),
        help_text=_("Public: organisations that know you see it."),
    )


class StoreForm(DomainForm):
    """What only a store has. One line of times for each day, so that it needs no script."""

    store_code = forms.CharField(
        label=_("Store code"), max_length=20, required=False, help_text=_("Your own, for your papers and systems.")
    )
    floor_area = forms.IntegerField(label=_("Floor area in square metres"), min_value=0, required=False)
    capacity = forms.IntegerField(label=_("Storage capacity in pallets"), min_value=0, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        given = self.initial.get("opening_hours", {})
        for day, label in hours.DAYS.items():
            self.fields[day] = forms.CharField(label=label, required=False, max_length=60)
            self.initial[day] = hours.as_text(given.get(day))

    @property
    def days(self) -> list[forms.BoundField]:
        """The lines of the days."""
        return [self[day] for day in hours.DAYS]

    def clean(self) -> dict[str, Any]:
        """The times of the days as opening hours."""
        data = super().clean() or {}
        found = {}
        for day in hours.DAYS:
            try:
                found[day] = hours.from_text(data.pop(day, ""))
            except forms.ValidationError as problem:
                self.add_error(day, problem)
        return {**data, "opening_hours": {day: spans for day, spans in found.items() if spans}}


#: As many units are shown to be ticked; where there are more, they are written down.
MOST_TICKED = 50


class ScopeForm(DomainForm):
    """Over which units: all of them, or named ones. One of the two is chosen, so that nothing widens by itself.

    ``cleaned_data["units"]`` holds the public ids of the named ones, and ``None`` for all of them.
    """

    scope = forms.ChoiceField(
        label=_("Where"),
        choices=[("all", _("All units, also those that are added later")), ("named", _("Only these units"))],
        widget=forms.RadioSelect(attrs=_CHECKS),
        error_messages={"required": _("Choose all units, or name some.")},
    )
    units = forms.MultipleChoiceField(
        label=_("Units"), required=False, widget=forms.CheckboxSelectMultiple(attrs=_CHECKS)
    )

    def __init__(self, *args: Any, units: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self._names = dict(units)
        if self.is_bound and self.data.get("units") and not self.data.get("scope"):
            # Who names units means these.
            said = cast("QueryDict", self.data).copy()
            said["scope"] = "named"
            self.data = said
        if len(units) <= MOST_TICKED:
            _choose(self.fields["units"], list(self._names.items()), only=False)
            return
        self.fields["units"] = forms.CharField(
            label=_("Units"),
            required=False,
            max_length=500_000,
            widget=forms.Textarea(attrs={"rows": 6}),
            help_text=_("Their names or ids, one on each line. There are %(count)s; the list of units has them all.")
            % {"count": len(units)},
        )
        given = self.initial.get("units", ())
        self.initial["units"] = "\n".join(self._names[key] for key in given if key in self._names)

    def clean_units(self) -> list[str]:
        """The public ids, ticked or written down."""
        given = self.cleaned_data["units"]
        if not isinstance(given, str):
            return list(given)
        ids = {key: key for key in self._names} | {name: key for key, name in self._names.items()}
        same = Counter(name.casefold() for name in self._names.values())
        # Capitals make no difference, unless they do among the units.
        plain = {name.casefold(): key for name, key in ids.items() if same[name.casefold()] == 1}
        found = {
            line: ids.get(line) or plain.get(line.casefold()) for line in map(str.strip, given.splitlines()) if line
        }
        if unknown := [line for line, key in found.items() if key is None]:
            raise forms.ValidationError(_("There is no unit “%(unit)s”.") % {"unit": unknown[0]})
        return list(dict.fromkeys(key for key in found.values() if key))

    def clean(self) -> dict[str, Any]:
        """All, or named ones."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("scope") == "named" and not data.get("units") and "units" not in self.errors:
            self.add_error("units", _("Choose at least one unit, or all of them."))
        elif data.get("scope") == "all":
            if data.get("units") and self.initial.get("scope") != "named":
                self.add_error("scope", _("You chose all units and named some. Choose one of the two."))
            data["units"] = None
        return data


class KeyForm(ScopeForm):
    """An API key: what it may do, where, and until when."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The system that will use it."))
    role = forms.ChoiceField(label=_("Role"), help_text=_("It can never do more than you can yourself."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may use of the role"),
        choices=[(str(one), label) for one, label in PERMISSION_LABELS.items()],
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKS),
        help_text=_("Choose as little as will do. Without “see everything of the units” it can do nothing."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, it does not end by itself."),
    )
    field_order = ("name", "role", "scopes", "scope", "units", "expires_on")
    pointers = {"expires_at": "expires_on"}

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["role"], roles, only=False)


class ProfileForm(DomainForm):
    """What others see of an enterprise."""

    description = forms.CharField(
        label=_("Public description"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Who you are, what you grow, make or sell."),
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")


class TradingForm(DomainForm):
    """How an enterprise trades."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=BusinessKind.choices,
        help_text=_("To make a farm a store or the other way round, empty its farm or store data first."),
    )
    is_producer = forms.BooleanField(
        label=_("It is a producer"), required=False, help_text=_("It has products of its own that can be gathered.")
    )
    sells = forms.ChoiceField(
        label=_("What it sells"),
        choices=Sells.choices,
        help_text=_("A hub sells anybody’s goods and can take part in order cycles as an outlet."),
    )
    contact_email = forms.EmailField(
        label=_("Contact e-mail"),
        required=False,
        help_text=_("Order confirmations and notices go there. A new address has to be confirmed."),
    )


class BusinessForm(TradingForm, ProfileForm):
    """A new enterprise."""

    field_order = ("kind", "is_producer", "sells", "contact_email", "description", "website")


def _choose(field: forms.Field, choices: list[tuple[str, str]], *, only: bool) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
    if only and len(choices) == 1:
        field.initial = choices[0][0]


class GiveForm(DomainForm):
    """Who lets whom do what."""

    granter = EnterpriseField(label=_("Which of your enterprises gives it"))
    permission = forms.ChoiceField(label=_("What they may do"), choices=GrantKind.choices)
    grantees = EnterprisesField(
        label=_("To whom"), widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )
    pointers = {"grantee": "grantees"}

    def __init__(
        self, *args: Any, granters: list[tuple[str, str]], grantees: list[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["granter"], granters, only=True)
        _choose(self.fields["grantees"], grantees, only=False)


class AskForm(DomainForm):
    """Who asks whom for what."""

    grantee = EnterpriseField(label=_("Which of your enterprises asks"))
    permission = forms.ChoiceField(label=_("What it wants to do"), choices=_ASKED)
    granter = EnterpriseField(label=_("Whom it asks"))
    message = forms.CharField(
        label=_("Message"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what for; they read it with the request."),
    )

    def __init__(
        self, *args: Any, granters: list[tuple[str, str]], grantees: list[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["granter"], granters, only=False)
        _choose(self.fields["grantee"], grantees, only=True)


class AnswerForm(DomainForm):
    """Why not."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read it."),
    )
