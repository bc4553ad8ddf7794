"""Roles: the built-in ones, and an organisation's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from organisations.api.organisations import Preview
from organisations.models import Organisation
from organisations.reads import get_organisation
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.api.fields import QueryId, Strict, Text
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView
from permissions.domain import roles as verbs
from permissions.lookup import one
from permissions.models import Role
from permissions.reads import roles


class HoldersOut(TypedDict):
    """How many hold a role."""

    members: int
    api_keys: int
    invitations: int
    transfers: Annotated[int, described("Offers of ownership after which the giver would have this role.")]


class RoleOut(TypedDict):
    """A role: a named set of permissions."""

    id: Annotated[str, id_of("rol")]
    organisation: Annotated[str | None, id_of("org", "Null for a built-in role, which is the same for all.")]
    key: Annotated[str, described("Stable name of a built-in role; empty for an organisation's own.")]
    name: str
    description: str
    permissions: list[str]
    holders: Annotated[
        HoldersOut | None, described("In this organisation; null unless you manage its people or its roles.")
    ]
    updated_at: datetime
    version: int


def counts(found: dict[str, int]) -> HoldersOut:
    """Holders, with those that are none."""
    return {
        "members": found.get("members", 0),
        "api_keys": found.get("api_keys", 0),
        "invitations": found.get("invitations", 0),
        "transfers": found.get("transfers", 0),
    }


def counts_holders(access: Access, organisation: Organisation) -> bool:
    """Whether the actor may know how many hold a role there."""
    mine = access.organisation_ids(Permission.MANAGE_USERS) | access.organisation_ids(Permission.MANAGE_ROLES)
    return access.is_staff or organisation.pk in mine


def roles_out(access: Access, organisation: Organisation, rows: list[Role]) -> list[RoleOut]:
    """Some roles, as they stand in an organisation."""
    held = verbs.holders_of(rows, organisation) if rows and counts_holders(access, organisation) else None
    return [
        {
            "id": row.public_id,
            "organisation": row.organisation.public_id if row.organisation else None,
            "key": row.key,
            "name": row.name,
            "description": row.description,
            "permissions": sorted(row.permissions),
            "holders": counts(held[row.pk]) if held is not None else None,
            "updated_at": row.updated_at,
            "version": row.version,
        }
        for row in rows
    ]


class RoleBody(Strict):
    """A role of an organisation's own."""

    name = Text(max_length=80)
    description = Text(max_length=300, allow_blank=True, required=False)
    permissions = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(one) for one in Permission]),
        min_length=1,
        max_length=len(Permission),
        help_text="What it lets a member do. `view` is among them: without it a role gives nothing.",
    )


class RoleDeletion(Preview):
    """What becomes of those who hold the role."""

    reassign_to = QueryId("rol", help_text="The role that they get instead. Needed when somebody holds it.")


class OneOfRoles(ApiView):
    """What addresses of roles share."""

    tag = "People"

    def rows(self, organisation: Organisation) -> QuerySet[Role]:
        """The roles that can be held in an organisation."""
        found = roles(self.access)
        return found.filter(organisation=None) | found.filter(organisation=organisation)

    def told(self, organisation: Organisation, role: Role, **options: Any) -> HttpResponse:
        """One role, as it stands now."""
        row = one(self.rows(organisation), role.public_id)
        return self.answer(roles_out(self.access, organisation, [row])[0], version=row.version, **options)


class RolesView(OneOfRoles):
    """organisations/{organisation}/roles/"""

    @operation("List roles", Action.ROLE_VIEW, query=PageQuery, answers=listing(RoleOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The built-in roles, and the organisation's own."""
        row = get_organisation(self.access, organisation)
        return self.page(self.rows(row), lambda found: roles_out(self.access, row, found))

    @operation(
        "Make a role",
        Action.ROLE_MANAGE,
        body=RoleBody,
        answers=RoleOut,
        status=201,
        tagged=True,
        acting=Acting.ALSO,
        example={"name": "Packer", "description": "Keeps products.", "permissions": ["view", "manage_products"]},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """For those who manage roles; nobody puts in a permission that she does not hold herself."""
        row = get_organisation(self.access, organisation)
        role = verbs.create_role(self.acting, organisation=row, **self.body)
        where = f"/api/v1/organisations/{row.public_id}/roles/{role.public_id}/"
        return self.told(row, role, status=201, location=where)


class RoleView(OneOfRoles):
    """organisations/{organisation}/roles/{role}/"""

    @operation("Read a role", Action.ROLE_VIEW, answers=RoleOut, tagged=True)
    def get(self, request: Request, organisation: str, role: str) -> HttpResponse:
        """A built-in role, or one of the organisation's own."""
        row = get_organisation(self.access, organisation)
        return self.told(row, one(self.rows(row), role))

    @operation(
        "Change a role",
        Action.ROLE_MANAGE,
        query=Preview,
        body=RoleBody,
        partial=True,
        versioned=True,
        previews=True,
        answers=RoleOut,
        tagged=True,
        acting=Acting.ALSO,
        example={"permissions": ["view", "manage_products", "take_part"]},
    )
    def patch(self, request: Request, organisation: str, role: str) -> HttpResponse:
        """For all who hold it, with their next request. Not the built-in ones, nor the one that you hold yourself.

        With `preview=true` nothing happens, `If-Match` is not needed, and the answer says who gains and loses what.
        """
        row = get_organisation(self.access, organisation)
        found = one(self.rows(row), role)
        if self.query["preview"]:
            return self.answer(verbs.change_preview(self.acting, role=found, **self.body))
        verbs.edit_role(self.acting, role=found, version=self.version_of(found), **self.body)
        return self.told(row, found)

    @operation(
        "Delete a role",
        Action.ROLE_MANAGE,
        query=RoleDeletion,
        previews=True,
        versioned=True,
        status=204,
        acting=Acting.ALSO,
    )
    def delete(self, request: Request, organisation: str, role: str) -> HttpResponse:
        """409 `role_in_use` with the number of holders, unless `reassign_to` says which role they get instead.

        With `preview=true` nothing happens, `If-Match` is not needed, and the answer counts the holders.
        """
        row = get_organisation(self.access, organisation)
        found = one(self.rows(row), role)
        if self.query["preview"]:
            return self.answer(verbs.deletion_preview(self.acting, role=found))
        wanted = self.query.get("reassign_to")
        instead = one(self.rows(row), wanted) if wanted else None
        verbs.delete_role(self.acting, role=found, reassign_to=instead, version=self.version_of(found))
        return self.nothing()
