"""The public door for companies: sign up, ask for access, or be told that nobody is taken on; by the mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from common.addresses import address_of, network_of
from common.errors import Gone, Invalid
from common.web import DomainForm, FormPage, Page
from customers.domain import requests, signup
from customers.domain.mode import mode
from customers.enums import SignUp
from customers.forms import NewPasswordForm
from customers.models import PendingSignUp
from organisations.enums import BusinessKind
from organisations.form_fields import CompanyNumberField, PostcodeField, VatNumberField
from permissions.access import Access

_NOBODY = Access.none()


class PointedForm(DomainForm):
    """A form whose fields are named by their place in what the verb takes: ``/unit/name`` is ``unit_name``."""

    #: What is no field, but taken from one, which is marked already.
    copied: ClassVar[frozenset[str]] = frozenset()

    def take(self, error: Invalid) -> None:
        """Put each error at its field; what has none goes to the top."""
        for one in error.errors:
            name = one.pointer.strip("/").replace("/", "_")
            if name not in self.copied:
                self.add_error(name if name in self.fields else None, one.detail)

    def part(self, name: str) -> dict[str, Any]:
        """What was typed of a part, without what was left empty."""
        return {
            field.removeprefix(f"{name}_"): value
            for field, value in self.cleaned_data.items()
            if field.startswith(f"{name}_") and value not in (None, "", [])
        }


def _text(label: Any, most: int, *, required: bool = False, help_text: Any = "", autocomplete: str = "") -> Any:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete} if autocomplete else {})
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=widget)


def _email(label: Any) -> forms.EmailField:
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))


def _company_number() -> CompanyNumberField:
    told = gettext_lazy("From Companies House, if there is one.")
    return CompanyNumberField(label=gettext_lazy("Company number"), required=False, help_text=told)


def _postcode() -> PostcodeField:
    widget = forms.TextInput(attrs={"autocomplete": "postal-code"})
    return PostcodeField(label=gettext_lazy("Postcode"), required=False, widget=widget)


class SignUpForm(PointedForm):
    """A company with its first site, and the person who becomes account owner."""

    copied = frozenset({"organisation_town", "organisation_postcode"})

    organisation_name = _text(gettext_lazy("Company"), 200, required=True, autocomplete="organization")
    organisation_company_number = _company_number()
    organisation_vat_number = VatNumberField(
        label=gettext_lazy("VAT number"), required=False, help_text=gettext_lazy("If there is one.")
    )
    unit_name = _text(
        gettext_lazy("First site"),
        200,
        help_text=gettext_lazy("Your farm, store, depot or office. Left empty, it is called like the company."),
    )
    business_kind = forms.ChoiceField(
        label=gettext_lazy("What is there"),
        choices=[("", gettext_lazy("neither farm nor store")), *BusinessKind.choices],
        required=False,
    )
    unit_address = _text(gettext_lazy("Address"), 200, autocomplete="street-address")
    unit_town = _text(gettext_lazy("Town"), 100, autocomplete="address-level2")
    unit_postcode = _postcode()
    owner_name = _text(gettext_lazy("Your name"), 150, required=True, autocomplete="name")
    owner_email = _email(gettext_lazy("Your e-mail"))

    def details(self) -> dict[str, Any]:
        """What the verb takes."""
        organisation, unit, business = self.part("organisation"), self.part("unit"), self.part("business")
        unit.setdefault("name", organisation["name"])
        for field in ("town", "postcode"):
            if field in unit:
                organisation[field] = unit[field]
        return {
            "organisation": organisation,
            "unit": unit,
            "business": business or None,
            "owner": self.part("owner"),
        }


class AccessForm(PointedForm):
    """A company that asks to be taken on."""

    company_name = _text(gettext_lazy("Company"), 200, required=True, autocomplete="organization")
    company_number = _company_number()
    postcode = _postcode()
    name = _text(gettext_lazy("Your name"), 150, required=True, autocomplete="name")
    email = _email(gettext_lazy("Your e-mail"))
    message = forms.CharField(
        label=gettext_lazy("What we should know"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class SignUpPage(FormPage[PointedForm]):
    """Sign up, or ask for access, or read that nobody is taken on. The mode is read with every request."""

    template = "customers/sign_up.html"

    def prepare(self) -> None:
        """The form of the mode as it is now."""
        self.mode = mode()
        self.form_class = SignUpForm if self.mode == SignUp.OPEN else AccessForm
        self.title = _("Sign up your company") if self.mode == SignUp.OPEN else _("Ask for access")
        self.submit_label = _("Sign up") if self.mode == SignUp.OPEN else _("Ask for access")

    def back(self) -> str:
        """To signing in."""
        return reverse("account_login")

    def shown(self, form: PointedForm, *, status: int = 200, stale: Any = None) -> HttpResponse:
        """The form, or that there is none."""
        if self.mode == SignUp.CLOSED:
            return self.show("customers/sign_up_closed.html", status=200 if self.request.method == "GET" else 409)
        return super().shown(form, status=status, stale=stale)

    def context(self, form: PointedForm) -> Mapping[str, Any]:  # type: ignore[override]
        """Which of the two it is."""
        return {"is_open": self.mode == SignUp.OPEN}

    def save(self, form: PointedForm) -> HttpResponse:
        """The same answer whatever comes of it."""
        source = network_of(address_of(self.request))
        if isinstance(form, SignUpForm):
            signup.ask_to_sign_up(_NOBODY, **form.details(), source=source)
        else:
            requests.ask_for_access(_NOBODY, **form.cleaned_data, source=source)
        return self.done(reverse("sign_up_sent"))


@method_decorator(login_not_required, name="dispatch")
class SignUpSent(Page):
    """Check your mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say so."""
        return self.show("customers/sign_up_sent.html", {"is_open": mode() == SignUp.OPEN})


@method_decorator((login_not_required, never_cache, sensitive_post_parameters()), name="dispatch")
class SignUpConfirm(Page):
    """Where the link of a sign-up leads. Reading the page changes nothing: programs that look at mail read links."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask for the password."""
        try:
            return self._form(NewPasswordForm(), signup.get_pending(token))
        except Gone as error:
            return self._gone(error)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Take the company on."""
        form = NewPasswordForm(request.POST)
        try:
            waits = signup.get_pending(token)
            if not form.is_valid():
                return self._form(form, waits, 400)
            made = signup.confirm_sign_up(_NOBODY, token=token, password=form.cleaned_data["password1"])
        except Gone as error:
            return self._gone(error)
        except Invalid as error:
            for one in error.errors:
                form.add_error("password1" if one.pointer == "/password" else None, one.detail)
            return self._form(form, waits, 400)
        if made is None:
            return self._quiet(self.show("customers/sign_up_known.html"))
        words = _("%(company)s is taken on. Sign in with %(email)s.")
        return self._quiet(
            self.done(reverse("account_login"), words % {"company": made.organisation, "email": waits.email})
        )

    def _form(self, form: NewPasswordForm, waits: PendingSignUp, status: int = 200) -> HttpResponse:
        context = {"form": form, "company": waits.details["organisation"]["name"], "email": waits.email}
        return self._quiet(self.show("customers/sign_up_confirm.html", context, status))

    def _gone(self, error: Gone) -> HttpResponse:
        return self._quiet(self.show("customers/dead_sign_up.html", {"error": error}, 410))

    def _quiet(self, response: HttpResponse) -> HttpResponse:
        """The address is a secret: it is told to nobody as where one came from."""
        response["Referrer-Policy"] = "no-referrer"
        return response
