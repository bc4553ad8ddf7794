"""The business units of an organisation, and the farm or store behind each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common import clock
from common.errors import NotFound
from common.web import FormPage
from organisations import hours, reads
from organisations.domain import businesses as business_verbs
from organisations.domain import units as verbs
from organisations.enums import BusinessKind, Certification, FarmEnterprise, OrganisationKind
from organisations.forms import BusinessForm, FarmForm, StoreForm, TradingForm, UnitForm
from organisations.models import Business, BusinessUnit
from organisations.rules import of, of_organisation, of_unit
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions.actions import Action
from permissions.enforce import enforced
from permissions.lookup import one

PER_PAGE = 50
FORM = "organisations/organisation_form.html"


class Units(OrganisationPage):
    """The units of an organisation that she is given."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them."""
        found = self.read_organisation()
        search, kind, show = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "show"))
        rows = reads.units(self.access).filter(organisation=found, archived_at__isnull=show != "archived")
        if kind in BusinessKind.values:
            rows = rows.filter(business__kind=kind)
        elif kind == "none":
            rows = rows.filter(business=None)
        for word in search.split():
            rows = rows.filter(Q(name__icontains=word) | Q(town__icontains=word) | Q(postcode__icontains=word))
        page = Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.trail((_("Business units"), "")),
            "title": _("Business units"),
            "page": page,
            "search": search,
            "kind": kind,
            "kinds": BusinessKind.choices,
            "show": show,
            "filtered": bool(search or kind or show),
            "may_create": found.kind == OrganisationKind.FULL
            and engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(found)),
        }
        return self.show("organisations/units.html", context)


class CreateUnit(OrganisationPage, FormPage[UnitForm]):
    """A new unit."""

    form_class = UnitForm
    template = FORM

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()
        self.title, self.submit_label = _("New business unit"), _("Add the unit")

    def may(self) -> None:
        """Those who manage the whole organisation."""
        enforced(engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(self.organisation)))
        verbs.may_have_units(self.organisation)

    def context(self, form: UnitForm) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("Business units"), self.back()), (_("New"), ""))

    def back(self) -> str:
        """The list."""
        return reverse("units", args=[self.kwargs["organisation"]])

    def save(self, form: UnitForm) -> HttpResponse:
        """Add it."""
        made = verbs.create_unit(self.access, organisation=self.organisation, **form.cleaned_data)
        words = _("Added. When it trades, make it a farm or a store.")
        return self.done(reverse("unit", args=[self.organisation.public_id, made.public_id]), words)


class UnitPage(OrganisationPage):
    """A page of one unit of one organisation: another organisation's unit is not found under this one."""

    unit: BusinessUnit

    def read_unit(self) -> BusinessUnit:
        """The unit, when she is given it and it stands where the address says."""
        self.read_organisation()
        self.unit = one(reads.units(self.access).filter(organisation=self.organisation), self.kwargs["unit"])
        return self.unit

    @property
    def business(self) -> Business:
        """The farm or store behind the unit."""
        found: Business | None = getattr(self.unit, "business", None)
        if found is None:
            raise NotFound
        return found

    def trail(self, *steps: tuple[str, str]) -> dict[str, Any]:
        """The organisation, its units, the unit, and the steps below it."""
        units = (_("Business units"), reverse("units", args=[self.organisation.public_id]))
        own = (self.unit.name, self.back() if steps else "")
        return {**super().trail(units, own, *steps), "unit": self.unit}

    def back(self) -> str:
        """The unit."""
        return reverse("unit", args=[self.kwargs["organisation"], self.kwargs["unit"]])


class Unit(UnitPage):
    """One unit: its address, and the farm or store behind it."""

    def get(self, request: HttpRequest, organisation: str, unit: str) -> HttpResponse:
        """Show it."""
        found = self.read_unit()
        business: Business | None = getattr(found, "business", None)
        context = {
            **self.trail(),
            "title": found.name,
            "edit": engine.decide(self.access, Action.UNIT_EDIT, of_unit(found)),
            "business": business,
        }
        if business is not None:
            actions = (Action.BUSINESS_EDIT_PROFILE, Action.BUSINESS_EDIT_TRADING)
            (facts,) = engine.facts_for(self.access, actions, of(business)).values()
            context |= {
                "edit_profile": engine.judge(actions[0], facts),
                "edit_trading": engine.judge(actions[1], facts),
                **particulars(business),
            }
        return self.show("organisations/unit.html", context)


def particulars(business: Business) -> dict[str, Any]:
    """What only a farm or only a store has, in words."""
    return {
        "keeps": [FarmEnterprise(one).label for one in business.farm_enterprises],
        "certified": [Certification(one).label for one in business.certifications],
        "days": [(label, hours.as_text(business.opening_hours.get(day))) for day, label in hours.DAYS.items()]
        if business.opening_hours
        else [],
    }


