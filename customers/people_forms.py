"""What people type about members, roles and ownership."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from organisations.forms import ScopeForm

_CHECKS = {"class": "form-check-input"}
Choices = list[tuple[str, str]]


def _choose(field: forms.Field, choices: Sequence[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class MemberForm(ScopeForm):
    """Role and units of somebody."""

    role = forms.ChoiceField(label=_("Role"), help_text=_("Only roles that allow no more than you may do yourself."))
    field_order = ("role", "scope", "units")

    def __init__(self, *args: Any, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["role"], roles)


class RoleForm(DomainForm):
    """A role of an organisation's own."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    permissions = forms.MultipleChoiceField(
        label=_("It lets people"),
        error_messages={"required": _("Choose what the role lets people do.")},
        widget=forms.CheckboxSelectMultiple(attrs=_CHECKS),
        help_text=_("Only what you may yourself. Without seeing, a role gives nothing."),
    )

    def __init__(self, *args: Any, permissions: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["permissions"], permissions)


class ReassignForm(DomainForm):
    """What those who hold a role get instead."""

    reassign_to = forms.ChoiceField(label=_("They get instead"))

    def __init__(self, *args: Any, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["reassign_to"], [("", _("Choose a role")), *roles])


class OwnershipForm(DomainForm):
    """To whom, and what oneself is afterwards."""

    recipient = forms.ChoiceField(
        label=_("To whom"), help_text=_("An active colleague with a confirmed e-mail. They have to accept.")
    )
    giver_role = forms.ChoiceField(label=_("What you are afterwards"))

    def __init__(self, *args: Any, people: Choices, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["recipient"], [("", _("Choose a colleague")), *people])
        _choose(self.fields["giver_role"], roles)
