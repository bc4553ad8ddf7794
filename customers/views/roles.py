"""The roles of an organisation: a matrix of what each lets people do, and making roles of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import ConfirmationNeeded
from common.web import FormPage
from customers.members import sees_people
from customers.people_forms import ReassignForm, RoleForm
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions import reads as permission_reads
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.domain import members
from permissions.domain import roles as verbs
from permissions.enforce import enforced
from permissions.lookup import one
from permissions.models import Role

FORM = "organisations/organisation_form.html"


class RolesPage(OrganisationPage):
    """A page of an organisation's roles."""

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()

    def back(self) -> str:
        """The matrix."""
        return reverse("roles", args=[self.kwargs["organisation"]])

    def steps(self, *more: tuple[str, str]) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("Roles"), self.back() if more else ""), *more)

    def may(self) -> None:
        """Those who manage roles."""
        enforced(engine.decide(self.access, Action.ROLE_MANAGE, of_organisation(self.organisation)))

    def rows(self) -> Any:
        """The roles that can be held here: built-in ones first."""
        rows = permission_reads.roles(self.access)
        known = rows.filter(organisation=None) | rows.filter(organisation=self.organisation)
        return known.order_by("-organisation", "pk")

    def permissions(self) -> list[tuple[str, str]]:
        """What she may herself, and so may put into a role."""
        key = self.organisation.pk
        mine = {one for held in self.access.held if held.organisation_id == key for one in held.permissions}
        return [(str(one), PERMISSION_LABELS[one]) for one in Permission if one in mine]


class Roles(RolesPage):
    """Permissions by roles."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show the matrix."""
        self.prepare()
        rows = list(self.rows())
        counted = sees_people(self.access, self.organisation)
        held = verbs.holders_of(rows, self.organisation) if counted else {}
        manage = engine.decide(self.access, Action.ROLE_MANAGE, of_organisation(self.organisation))
        changeable = verbs.changeable(self.access, self.organisation, rows) if manage else set()
        shown = [
            {
                "role": row,
                "holders": verbs.said(held.get(row.pk, {})),
                "may": [PERMISSION_LABELS[one] for one in Permission if one in row.permissions],
                "editable": row.pk in changeable,
            }
            for row in rows
        ]
        matrix = [(PERMISSION_LABELS[one], [one in row.permissions for row in rows]) for one in Permission]
        context = {
            **self.steps(),
            "title": _("Roles"),
            "roles": shown,
            "matrix": matrix,
            "counted": counted,
            "manage": manage,
        }
        return self.show("customers/roles.html", context)


class CreateRole(RolesPage, FormPage[RoleForm]):
    """A role of the organisation's own."""

    form_class = RoleForm
    template = FORM

    def prepare(self) -> None:
        """The organisation."""
        super().prepare()
        self.title, self.submit_label = _("New role"), _("Create the role")

    def initial(self) -> dict[str, Any]:
        """As another role, or as little as makes sense."""
        like = self.rows().filter(public_id=self.request.GET.get("like", "")).first()
        return {"permissions": like.permissions if like else [str(Permission.VIEW)]}

    def form_options(self) -> dict[str, Any]:
        """What can be put in."""
        return {"permissions": self.permissions()}

    def context(self, form: RoleForm) -> dict[str, Any]:
        """The trail."""
        return self.steps((self.title, ""))

    def save(self, form: RoleForm) -> HttpResponse:
        """Make it."""
        role = verbs.create_role(self.access, organisation=self.organisation, **form.cleaned_data)
        return self.done(self.back(), _("The role %(role)s is there to be given.") % {"role": role})


class EditRole(RolesPage, FormPage[RoleForm]):
    """Change one of the organisation's own, for all who hold it."""

    form_class = RoleForm
    template = "customers/role.html"
    role: Role

    def prepare(self) -> None:
        """The role."""
        super().prepare()
        self.role = one(self.rows(), self.kwargs["role"])
        self.title = _("The role %(role)s") % {"role": self.role}

    def may(self) -> None:
        """Not a built-in one, nor the one that she holds, nor one that may more than she."""
        enforced(verbs.decide_change(self.access, self.role))

    def initial(self) -> dict[str, Any]:
        """As it is."""
        return {name: getattr(self.role, name) for name in ("name", "description", "permissions")}

    def form_options(self) -> dict[str, Any]:
        """What can be put in."""
        return {"permissions": self.permissions()}

    def context(self, form: RoleForm) -> dict[str, Any]:
        """Who holds it."""
        held = verbs.holders_of([self.role], self.organisation)[self.role.pk]
        return {
            **self.steps((str(self.role), "")),
            "role": self.role,
            "holders": verbs.said(held),
            "version": self.role.version,
        }

    def save(self, form: RoleForm) -> HttpResponse:
        """Ask when it changes what people may; then change it."""
        preview = verbs.change_preview(self.access, role=self.role, **form.cleaned_data)
        if preview["count"] and (preview["gains"] or preview["loses"]) and not self.confirmed:
            told = _("%(holders)s hold the role. It counts with their next request.")
            shown = {
                "holders": verbs.said(preview["holders"]),
                "they_gain": [PERMISSION_LABELS[Permission(one)] for one in preview["gains"]],
                "they_lose": [PERMISSION_LABELS[Permission(one)] for one in preview["loses"]],
            }
            raise ConfirmationNeeded(told % {"holders": shown["holders"]}, shown)
        verbs.edit_role(self.access, role=self.role, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("The role %(role)s is changed.") % {"role": form.cleaned_data["name"]})


class DeleteRole(RolesPage, FormPage[ReassignForm]):
    """Delete one of the organisation's own; whoever holds it gets another."""

    form_class = ReassignForm
    template = "customers/role_delete.html"
    role: Role

    def prepare(self) -> None:
        """The role, and who holds it."""
        super().prepare()
        self.role = one(self.rows(), self.kwargs["role"])
        self.title, self.submit_label = _("Delete the role %(role)s?") % {"role": self.role}, _("Delete it")
        self.holders = verbs.holders_of([self.role], self.organisation)[self.role.pk]

    def may(self) -> None:
        """As for changing it."""
        enforced(verbs.decide_change(self.access, self.role))

    def others(self) -> list[Role]:
        """The roles that they can get: none that may more than she, and not the account owner's."""
        key = self.organisation.pk
        rows = self.rows().exclude(pk=self.role.pk).exclude(organisation=None, key="owner")
        return [role for role in rows if members.beyond(self.access, key, role, None) is None]

    def form_options(self) -> dict[str, Any]:
        """Another role; not asked for when nobody holds this one."""
        return {"roles": [(role.public_id, role.name) for role in self.others()]}

    def context(self, form: ReassignForm) -> dict[str, Any]:
        """Who holds it."""
        return {
            **self.steps((str(self.role), "")),
            "role": self.role,
            "holders": verbs.said(self.holders),
            "version": self.role.version,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without holders there is nothing to choose."""
        self.prepare()
        if any(self.holders.values()):
            return super().post(request, *args, **kwargs)
        return self.end(None)

    def save(self, form: ReassignForm) -> HttpResponse:
        """Delete it."""
        return self.end(next(one for one in self.others() if one.public_id == form.cleaned_data["reassign_to"]))

    def end(self, instead: Role | None) -> HttpResponse:
        """Call the verb."""
        verbs.delete_role(self.access, role=self.role, reassign_to=instead, version=self.version)
        return self.done(self.back(), _("The role %(role)s is deleted.") % {"role": self.role})