class EditUnit(UnitPage, FormPage[UnitForm]):
    """Change a unit's name or address."""

    form_class = UnitForm
    template = FORM

    def prepare(self) -> None:
        """The unit."""
        self.title = _("Edit %(name)s") % {"name": self.read_unit().name}

    def may(self) -> None:
        """Those who manage it."""
        enforced(engine.decide(self.access, Action.UNIT_EDIT, of_unit(self.unit)))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.unit, name) for name in UnitForm.base_fields}

    def context(self, form: UnitForm) -> dict[str, Any]:
        """The trail and the version."""
        return {**self.trail((_("Edit"), "")), "version": self.unit.version}

    def save(self, form: UnitForm) -> HttpResponse:
        """Change it."""
        verbs.edit_unit(self.access, unit=self.unit, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class RemoveUnit(UnitPage):
    """Remove a unit: says first whether it would be deleted or put away, why, and what that touches."""

    def get(self, request: HttpRequest, organisation: str, unit: str) -> HttpResponse:
        """Ask."""
        found = self.read_unit()
        preview = verbs.removal_preview(self.access, unit=found)
        context = {
            **self.trail((_("Remove"), "")),
            "title": _("Remove %(name)s?") % {"name": found.name},
            "deletes": preview["outcome"] == "deleted",
            "refers": preview["referred_to_by"],
            "members": preview["members"],
            # It may both coordinate a cycle and take part in it.
            "cycles": list(
                dict.fromkeys(one["name"] for key in ("coordinates", "cycles") for one in preview.get(key, ()))
            ),
            "version": found.version,
            "back": self.back(),
        }
        return self.show("organisations/unit_remove.html", context)

    def post(self, request: HttpRequest, organisation: str, unit: str) -> HttpResponse:
        """Remove it."""
        left = verbs.remove_unit(self.access, unit=self.read_unit(), version=self.version)
        if left is None:
            return self.done(reverse("units", args=[organisation]), _("Deleted."))
        return self.done(self.back(), _("Archived, because something refers to it. It can be restored here."))


class RestoreUnit(UnitPage):
    """Take a unit out of the archive."""

    def post(self, request: HttpRequest, organisation: str, unit: str) -> HttpResponse:
        """Restore it."""
        verbs.restore_unit(self.access, unit=self.read_unit())
        return self.done(self.back(), _("Restored. What lapsed with it stands again."))


# --- the farm or store behind it --------------------------------------------------------------------------------


class CreateBusiness(UnitPage, FormPage[BusinessForm]):
    """Make a unit a farm or a store."""

    form_class = BusinessForm
    template = FORM

    def prepare(self) -> None:
        """The unit."""
        self.title = _("Make %(name)s a farm or a store") % {"name": self.read_unit().name}
        self.submit_label = _("Go on")

    def may(self) -> None:
        """Those who manage it."""
        enforced(engine.decide(self.access, Action.UNIT_EDIT, of_unit(self.unit)))

    def context(self, form: BusinessForm) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("Farm or store"), ""))

    def save(self, form: BusinessForm) -> HttpResponse:
        """Make it."""
        business_verbs.create_business(self.access, unit=self.unit, **form.cleaned_data)
        address = reverse("particulars", args=[self.kwargs["organisation"], self.kwargs["unit"]])
        return self.done(address, _("Done. Now say more about it, as far as you like."))


class _BusinessPage(UnitPage):
    """A form about the business of a unit."""

    def may(self) -> None:
        """Those who set how it trades."""
        enforced(engine.decide(self.access, Action.BUSINESS_EDIT_TRADING, of(self.business)))


class EditTrading(_BusinessPage, FormPage[TradingForm]):
    """Change how it trades."""

    form_class = TradingForm
    template = FORM

    def prepare(self) -> None:
        """The business."""
        self.read_unit()
        self.title = _("How %(name)s trades") % {"name": self.business.name}

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.business, name) for name in TradingForm.base_fields}

    def context(self, form: TradingForm) -> dict[str, Any]:
        """The trail and the version."""
        return {**self.trail((_("How it trades"), "")), "version": self.business.version}

    def save(self, form: TradingForm) -> HttpResponse:
        """Change it; a new address is asked to confirm itself."""
        before = self.business.contact_email
        changed = business_verbs.edit_trading(
            self.access, business=self.business, version=self.version, **form.cleaned_data
        )
        if changed.confirmation_waits is not None:
            again = timezone.localtime(clock.now() + timedelta(seconds=changed.confirmation_waits))
            told = _(
                "Saved. Too many mails have gone out; the one that confirms the address can be sent again at %(time)s."
            )
            return self.done(self.back(), told % {"time": f"{again:%H:%M}"})
        if changed.contact_email and changed.contact_email != before:
            words = _("Saved. A mail has gone to %(address)s; open the link in it to confirm the address.")
            return self.done(self.back(), words % {"address": changed.contact_email})
        return self.done(self.back(), _("Saved."))


class EditParticulars(_BusinessPage, FormPage[Any]):
    """Change what only a farm, or only a store has: the form is by the kind of the business."""

    template = FORM

    def prepare(self) -> None:
        """The business, and which form it needs."""
        self.read_unit()
        self.is_farm = self.business.kind == BusinessKind.FARM
        self.form_class = FarmForm if self.is_farm else StoreForm
        self.template = FORM if self.is_farm else "organisations/store_form.html"  # type: ignore[misc]
        words = _("Farm data of %(name)s") if self.is_farm else _("Store data of %(name)s")
        self.title = words % {"name": self.business.name}

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        names = [*self.form_class.base_fields, *(() if self.is_farm else ("opening_hours",))]
        return {name: getattr(self.business, name) for name in names}

    def context(self, form: Any) -> dict[str, Any]:
        """The trail and the version."""
        words = _("Farm data") if self.is_farm else _("Store data")
        return {**self.trail((words, "")), "version": self.business.version}

    def save(self, form: Any) -> HttpResponse:
        """Change it."""
        business_verbs.edit_trading(self.access, business=self.business, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))
