"""What people type about invitations, connections and companies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from organisations.enums import ConnectionKind
from organisations.form_fields import CompanyNumberField, PostcodeField, VatNumberField
from organisations.forms import ScopeForm

_MESSAGE = _("Part of the mail, so that they know it is from you.")
Choices = list[tuple[str, str]]


def _choose(field: forms.Field, choices: Choices) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class _ToOrganisation(ScopeForm):
    """With which role, where."""

    role = forms.ChoiceField(label=_("Role"), help_text=_("Only roles that allow no more than you may do yourself."))
    message = forms.CharField(
        label=_("Message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_MESSAGE
    )

    def __init__(self, *args: Any, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["role"], roles)


class InviteForm(_ToOrganisation):
    """Somebody to invite."""

    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    field_order = ("email", "name", "role", "scope", "units", "message")


class InviteManyForm(_ToOrganisation):
    """Many to invite."""

    people = forms.CharField(
        label=_("People"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One on each line, such as “Anna Ash <anna@farm.example>”, or several addresses; or a table with the "
            "columns email, name, role and units. A hundred at most."
        ),
        # Lines are told by their numbers, empty ones too.
        strip=False,
    )
    file = forms.FileField(
        label=_("Or a CSV file"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})
    )
    field_order = ("people", "file", "role", "scope", "units", "message")
    pointers = {"rows": "people"}

    def clean(self) -> dict[str, Any]:
        """The list is in one of the two."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file = data.get("file")
        if file is not None:
            if file.size > 100_000:
                self.add_error("file", _("The file is larger than a list of a hundred people."))
                return data
            try:
                data["people"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("Save the file as CSV in UTF-8."))
        elif not data.get("people", "").strip() and "people" not in self.errors:
            self.add_error("people", _("Name at least one person, or choose a file."))
        return data


class AcceptForm(DomainForm):
    """The account of somebody new."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least eight characters; a few words that do not belong together are good."),
    )


class ConnectionForm(DomainForm):
    """What an organisation keeps of a connection."""

    kind = forms.ChoiceField(label=_("What they are to you"), choices=ConnectionKind.choices)
    contact_name = forms.CharField(label=_("Contact"), max_length=150, required=False)
    contact_email = forms.EmailField(label=_("Contact’s e-mail"), required=False)
    note = forms.CharField(
        label=_("Own note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read by your organisation only."),
    )


class CompanyForm(ConnectionForm):
    """A company to record."""

    name = forms.CharField(label=_("Company"), max_length=200)
    company_number = CompanyNumberField(
        label=_("Company number"),
        required=False,
        help_text=_("From Companies House. With it, no company is recorded twice."),
    )
    vat_number = VatNumberField(label=_("VAT number"), required=False)
    town = forms.CharField(label=_("Town"), max_length=100, required=False)
    postcode = PostcodeField(label=_("Postcode"), required=False)
    invite = forms.BooleanField(
        label=_("Invite the contact to take the record over"),
        required=False,
        help_text=_("They get a mail with a link; nothing happens until they accept."),
    )
    message = forms.CharField(
        label=_("Message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_MESSAGE
    )
    field_order = (
        "name",
        "company_number",
        "vat_number",
        "town",
        "postcode",
        "kind",
        "contact_name",
        "contact_email",
        "note",
        "invite",
        "message",
    )


class ClaimForm(DomainForm):
    """Somebody of a company to take its record over."""

    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    message = forms.CharField(
        label=_("Message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_MESSAGE
    )
