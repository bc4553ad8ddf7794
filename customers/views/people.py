"""The people of an organisation: the list, one of them and what she may, changing, deactivating, removing, leaving."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.arrays import OneOf
from common.errors import ConfirmationNeeded
from common.web import FormPage
from customers import effective, reads
from customers.enums import InvitationKind
from customers.members import members_of, narrowed, sees_people
from customers.people_forms import MemberForm
from organisations.models import BusinessUnit
from organisations.reads import units
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions import reads as permission_reads
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.domain import members as verbs
from permissions.domain.owners import owners
from permissions.enforce import enforced
from permissions.lookup import one
from permissions.models import Membership, Role

PER_PAGE = 50
#: As many units are named where a change is shown; of more, how many they are.
MOST_NAMED = 20
#: As many units are there to be chosen from; of more, the name is typed.
MOST_OFFERED = 100
STATES = ("active", "invited", "deactivated")


class PeoplePage(OrganisationPage):
    """A page of an organisation's people."""

    def back(self) -> str:
        """The list."""
        return reverse("people", args=[self.kwargs["organisation"]])

    def steps(self, *more: tuple[str, str]) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("People"), self.back() if more else ""), *more)

    def roles(self) -> list[Role]:
        """The roles that can be held here: built-in ones first."""
        rows = permission_reads.roles(self.access)
        known = rows.filter(organisation=None) | rows.filter(organisation=self.organisation)
        return list(known.order_by("-organisation", "pk"))

    def givable(self) -> list[tuple[str, str]]:
        """Of those, the ones that may no more than she."""
        key = self.organisation.pk
        return [(one.public_id, one.name) for one in self.roles() if verbs.beyond(self.access, key, one, None) is None]


class People(PeoplePage):
    """Who belongs to the organisation, who was invited, who was deactivated."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them."""
        found = self.read_organisation()
        manage = engine.decide(self.access, Action.MEMBERSHIP_MANAGE, of_organisation(found))
        if not sees_people(self.access, found):
            enforced(manage)
        wanted = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "role", "unit", "state")}
        given = units(self.access).filter(organisation=found, archived_at=None).order_by("name", "pk")
        offered = list(given[: MOST_OFFERED + 1])
        if wanted["unit"] and len(offered) > MOST_OFFERED:
            # Typed, where there are too many to choose from.
            named = given.filter(name__iexact=wanted["unit"]).first()
            wanted["unit"] = named.public_id if named else wanted["unit"]
        state = wanted["state"] if wanted["state"] in STATES else "active"
        rows = members_of(self.access, found)
        invited = reads.in_state(reads.invitations(self.access), "pending").filter(
            organisation=found, kind=InvitationKind.MEMBER
        )
        counts = {one: narrowed(rows, self.access, {"state": one}).count() for one in ("active", "deactivated")}
        shown: Any = narrowed(rows, self.access, {**wanted, "state": state}).order_by("user__name", "pk")
        if state == "invited":
            shown = invited.order_by("email", "pk")
            for word in wanted["q"].split():
                shown = shown.filter(email__icontains=word) | shown.filter(name__icontains=word)
        context = {
            **self.steps(),
            "title": _("People"),
            "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
            "state": state,
            "counts": {**counts, "invited": invited.count()},
            "wanted": wanted,
            "filtered": any(wanted[name] for name in ("q", "role", "unit")),
            "roles": self.roles(),
            "units": offered if len(offered) <= MOST_OFFERED else None,
            "typed_unit": request.GET.get("unit", ""),
            "manage": manage,
            "owners": owners(found).count(),
        }
        return self.show("customers/people.html", context)


