"""Inviting people to an organisation, and what became of it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common import csv
from common.errors import Stale
from common.web import FormPage
from customers import people_to_invite, reads
from customers.domain import invitations as verbs
from customers.enums import InvitationKind
from customers.invitation_forms import InviteForm, InviteManyForm
from customers.models import Invitation
from customers.rules import of_invitation
from organisations.reads import units
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions import reads as permission_reads
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import enforced
from permissions.lookup import one
from permissions.models import Role

PER_PAGE = 50
FORM = "organisations/organisation_form.html"


def roles_to_give(access: Access, organisation: Any) -> list[Role]:
    """The roles that the actor can give in an organisation: none that may more than she."""
    rows = permission_reads.roles(access)
    known = rows.filter(organisation=None) | rows.filter(organisation=organisation)
    mine = [held.permissions for held in access.held if held.organisation_id == organisation.pk]
    return [
        role
        for role in known.order_by(F("organisation").asc(nulls_first=True), "pk")
        if any(set(role.permissions) <= permissions for permissions in mine)
    ]


class InvitePage(OrganisationPage):
    """A page of those who manage an organisation's people."""

    def may(self) -> None:
        """Those who manage its people."""
        enforced(engine.decide(self.access, Action.MEMBERSHIP_MANAGE, of_organisation(self.organisation)))

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()

    def back(self) -> str:
        """The list of invitations."""
        return reverse("invitations", args=[self.kwargs["organisation"]])

    def steps(self, *more: tuple[str, str]) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("Invitations"), self.back() if more else ""), *more)

    def form_options(self) -> dict[str, Any]:
        """Roles and units to choose from."""
        self.roles = roles_to_give(self.access, self.organisation)
        self.units = list(
            units(self.access).filter(organisation=self.organisation, archived_at=None).order_by("name", "pk")
        )
        return {
            "roles": [(role.public_id, role.name) for role in self.roles],
            "units": [(unit.public_id, unit.name) for unit in self.units],
        }

    def initial(self) -> dict[str, Any]:
        """The smallest of the roles is the one that does no harm."""
        viewer = [role.public_id for role in roles_to_give(self.access, self.organisation) if role.key == "viewer"]
        return {"role": viewer[0]} if viewer else {}

    def role(self, public_id: str) -> Role:
        """One of the roles that were offered."""
        return next(role for role in self.roles if role.public_id == public_id)

    def chosen(self, public_ids: Sequence[str] | None) -> list[Any] | None:
        """The units that were chosen; ``None`` for all of them."""
        named = None if public_ids is None else set(public_ids)
        return None if named is None else [unit for unit in self.units if unit.public_id in named]


class Invite(InvitePage, FormPage[InviteForm]):
    """Invite somebody."""

    form_class = InviteForm
    template = "customers/invite.html"

    def prepare(self) -> None:
        """The organisation."""
        super().prepare()
        self.title, self.submit_label = _("Invite somebody"), _("Send the invitation")

    def context(self, form: InviteForm) -> dict[str, Any]:
        """The trail."""
        return self.steps((_("Invite"), ""))

    def save(self, form: InviteForm) -> HttpResponse:
        """Invite her."""
        data = form.cleaned_data
        made = verbs.invite(
            self.access,
            organisation=self.organisation,
            email=data["email"],
            name=data["name"],
            role=self.role(data["role"]),
            units=self.chosen(data["units"]),
            message=data["message"],
        )
        return self.done(self.back(), _("An invitation goes to %(email)s.") % {"email": made.email})


