"""Forms of signing in, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    SetPasswordForm,
)
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from customers.adapters import origin_of
from customers.domain import accounts
from organisations.validators import validate_one_line


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        if "remember" in self.fields:
            self.fields["remember"].label = _("Keep me signed in on this device")


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """The e-mail to which the link goes. Nothing is looked up: whoever asks learns nothing, not even by the clock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")

    def clean_email(self) -> str:
        """As it was typed, in small letters."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Have the job find out whether there is an account."""
        email: str = self.cleaned_data["email"]
        accounts.ask_for_reset(email=email)
        return email


class ChangeEmailForm(AddEmailForm):  # type: ignore[misc]
    """The address to which one's own is to be changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail")

    def clean_email(self) -> str:
        """Not one that this person must not have."""
        email: str = super().clean_email()
        accounts.check_new_email(self.user, email)
        return email

    def save(self, request: HttpRequest) -> Any:
        """The present address is told that it is to be replaced, before it is."""
        accounts.tell(self.user, "email_change_asked", new_email=self.cleaned_data["email"], **origin_of(request))
        return super().save(request)


class ReplacePasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["oldpassword"].help_text = ""
        in_our_words(self)


class FirstPasswordForm(SetPasswordForm):  # type: ignore[misc]
    """A password for an account that has none, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)


class ProveForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)


def in_our_words(form: forms.Form) -> None:
    """Labels of ours, rules of passwords as one text, and nothing written into the fields themselves."""
    if "password1" in form.fields:
        form.fields["password1"].label = _("New password")
        form.fields["password1"].help_text = PASSWORD_RULES
    if "password2" in form.fields:
        form.fields["password2"].label = _("The same once more")
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


#: What Django's rules and our own (``AUTH_PASSWORD_VALIDATORS``) come to.
PASSWORD_RULES = _(
    "At least 8 characters, whichever you like: a sentence is good. Not a common password, and nothing made of your "
    "name, your e-mail or your organisation’s name."
)


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey or security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)
        self.fields["name"].help_text = _("Where it is, or what it looks like: “My phone”.")
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = _("Sign in with it alone, without the password")
            self.fields["passwordless"].help_text = _("It then asks for your fingerprint, your face or its PIN.")


class NameForm(DomainForm):
    """What a person is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        validators=[validate_one_line],
        help_text=_("As your colleagues know you: given name and family name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_RULES

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        found: dict[str, Any] = super().clean() or {}
        if "password1" in found and "password2" in found and found["password1"] != found["password2"]:
            self.add_error("password2", _("The two are not the same."))
        return found