class PersonPage(PeoplePage):
    """A page of one member."""

    member: Membership

    def prepare(self) -> None:
        """The organisation and the member."""
        self.read_organisation()
        self.member = one(members_of(self.access, self.organisation), self.kwargs["membership"])

    def own(self) -> str:
        """Her page."""
        return reverse("person", args=[self.organisation.public_id, self.member.public_id])

    def back(self) -> str:
        """Her page, or the list when there is no more of her."""
        return self.own() if hasattr(self, "member") else super().back()

    def steps(self, *more: tuple[str, str]) -> dict[str, Any]:
        """The trail; the list is named to those who see it."""
        people = [(_("People"), reverse("people", args=[self.organisation.public_id]))]
        listed = people if sees_people(self.access, self.organisation) else []
        return self.trail(*listed, (str(self.member.user), self.own() if more else ""), *more)


class Person(PersonPage):
    """One member, and what she may really do."""

    def get(self, request: HttpRequest, organisation: str, membership: str) -> HttpResponse:
        """Show it."""
        self.prepare()
        loss = verbs.decide_loss(self.access, self.member)
        words = request.GET.get("q", "").strip()[:100]
        page = Paginator(effective.units_of(self.member, words), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.steps(),
            "title": str(self.member.user),
            "member": self.member,
            "is_me": self.member.user_id == self.access.user_id,
            "is_active": self.member.is_active and self.member.user.is_active,
            "effective": effective.effective(self.member, page.object_list),
            "page": page,
            "words": words,
            "change": verbs.decide_change(self.access, self.member),
            "loss": loss,
        }
        return self.show("customers/person.html", context)


class ChangePerson(PersonPage, FormPage[MemberForm]):
    """Another role, or other units, with what changes shown before."""

    form_class = MemberForm
    template = "organisations/organisation_form.html"

    def may(self) -> None:
        """Those who manage people, not above her, not herself."""
        enforced(verbs.decide_change(self.access, self.member))

    def prepare(self) -> None:
        """The member."""
        super().prepare()
        self.title = _("Change what %(person)s may do") % {"person": self.member.user}

    def units(self) -> list[BusinessUnit]:
        """The units that can be given, and those put away that she is given already."""
        rows = units(self.access).filter(organisation=self.organisation)
        hers = [] if self.member.all_units else [unit.pk for unit in self.member.units.all()]
        return list(rows.filter(Q(archived_at=None) | Q(pk=OneOf(hers))).order_by("name", "pk"))

    def form_options(self) -> dict[str, Any]:
        """Roles and units to choose from."""
        archived = _("%(unit)s (archived)")
        given = [
            (unit.public_id, archived % {"unit": unit.name} if unit.is_archived else unit.name) for unit in self.units()
        ]
        return {"roles": self.givable(), "units": given}

    def initial(self) -> dict[str, Any]:
        """As it is."""
        role = self.member.role.public_id
        if self.member.all_units:
            return {"role": role, "scope": "all"}
        return {"role": role, "scope": "named", "units": [unit.public_id for unit in self.member.units.all()]}

    def context(self, form: MemberForm) -> dict[str, Any]:
        """The version that she read."""
        return {**self.steps((_("Change"), "")), "version": self.member.version}

    def save(self, form: MemberForm) -> HttpResponse:
        """Ask, showing before and after; then change it."""
        role = next(one for one in self.roles() if one.public_id == form.cleaned_data["role"])
        chosen = form.cleaned_data["units"]
        named = None if chosen is None else [unit for unit in self.units() if unit.public_id in set(chosen)]
        enforced(verbs.decide_change(self.access, self.member))
        verbs.within(self.access, self.organisation, role, named)
        if not self.confirmed:
            told = _("This changes what %(person)s may do, from the next request on.") % {"person": self.member.user}
            raise ConfirmationNeeded(told, before_and_after(self.member, role, named))
        verbs.change_member(self.access, membership=self.member, role=role, units=named, version=self.version)
        return self.done(self.own(), _("%(person)s is %(role)s now.") % {"person": self.member.user, "role": role})


