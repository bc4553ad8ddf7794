"""The staff's desk for customers: what waits, one search for all, one page of one customer, and taking one on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from common.errors import ConfirmationNeeded, DomainError, Invalid, NotFound
from customers import directory
from customers.domain import recovery, requests, signup
from customers.domain.mode import mode
from customers.models import AccessRequest
from organisations.enums import BusinessKind, Certification, FarmEnterprise, Sells
from organisations.form_fields import CompanyNumberField, HoursField, PostcodeField, VatNumberField
from permissions.access import Access
from permissions.models import Membership
from permissions.reads import memberships
from permissions.staff import errors_of, reason_field
from permissions.web import access_of

_CHANGELIST = "admin:%s_changelist"
#: Where the things that wait are looked at.
LINKS = {
    "requests": (_CHANGELIST % "customers_accessrequest", "?status__exact=waiting"),
    "invitations": (_CHANGELIST % "customers_invitation", "?state=undelivered"),
    "pending": (_CHANGELIST % "customers_invitation", "?state=pending"),
    "ownerless": ("admin:ownerless", ""),
    "duplicates": ("admin:duplicates", ""),
    "mails": (_CHANGELIST % "mails_mail", "?status__exact=failed"),
    "jobs": ("admin:procrastinate_procrastinatejob_changelist", ""),
    "imports": (_CHANGELIST % "customers_importbatch", "?status__exact=checked"),
    "removals": (_CHANGELIST % "customers_removal", "?status__exact=scheduled"),
}


class DeskPage(View):
    """A page of the staff's site, beside those of models."""

    site: AdminSite = None  # type: ignore[assignment]
    title: Any = ""
    template = ""

    @property
    def access(self) -> Access:
        """Who is asking."""
        return access_of(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What is not there is not found."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFound as problem:
            raise Http404 from problem

    def show(self, status: int = 200, **context: Any) -> HttpResponse:
        """Render the page."""
        whole = {**self.site.each_context(self.request), "title": self.title, **context}
        return TemplateResponse(self.request, self.template, whole, status=status)


def dashboard(access: Access, known: set[str]) -> list[dict[str, Any]]:
    """What waits, with where to look at it; of a thing without a page there is no link."""
    rows = []
    for one in directory.waiting(access):
        name, query = LINKS[one.key]
        rows.append({"label": one.label, "count": one.count, "url": f"{reverse(name)}{query}" if name in known else ""})
    return rows


class Search(DeskPage):
    """Customers and people by whatever one knows of them."""

    title = _("Search")
    template = "admin/search.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is found; the only thing that is found is opened at once."""
        text = request.GET.get("q", "").strip()[:100]
        found: dict[str, Any] = {"customers": [], "people": []}
        if len(text) >= 2:
            found = directory.found(self.access, text)
        if len(found["customers"]) == 1 and not found["people"]:
            return HttpResponseRedirect(reverse("admin:customer", args=[found["customers"][0].public_id]))
        return self.show(text=text, most=directory.MOST_FOUND, **found)


class Ownerless(DeskPage):
    """Customers for which nobody can act."""

    title = _("Customers without an active account owner")
    template = "admin/ownerless.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        directory.staff_only(self.access)
        rows = directory.without_owner(self.access).order_by("name", "pk")
        return self.show(page=Paginator(rows, 50).get_page(request.GET.get("page")))


class Duplicates(DeskPage):
    """Companies that may be one."""

    title = _("Names that several companies have")
    template = "admin/duplicates.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of them, name by name."""
        page = Paginator(directory.likely_duplicates(self.access), 25).get_page(request.GET.get("page"))
        groups = directory.companies_of(self.access, [group["plain_name"] for group in page])
        return self.show(page=page, groups=groups)


class CustomerPage(DeskPage):
    """Everything about one customer."""

    template = "admin/customer.html"

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show it."""
        row = directory.get_customer(self.access, organisation)
        self.title = row.name
        return self.show(customer=row, state=directory.state_of(row), **directory.overview(self.access, row))


# --- taking a customer on -------------------------------------------------------------------------------------------


def _wide() -> forms.TextInput:
    return forms.TextInput(attrs={"class": "vTextField"})


def _text(label: Any, most: int, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=_wide())


class OnboardForm(forms.Form):
    """All of a customer. Fields are named by their place in what the verb takes."""

    organisation_name = _text(_("Company"), 200, required=True)
    organisation_company_number = CompanyNumberField(
        label=_("Company number"), required=False, help_text=_("From Companies House."), widget=_wide()
    )
    organisation_vat_number = VatNumberField(label=_("VAT number"), required=False, widget=_wide())
    organisation_town = _text(_("Town"), 100)
    organisation_postcode = PostcodeField(label=_("Postcode"), required=False, widget=_wide())
    unit_name = _text(_("Name"), 200, help_text=_("Left empty, it is called like the company."))
    unit_address = _text(_("Address"), 200)
    unit_town = _text(_("Town"), 100)
    unit_postcode = PostcodeField(label=_("Postcode"), required=False, widget=_wide())
    unit_phone = _text(_("Telephone"), 30)
    business_kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("no business")), *BusinessKind.choices]
    )
    business_sells = forms.ChoiceField(
        label=_("Sells"), required=False, choices=[("", _("as usual for its kind")), *Sells.choices]
    )
    business_is_producer = forms.TypedChoiceField(
        label=_("Is a producer"),
        required=False,
        choices=[("", _("as usual for its kind")), ("yes", _("yes")), ("no", _("no"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    business_description = forms.CharField(
        label=_("Public description"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    business_website = forms.URLField(
        label=_("Website"), required=False, assume_scheme="https", widget=forms.URLInput(attrs={"class": "vURLField"})
    )
    business_contact_email = forms.EmailField(
        label=_("Contact e-mail"), required=False, widget=forms.EmailInput(attrs={"class": "vTextField"})
    )
    business_holding_number = _text(_("County Parish Holding number"), 20, help_text=_("A farm's, 12/345/6789."))
    business_hectares = forms.DecimalField(
        label=_("Hectares"), required=False, min_value=0, max_digits=9, decimal_places=2, help_text=_("A farm's.")
    )
    business_farm_enterprises = forms.MultipleChoiceField(
        label=_("Farm enterprises"),
        required=False,
        choices=FarmEnterprise.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A farm's."),
    )
    business_certifications = forms.MultipleChoiceField(
        label=_("Certifications"),
        required=False,
        choices=Certification.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A farm's."),
    )
    business_store_code = _text(_("Store code"), 20, help_text=_("A store's."))
    business_opening_hours = HoursField()
    business_floor_area = forms.IntegerField(
        label=_("Floor area in square metres"), required=False, min_value=0, help_text=_("A store's.")
    )
    business_capacity = forms.IntegerField(
        label=_("Storage capacity in pallets"), required=False, min_value=0, help_text=_("A store's.")
    )
    owner_name = _text(_("Name"), 150, required=True)
    owner_email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"class": "vTextField"})
    )
    reason = reason_field()

    #: Headings, and the fields below each.
    sections = (
        (_("Company"), "organisation_"),
        (_("First business unit"), "unit_"),
        (_("Its farm or store"), "business_"),
        (_("Account owner"), "owner_"),
        (_("Why"), "reason"),
    )

    def fieldsets(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (title, [self[name] for name in self.fields if name.startswith(start)]) for title, start in self.sections
        ]

    def part(self, name: str) -> dict[str, Any]:
        """What was typed of a part, without what was left empty."""
        return {
            field.removeprefix(f"{name}_"): value
            for field, value in self.cleaned_data.items()
            if field.startswith(f"{name}_") and value not in (None, "", [], {})
        }

    def details(self) -> dict[str, Any]:
        """What the verb takes."""
        organisation, unit, business = self.part("organisation"), self.part("unit"), self.part("business")
        unit.setdefault("name", organisation["name"])
        if business and "kind" not in business:
            raise Invalid.one("/business/kind", "required", "Choose whether it is a farm or a store.")
        return {
            "organisation": organisation,
            "unit": unit,
            "business": business or None,
            "owner": self.part("owner"),
        }

    def take(self, problem: DomainError) -> None:
        """Put what the verb refused at its field."""
        if isinstance(problem, Invalid):
            for one in problem.errors:
                name = one.pointer.strip("/").replace("/", "_")
                self.add_error(name if name in self.fields else NON_FIELD_ERRORS, one.detail)
            return
        for field, sentence in errors_of(problem):
            self.add_error(field if field in self.fields else NON_FIELD_ERRORS, sentence)


class Onboard(DeskPage):
    """Take on a customer in one go; what is like it is shown first. ``?request=acr_…`` fills in what a company said."""

    title = _("Take on a customer")
    template = "admin/onboard.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """An empty form, or what the company said."""
        asked = self._asked()
        directory.staff_only(self.access)
        return self._show(OnboardForm(initial=_said(asked) if asked else {}), asked)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Look for what is like it, then make all of it."""
        asked, form = self._asked(), OnboardForm(request.POST)
        if not form.is_valid():
            return self._show(form, asked)
        try:
            made = self._made(form, asked)
        except ConfirmationNeeded as problem:
            return self._show(form, asked, matches=problem.preview["matches"], told=problem.detail)
        except DomainError as problem:
            form.take(problem)
            return self._show(form, asked)
        told = _("%(company)s is taken on. %(email)s gets a mail with a link to set the password.")
        if made.owner is None:
            told = _("%(company)s is taken on. %(email)s has an account already, and is asked by mail to become owner.")
        messages.success(request, told % {"company": made.organisation, "email": form.cleaned_data["owner_email"]})
        return HttpResponseRedirect(reverse("admin:customer", args=[made.organisation.public_id]))

    def _made(self, form: OnboardForm, asked: AccessRequest | None) -> signup.SignedUp:
        access = self.access.acting(form.cleaned_data["reason"])
        confirmed = self.request.POST.get("confirmed") == "yes"
        if asked is not None:
            return requests.take_on(access, request=asked, confirmed=confirmed, **form.details())
        return signup.sign_up(access, confirmed=confirmed, **form.details())

    def _asked(self) -> AccessRequest | None:
        wanted = self.request.GET.get("request", "")
        return directory.get_access_request(self.access, wanted) if wanted else None

    def _show(self, form: OnboardForm, asked: AccessRequest | None, **context: Any) -> HttpResponse:
        return self.show(form=form, asked=asked, mode=mode().label, **context)


def _said(asked: AccessRequest) -> dict[str, str]:
    return {
        "organisation_name": asked.company_name,
        "organisation_company_number": asked.company_number,
        "organisation_postcode": asked.postcode,
        "unit_postcode": asked.postcode,
        "owner_name": asked.name,
        "owner_email": asked.email,
    }


# --- recovering an account ------------------------------------------------------------------------------------------


class RecoverForm(forms.Form):
    """A member, or somebody to invite."""

    membership = forms.ModelChoiceField(
        Membership.objects.none(),  # door: filled by the page
        label=_("Active member"),
        required=False,
        empty_label=_("somebody to invite"),
    )
    email = forms.EmailField(
        label=_("E-mail to invite"), required=False, widget=forms.EmailInput(attrs={"class": "vTextField"})
    )
    name = _text(_("Name"), 150)
    reason = reason_field()


class Recover(DeskPage):
    """Give a customer an account owner. Every owner that there is gets a mail."""

    title = _("Recover the ownership")
    template = "admin/recover.html"

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Ask who."""
        row = directory.get_customer(self.access, organisation)
        return self.show(customer=row, form=self._form(row))

    def post(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Do it."""
        row = directory.get_customer(self.access, organisation)
        form = self._form(row, request.POST)
        if form.is_valid():
            data = dict(form.cleaned_data)
            try:
                done = recovery.recover_ownership(self.access.acting(data.pop("reason")), organisation=row, **data)
            except DomainError as problem:
                for field, sentence in errors_of(problem):
                    form.add_error(field if field in form.fields else NON_FIELD_ERRORS, sentence)
            else:
                told = _("An invitation goes out.") if done.invitation else _("Done. The owners are told by mail.")
                messages.success(request, told)
                return HttpResponseRedirect(reverse("admin:customer", args=[row.public_id]))
        return self.show(customer=row, form=form)

    def _form(self, row: Any, data: Any = None) -> RecoverForm:
        form = RecoverForm(data)
        choice: Any = form.fields["membership"]
        choice.queryset = memberships(self.access).filter(organisation=row, is_active=True, user__is_active=True)
        choice.label_from_instance = lambda one: f"{one.user.name} ({one.user.email}), {one.role}"
        return form
