"""What people type about enterprises and grants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from organisations.enums import BusinessKind, GrantKind, Sells


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

    kind = forms.ChoiceField(label=_("What it is"), choices=BusinessKind.choices)
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


def _choose(field: forms.Field, choices: list[tuple[str, str]], *, only: bool) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
    if only and len(choices) == 1:
        field.initial = choices[0][0]


class GiveForm(DomainForm):
    """Who lets whom do what."""

    granter = forms.ChoiceField(label=_("Which of your enterprises gives it"))
    permission = forms.ChoiceField(label=_("What they may do"), choices=GrantKind.choices)
    grantees = forms.MultipleChoiceField(
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

    grantee = forms.ChoiceField(label=_("Which of your enterprises asks"))
    permission = forms.ChoiceField(label=_("What it wants to do"), choices=GrantKind.choices)
    granter = forms.ChoiceField(label=_("Whom it asks"))
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