def before_and_after(member: Membership, role: Role, named: list[BusinessUnit] | None) -> dict[str, Any]:
    """What a change gives and takes."""

    def said(permissions: list[Permission]) -> list[str] | str:
        return [PERMISSION_LABELS[permission] for permission in permissions] or str(_("nothing"))

    def called(units: list[BusinessUnit]) -> list[str]:
        more = len(units) - MOST_NAMED
        names = [unit.name for unit in units[:MOST_NAMED]]
        return [*names, _("and %(count)s more") % {"count": more}] if more > 0 else names

    was, then = set(member.role.permissions), set(role.permissions)
    units_now = _("all units") if member.all_units else called(list(member.units.all()))
    return {
        "role_now": member.role.name,
        "role_then": role.name,
        "gained": said([one for one in Permission if one in then - was]),
        "lost": said([one for one in Permission if one in was - then]),
        "units_now": units_now,
        "units_then": _("all units") if named is None else called(named),
    }


class EndPage(PersonPage):
    """A page that shows what somebody would lose, and asks."""

    title = ""
    lead = ""
    label = ""

    def may(self) -> None:
        """Not above her, not herself, not the last account owner."""
        enforced(verbs.decide_loss(self.access, self.member))

    def act(self) -> HttpResponse:
        """Do it."""
        raise NotImplementedError

    def words(self) -> dict[str, str]:
        """Title, lead and label."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Show what it would take."""
        self.prepare()
        self.may()
        preview = verbs.removal_preview(self.access, membership=self.member)
        context = {
            **self.steps((self.words()["label"], "")),
            **self.words(),
            "preview": preview,
            "version": self.member.version,
            "back": self.back(),
        }
        return self.show("customers/person_end.html", context)

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Do it."""
        self.prepare()
        return self.act()


class DeactivatePerson(EndPage):
    """She may nothing until she is let in again."""

    def words(self) -> dict[str, str]:
        """What it is."""
        return {
            "title": _("Deactivate %(person)s?") % {"person": self.member.user},
            "lead": _("They can do nothing here from their next request on. You can let them in again, as before."),
            "label": _("Deactivate"),
        }

    def act(self) -> HttpResponse:
        """Deactivate her."""
        verbs.set_member_active(self.access, membership=self.member, active=False, version=self.version)
        return self.done(self.own(), _("%(person)s is deactivated.") % {"person": self.member.user})


class ReactivatePerson(PersonPage):
    """Let her in again."""

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """With the role and the units that she had."""
        self.prepare()
        verbs.set_member_active(self.access, membership=self.member, active=True, version=self.version)
        return self.done(self.own(), _("%(person)s is let in again.") % {"person": self.member.user})


class RemovePerson(EndPage):
    """She belongs to the organisation no more."""

    def words(self) -> dict[str, str]:
        """What it is."""
        return {
            "title": _("Remove %(person)s?") % {"person": self.member.user},
            "lead": _(
                "They no longer belong to the organisation. Their account stays; to come back they have to be invited."
            ),
            "label": _("Remove"),
        }

    def act(self) -> HttpResponse:
        """Remove her."""
        verbs.remove_member(self.access, membership=self.member, version=self.version)
        people = reverse("people", args=[self.organisation.public_id])
        return self.done(people, _("%(person)s is removed.") % {"person": self.member.user})


class Leave(EndPage):
    """Leave an organisation oneself."""

    def prepare(self) -> None:
        """One's own membership, of whatever organisation."""
        rows = permission_reads.memberships(self.access).filter(user=self.access.user_id)
        self.member = one(rows, self.kwargs["membership"])
        self.organisation = self.member.organisation

    def may(self) -> None:
        """Not as the last account owner."""
        verbs.may_leave(self.access, self.member)

    def back(self) -> str:
        """One's own account."""
        return reverse("account")

    def words(self) -> dict[str, str]:
        """What it is."""
        return {
            "title": _("Leave %(organisation)s?") % {"organisation": self.organisation},
            "lead": _("You may nothing there any more. To come back you have to be invited."),
            "label": _("Leave"),
        }

    def act(self) -> HttpResponse:
        """Leave."""
        verbs.leave(self.access, membership=self.member)
        return self.done(self.back(), _("You have left %(organisation)s.") % {"organisation": self.organisation})
