"""The users of an organisation: created, listed, changed, deactivated, removed; and what each may really do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import Invalid
from customers import effective
from customers.domain.people import take_on
from customers.members import STATES, members_of, narrowed
from customers.models import Invitation
from organisations.api.organisations import Preview
from organisations.api.shapes import EnterpriseRef, Named
from organisations.models import BusinessUnit
from organisations.reads import get_organisation, units
from permissions import reads
from permissions.access import Access
from permissions.actions import Action
from permissions.api.fields import Email, Query, QueryId, Reference, References, Strict, Text, YesNo
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView
from permissions.domain import members as verbs
from permissions.lookup import one
from permissions.models import Membership


class UserRef(TypedDict):
    """A person."""

    id: Annotated[str, id_of("usr")]
    name: str
    email: str


class RoleRef(TypedDict):
    """A role."""

    id: Annotated[str, id_of("rol")]
    key: Annotated[str, described("Stable name of a built-in role; empty for an organisation's own.")]
    name: str


class MemberOut(TypedDict):
    """A user in an organisation."""

    id: Annotated[str, id_of("mem")]
    organisation: Annotated[str, id_of("org")]
    user: UserRef
    state: Annotated[str, described("active or deactivated: here, or because the account is shut.", enum=list(STATES))]
    role: RoleRef
    all_units: bool
    units: Annotated[list[EnterpriseRef], described("Those she is given, unless she is given all.")]
    created_at: datetime
    updated_at: datetime
    version: int


class InvitedOut(TypedDict):
    """An invitation that was sent."""

    id: Annotated[str, id_of("inv")]
    organisation: Annotated[str, id_of("org")]
    email: str
    name: str
    state: Annotated[str, described("pending, until its reader accepts or declines it")]
    role: RoleRef
    all_units: bool
    units: list[EnterpriseRef]
    expires_at: datetime


def _refs(rows: Sequence[BusinessUnit]) -> list[EnterpriseRef]:
    return [{"id": unit.public_id, "name": unit.name} for unit in rows]


def _role(role: Any) -> RoleRef:
    return {"id": role.public_id, "key": role.key, "name": role.name}


def member_out(row: Membership) -> MemberOut:
    """One member, with user, role, organisation and units at hand."""
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "user": {"id": row.user.public_id, "name": row.user.name, "email": row.user.email},
        "state": "active" if row.is_active and row.user.is_active else "deactivated",
        "role": _role(row.role),
        "all_units": row.all_units,
        "units": _refs(list(row.units.all())),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def invited_out(row: Invitation) -> InvitedOut:
    """One invitation to join."""
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "email": row.email,
        "name": row.name,
        "state": row.state,
        "role": _role(row.role),
        "all_units": row.all_units,
        "units": _refs(list(row.units.all())),
        "expires_at": row.expires_at,
    }


class MembersQuery(PageQuery):
    """Which members."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    role = QueryId("rol", help_text="Who holds this role.")
    unit = QueryId("bu", help_text="Who is given this unit, by name or with all.")
    q = serializers.CharField(required=False, max_length=100, help_text="Words in name or e-mail.")


def _units(access: Access, ids: list[str]) -> Mapping[str, Any]:
    return {unit.public_id: unit for unit in units(access).filter(public_id__in=ids)}


class MemberBody(Strict):
    """Role and units."""

    role = Reference("rol", reads.get_role, help_text="See the organisation's roles. None above your own.")
    all_units = YesNo(required=False, help_text="The whole organisation. The same as leaving `units` out.")
    units = References("bu", _units, most=5000, required=False, help_text="The units she is given.")


class UserBody(MemberBody):
    """A user to create."""

    email = Email(max_length=254)
    name = Text(max_length=150)
    message = Text(max_length=500, allow_blank=True, required=False, help_text="Stands in the invitation.")


def _scope(body: Mapping[str, Any]) -> list[BusinessUnit] | None:
    """The units that were named; ``None`` for all."""
    if body.get("all_units") and body.get("units"):
        raise Invalid.one("/units", "all_units", "Name units, or say all_units, not both.")
    if body.get("all_units") is False and "units" not in body:
        raise Invalid.one("/units", "empty", "Choose at least one unit, or all of them.")
    named: list[BusinessUnit] | None = None if body.get("all_units") else body.get("units")
    return named