class InviteMany(InvitePage, FormPage[InviteManyForm]):
    """Invite many, pasted or from a file; the answer says what became of each."""

    form_class = InviteManyForm
    template = "customers/invite_many.html"

    def prepare(self) -> None:
        """The organisation."""
        super().prepare()
        self.title, self.submit_label = _("Invite many"), _("Send the invitations")

    def shown(self, form: InviteManyForm, *, status: int = 200, stale: Stale | None = None) -> HttpResponse:
        """The form; a file's list is in the field afterwards: a browser does not send the file again."""
        if "file" in form.files and "people" in form.cleaned_data:
            typed = self.request.POST.copy()
            typed["people"] = form.cleaned_data["people"]
            form.data = typed
        return super().shown(form, status=status, stale=stale)

    def context(self, form: InviteManyForm) -> dict[str, Any]:
        """The trail."""
        return self.steps((_("Invite many"), ""))

    def save(self, form: InviteManyForm) -> HttpResponse:
        """Invite them, and show what became of each."""
        data = form.cleaned_data
        self.fallback = (self.role(data["role"]), self.chosen(data["units"]))
        rows = [self.wanted(line) for line in people_to_invite.read(data["people"])]
        done = verbs.invite_many(self.access, organisation=self.organisation, rows=rows, message=data["message"])
        columns = ("line", "email", "name", "outcome", "detail")
        table = csv.text(columns, [{**vars(one), "outcome": one.code} for one in done])
        context = {
            **self.steps(
                (_("Invite many"), reverse("invite_many", args=[self.organisation.public_id])), (_("Result"), "")
            ),
            "title": _("What became of each"),
            "outcomes": done,
            "invited": sum(1 for one in done if one.invitation),
            "file": f"data:text/csv;charset=utf-8;base64,{base64.b64encode(table.encode()).decode()}",
        }
        return self.show("customers/invited_many.html", context)

    def wanted(self, line: people_to_invite.Line) -> verbs.Wanted:
        """Somebody of the list: role and units by their names, those of the form where the list has none."""
        role, chosen = self.fallback
        problem = line.problem
        if line.role:
            named = [one for one in self.roles if one.name.casefold() == line.role.casefold()]
            role = named[0] if named else role
            problem = problem or (
                "" if named else _("There is no role “%(role)s” that you can give.") % {"role": line.role}
            )
        if line.units:
            by_name = {unit.name.casefold(): unit for unit in self.units}
            missing = [name for name in line.units if name.casefold() not in by_name]
            chosen = [by_name[name.casefold()] for name in line.units if name.casefold() in by_name]
            problem = problem or (_("There is no unit “%(unit)s”.") % {"unit": missing[0]} if missing else "")
        return verbs.Wanted(line.email, role, chosen, line.name, problem, line.number)


class Invitations(InvitePage):
    """The invitations of an organisation, those that wait at the top."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them. Staff look at them, too."""
        self.prepare()
        if not self.access.is_staff:
            self.may()
        state, search = (request.GET.get(name, "").strip()[:100] for name in ("state", "q"))
        rows = reads.invitations(self.access).filter(organisation=self.organisation, kind=InvitationKind.MEMBER)
        if state in reads.STATES:
            rows = reads.in_state(rows, state)
        for word in search.split():
            rows = rows.filter(Q(email__icontains=word) | Q(name__icontains=word))
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.steps(),
            "title": _("Invitations"),
            "page": page,
            "state": state,
            "search": search,
            "states": reads.STATES,
            "waiting": ("pending", "expired", "failed"),
            "may_invite": not self.access.is_staff,
        }
        return self.show("customers/invitations.html", context)


class Act(InvitePage):
    """Something that is done to one invitation, at the press of a button."""

    def post(self, request: HttpRequest, organisation: str, invitation: str) -> HttpResponse:
        """Do it."""
        self.prepare()
        found = one(reads.invitations(self.access).filter(organisation=self.organisation), invitation)
        enforced(engine.decide(self.access, Action.INVITATION_MANAGE, of_invitation(found)))
        return self.done(self.back(), self.act(found))

    def act(self, invitation: Invitation) -> str:
        """Do it; what to say."""
        raise NotImplementedError


class Resend(Act):
    """Send it again."""

    def act(self, invitation: Invitation) -> str:
        """Send it."""
        verbs.resend(self.access, invitation=invitation)
        return _("The invitation goes to %(email)s again; older links do not work any more.") % {
            "email": invitation.email
        }


class Revoke(Act):
    """Take it back."""

    def act(self, invitation: Invitation) -> str:
        """Revoke it."""
        verbs.revoke(self.access, invitation=invitation)
        return _("The invitation of %(email)s is revoked.") % {"email": invitation.email}
