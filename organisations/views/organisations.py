"""Organisations: hers, and those that hers know; the profile of one, and what is still to be set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from common.errors import NotFound
from common.web import FormPage, Page
from organisations import reads
from organisations.domain.organisations import edit_organisation
from organisations.enums import BusinessKind, OrganisationKind
from organisations.forms import OrganisationForm, RecordForm
from organisations.models import Organisation
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage, crumbs
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import enforced
from permissions.reads import memberships

PER_PAGE = 50
RELATIONS = ("own", "connected")


class Organisations(Page):
    """Every organisation that she sees, whole or by its public profile."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        search, relation = (request.GET.get(name, "").strip()[:100] for name in ("q", "relation"))
        own = Q(pk__in=self.access.organisation_ids())
        rows = reads.known(self.access)
        if relation in RELATIONS:
            rows = rows.filter(own if relation == "own" else ~own)
        for word in search.split():
            rows = rows.filter(Q(name__icontains=word) | Q(town__icontains=word))
        page = Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        kinds = reads.kinds_of(page)
        context = {
            "page": page,
            "organisations": [
                (one, [BusinessKind(kind).label for kind in kinds[one.pk]], one.pk in self.access.organisation_ids())
                for one in page
            ],
            "search": search,
            "relation": relation,
            "filtered": bool(search or relation),
        }
        return self.show("organisations/organisations.html", context)


class Profile(OrganisationPage):
    """An organisation: hers whole, another that hers knows by its public profile."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show it."""
        try:
            found = self.read_organisation()
        except NotFound:
            return self._public(reads.get_known(self.access, organisation))
        edit = engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(found))
        context = {
            **self.trail(),
            "title": found.name,
            "edit": edit,
            "record": self._record(found) if found.kind == OrganisationKind.SHELL else None,
            # A record is set up by whoever takes it over.
            "steps": checklist(self.access, found) if edit and found.kind == OrganisationKind.FULL else [],
        }
        return self.show("organisations/organisation.html", context)

    def _record(self, found: Organisation) -> dict[str, Any]:
        """What can be done about the record of a company by those who keep it."""
        keeper = found.created_by_organisation
        if keeper is None or not engine.decide(self.access, Action.ORGANISATION_RECORD, of_organisation(keeper)):
            return {}
        connection = reads.connection_between(self.access, keeper, found)
        return {
            "keeper": keeper,
            "invite": connection and _address("claim_invite", keeper.public_id, connection.public_id),
            "connect": "" if connection else _address("connect_back", keeper.public_id),
        }

    def _public(self, found: Organisation) -> HttpResponse:
        """Nothing goes to this template but what partners may read."""
        kinds = reads.kinds_of([found])[found.pk]
        enterprises = reads.enterprises(self.access).filter(unit__organisation=found, unit__archived_at=None)
        context = {
            "profile": {"name": found.name, "town": found.town, "kinds": [BusinessKind(kind).label for kind in kinds]},
            "enterprises": list(enterprises.order_by("unit__name", "pk")[:PER_PAGE]),
            "crumbs": crumbs(found),
        }
        return self.show("organisations/public_profile.html", context)


class EditOrganisation(OrganisationPage, FormPage[OrganisationForm]):
    """Change what an organisation says of itself."""

    form_class = OrganisationForm
    template = "organisations/organisation_form.html"

    def prepare(self) -> None:
        """The organisation."""
        found = self.read_organisation()
        self.title = _("Edit the profile")
        if found.kind == OrganisationKind.SHELL:
            self.form_class = RecordForm

    def may(self) -> None:
        """Those who manage the whole of it."""
        enforced(engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(self.organisation)))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.organisation, name) for name in self.form_class.base_fields}

    def context(self, form: OrganisationForm) -> dict[str, Any]:
        """The trail and the version."""
        return {**self.trail((_("Edit"), "")), "version": self.organisation.version}

    def save(self, form: OrganisationForm) -> HttpResponse:
        """Change it."""
        edit_organisation(self.access, organisation=self.organisation, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


# --- what is still to be set up ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a working account has, and where to do it; without an address it is said and not linked."""

    label: str
    done: bool
    url: str = ""


def checklist(access: Access, organisation: Organisation) -> list[Step]:
    """What is set up, and what is not; empty when everything is. Three statements at most.

    For those who may do these things: she manages the whole organisation.
    """
    units = list(
        reads.units(access)
        .filter(organisation=organisation, archived_at=None)
        .select_related("business")
        .order_by("name", "pk")
    )
    businesses = [unit for unit in units if getattr(unit, "business", None) is not None]
    bare = next((unit for unit in units if unit not in businesses), None)
    unconfirmed = next((unit for unit in businesses if not unit.business.contact_email_is_confirmed), None)
    public_id = organisation.public_id
    steps = [
        Step(
            _("Say where the organisation is"),
            bool(organisation.town and organisation.postcode),
            reverse("organisation_edit", args=[public_id]),
        ),
        Step(_("Add a business unit"), bool(units), reverse("unit_create", args=[public_id])),
        Step(
            _("Make a unit a farm or a store"),
            bool(businesses),
            reverse("business_create", args=[public_id, bare.public_id]) if bare else "",
        ),
        Step(
            _("Confirm the contact e-mail of each enterprise"),
            bool(businesses) and unconfirmed is None,
            reverse("unit", args=[public_id, unconfirmed.public_id]) if unconfirmed else "",
        ),
    ]
    if engine.decide(access, Action.MEMBERSHIP_MANAGE, of_organisation(organisation)):
        owners = memberships(access).filter(
            organisation=organisation, role__key="owner", role__organisation=None, is_active=True, all_units=True
        )
        steps.append(Step(_("Have a second account owner"), owners.count() > 1, _address("people", public_id)))
    return [] if all(step.done for step in steps) else steps


def _address(name: str, *public_ids: str) -> str:
    """The address of another app's page, when that app is here."""
    try:
        return reverse(name, args=public_ids)
    except NoReverseMatch:
        return ""