class MembersView(ApiView):
    """organisations/{organisation}/users/"""

    tag = "People"

    @operation("List users", Action.MEMBERSHIP_VIEW, query=MembersQuery, answers=listing(MemberOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The people of an organisation whose people you manage, deactivated ones included; otherwise only yourself.

        Who was invited and has not answered stands among the invitations.
        """
        row = get_organisation(self.access, organisation)
        rows = narrowed(members_of(self.access, row), self.access, self.query)
        return self.page(rows, lambda found: [member_out(one) for one in found])

    @operation(
        "Create a user",
        Action.MEMBERSHIP_MANAGE,
        body=UserBody,
        answers=InvitedOut,
        status=202,
        instead=(201, MemberOut),
        acting=Acting.ALSO,
        example={"email": "anna@culm.example", "name": "Anna Ash", "role": "rol_01k9f3q5j8x2m7n4v6b1c0d9eg"},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """With role and units. She is invited, and is a user of the organisation when she accepts (202).

        The answer is the same whether or not there is an account with the address. When Hectare staff create somebody
        who has no account, it is made at once (201, the user), and she is sent a link to set her password.
        """
        row = get_organisation(self.access, organisation)
        body = dict(self.body)
        named = _scope(body)
        wanted = {name: body[name] for name in ("email", "name", "role", "message") if name in body}
        made = take_on(self.acting, organisation=row, units=named, **wanted)
        if isinstance(made, Membership):
            member = one(members_of(self.access, row), made.public_id)
            where = f"/api/v1/organisations/{row.public_id}/users/{made.public_id}/"
            return self.answer(member_out(member), status=201, version=member.version, location=where)
        return self.answer(invited_out(made), status=202)


class OneMember(ApiView):
    """What addresses of one member share."""

    tag = "People"

    def read(self, organisation: str, membership: str) -> Membership:
        """The member, in the organisation that the address names."""
        row = get_organisation(self.access, organisation)
        return one(members_of(self.access, row), membership)

    def told(self, membership: Membership) -> HttpResponse:
        """The member as she stands now."""
        row = one(members_of(self.access, membership.organisation), membership.public_id)
        return self.answer(member_out(row), version=row.version)


class MemberView(OneMember):
    """organisations/{organisation}/users/{membership}/"""

    @operation("Read a user", Action.MEMBERSHIP_VIEW, answers=MemberOut, tagged=True)
    def get(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """One of an organisation's people, or yourself."""
        return self.told(self.read(organisation, membership))

    @operation(
        "Change a user",
        Action.MEMBERSHIP_MANAGE,
        body=MemberBody,
        partial=True,
        versioned=True,
        answers=MemberOut,
        tagged=True,
        acting=Acting.ALSO,
        example={"role": "rol_01k9f3q5j8x2m7n4v6b1c0d9eg", "all_units": True},
    )
    def patch(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """Another role, or other units. It counts with her next request.

        Not above your own role and units, not for somebody above you, not for yourself; and an account owner stays.
        """
        row = self.read(organisation, membership)
        body = self.body
        same = None if row.all_units else list(row.units.all())
        named = _scope(body) if {"units", "all_units"} & body.keys() else same
        verbs.change_member(
            self.acting,
            membership=row,
            role=body.get("role", row.role),
            units=named,
            version=self.version_of(row),
        )
        return self.told(row)

    @operation(
        "Remove a user",
        Action.MEMBERSHIP_MANAGE,
        Action.MEMBERSHIP_LEAVE,
        query=Preview,
        previews=True,
        versioned=True,
        status=204,
        acting=Acting.ALSO,
    )
    def delete(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """Takes a person out of the organisation; her account stays. Your own membership: you leave.

        With `preview=true` nothing happens, `If-Match` is not needed, and the answer says what she loses.
        """
        row = self.read(organisation, membership)
        if self.query["preview"]:
            return self.answer(verbs.removal_preview(self.access, membership=row))
        version = self.version_of(row)
        if row.user_id == self.access.user_id:
            verbs.leave(self.access, membership=row)
        else:
            verbs.remove_member(self.acting, membership=row, version=version)
        return self.nothing()


class MemberDeactivateView(OneMember):
    """organisations/{organisation}/users/{membership}/deactivate/"""

    @operation(
        "Deactivate a user",
        Action.MEMBERSHIP_MANAGE,
        answers=MemberOut,
        tagged=True,
        acting=Acting.ALSO,
    )
    def post(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """She may nothing here from her next request on, nor may the keys that she made, until she is let in again."""
        row = self.read(organisation, membership)
        verbs.set_member_active(self.acting, membership=row, active=False, version=self.version_if_sent(row))
        return self.told(row)


class MemberReactivateView(OneMember):
    """organisations/{organisation}/users/{membership}/reactivate/"""

    @operation(
        "Let a user in again",
        Action.MEMBERSHIP_MANAGE,
        answers=MemberOut,
        tagged=True,
        acting=Acting.ALSO,
    )
    def post(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """With the role and the units that she had."""
        row = self.read(organisation, membership)
        verbs.set_member_active(self.acting, membership=row, active=True, version=self.version_if_sent(row))
        return self.told(row)


class AnswerOut(TypedDict):
    """Yes or no, and why."""

    what: Annotated[str, described("A permission, or an action.")]
    label: str
    allowed: bool
    rule: Annotated[str | None, described("The rule that decided; null for a permission, which a role gives.")]
    why: str


class UnitAnswersOut(TypedDict):
    """One unit."""

    unit: Named
    covered: Annotated[bool, described("Whether her membership covers it.")]
    permissions: list[AnswerOut]
    actions: list[AnswerOut]


class GrantAnswerOut(TypedDict):
    """What an enterprise elsewhere lets one of hers do."""

    id: Annotated[str, id_of("grt")]
    granter: str
    grantee: str
    permission: str
    since: datetime
    allowed: Annotated[bool, described("Whether her role lets her use it.")]
    why: str


class EffectiveOut(TypedDict):
    """What a user may really do in an organisation. Sentences of rules speak to her: "you" is she."""

    membership: Annotated[str, id_of("mem")]
    source: Annotated[str, described("Where it comes from: her role and its units.")]
    nothing: Annotated[str | None, described("Why it is nothing at all at present; null when it is something.")]
    permissions: Annotated[list[AnswerOut], described("Every permission, anywhere in the organisation.")]
    actions: Annotated[list[AnswerOut], described("What matters most, on the organisation itself.")]
    units: Annotated[list[UnitAnswersOut], described("By name; as many as were asked for.")]
    units_count: Annotated[int, described("How many units there are, or are called like what was asked for.")]
    grants: Annotated[list[GrantAnswerOut], described("What others let her enterprises do.")]


def _answers(rows: Sequence[effective.Answer]) -> list[AnswerOut]:
    return [
        {"what": row.what, "label": row.label, "allowed": row.allowed, "rule": row.rule or None, "why": row.why}
        for row in rows
    ]


def effective_out(found: effective.Effective, units_count: int) -> EffectiveOut:
    """All of it."""
    return {
        "membership": found.membership.public_id,
        "source": found.source,
        "nothing": found.nothing or None,
        "permissions": _answers(found.permissions),
        "actions": _answers(found.actions),
        "units": [
            {
                "unit": {"id": row.unit.public_id, "name": row.unit.name},
                "covered": row.covered,
                "permissions": _answers(row.permissions),
                "actions": _answers(row.actions),
            }
            for row in found.units
        ],
        "units_count": units_count,
        "grants": [
            {
                "id": row.public_id,
                "granter": row.granter,
                "grantee": row.grantee,
                "permission": row.kind,
                "since": row.since,
                "allowed": row.allowed,
                "why": row.why,
            }
            for row in found.grants
        ],
    }


class AccessQuery(Query):
    """Of which units."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words in the unit's name.")
    offset = serializers.IntegerField(
        required=False, min_value=0, max_value=100_000, default=0, help_text="How many units to pass over."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=200, default=50, help_text="How many units to tell of."
    )


class MemberAccessView(OneMember):
    """organisations/{organisation}/users/{membership}/access/"""

    @operation("Read what a user may do, and why", Action.MEMBERSHIP_VIEW, query=AccessQuery, answers=EffectiveOut)
    def get(self, request: Request, organisation: str, membership: str) -> HttpResponse:
        """For every permission and for units, some at a time: yes or no, and the role, membership or grant it is from.

        Units are in the order of their names. `units_count` says how many there are; `offset` leads on.
        """
        row = self.read(organisation, membership)
        units = effective.units_of(row, self.query.get("q", ""))
        start = self.query["offset"]
        found = effective.effective(row, units[start : start + self.query["limit"]])
        return self.answer(effective_out(found, units.count()))
