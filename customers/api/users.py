"""Everybody with an account, and Hectare's own people. For staff; to others these addresses are not there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from customers import everybody
from customers.directory import staff_only
from customers.domain import staff, support, users
from organisations.api.shapes import Named
from permissions.actions import Action
from permissions.api.fields import Email, QueryId, Strict, Text, YesNo
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView

_STATE = described("active, deactivated, or erased: nothing of the person is left.", enum=list(everybody.STATES))


class BelongsOut(TypedDict):
    """A membership."""

    membership: Annotated[str, id_of("mem")]
    organisation: Named
    role: str
    is_active: bool


class AccountOut(TypedDict):
    """An account."""

    id: Annotated[str, id_of("usr")]
    name: str
    email: str
    state: Annotated[str, _STATE]
    staff: Annotated[bool, described("Whether it is one of Hectare's own people.")]
    administrator: Annotated[bool, described("Whether she manages staff.")]
    email_verified: bool
    second_factor: Annotated[bool, described("Whether there is an authenticator app or a passkey.")]
    organisations: list[BelongsOut]
    last_login: datetime | None
    created_at: datetime
    updated_at: datetime


class StaffOut(TypedDict):
    """One of Hectare's own people."""

    id: Annotated[str, id_of("usr")]
    name: str
    email: str
    state: Annotated[str, _STATE]
    administrator: Annotated[bool, described("Whether she manages staff.")]
    email_verified: Annotated[bool, described("Whether she has followed the link that proves her address.")]
    second_factor: Annotated[bool, described("Whether there is an authenticator app or a passkey.")]
    last_login: datetime | None
    created_at: datetime
    updated_at: datetime


class EndedOut(TypedDict):
    """What was ended."""

    ended: Annotated[int, described("How many there were.")]


def account_out(row: Any) -> AccountOut:
    """One account."""
    return {
        "id": row.public_id,
        "name": row.name,
        "email": row.email,
        "state": everybody.state_of(row),
        "staff": row.is_staff,
        "administrator": row.is_superuser,
        "email_verified": row.email_verified,
        "second_factor": row.has_second_factor,
        "organisations": [
            {
                "membership": one.public_id,
                "organisation": {"id": one.organisation.public_id, "name": one.organisation.name},
                "role": one.role.name,
                "is_active": one.is_active,
            }
            for one in row.memberships.all()
        ],
        "last_login": row.last_login,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def staff_out(row: Any) -> StaffOut:
    """One member of staff."""
    return {
        "id": row.public_id,
        "name": row.name,
        "email": row.email,
        "state": everybody.state_of(row),
        "administrator": row.is_superuser,
        "email_verified": row.email_verified,
        "second_factor": row.has_second_factor,
        "last_login": row.last_login,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


class AccountsQuery(PageQuery):
    """Whom to look for."""

    q = serializers.CharField(required=False, max_length=100, help_text="Part of a name or an e-mail; an id.")
    organisation = QueryId("org", help_text="Who belongs to this organisation.")
    state = serializers.ChoiceField(choices=everybody.STATES, required=False)
    staff = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Hectare's own people, or all others."
    )


class StaffQuery(PageQuery):
    """Whom to look for."""

    q = serializers.CharField(required=False, max_length=100, help_text="Part of a name or an e-mail; an id.")
    state = serializers.ChoiceField(choices=everybody.STATES, required=False)


class AccountBody(Strict):
    """What staff change of an account."""

    name = Text(max_length=150)
    active = YesNo(help_text="false shuts her out, true lets her in again.")


class NewStaffBody(Strict):
    """Somebody who joins Hectare."""

    email = Email(max_length=254, help_text="Of one of Hectare's own domains.")
    name = Text(max_length=150)
    administrator = YesNo(default=False, help_text="Whether she manages staff.")


class StaffBody(Strict):
    """What is changed of a member of staff."""

    name = Text(max_length=150)
    administrator = YesNo(help_text="Whether she manages staff.")
    active = YesNo(help_text="false shuts her out, true lets her in again.")


class AccountsView(ApiView):
    """customers/users/"""

    tag = "People"

    @operation("List all users", Action.USER_VIEW, query=AccountsQuery, answers=listing(AccountOut), errors=(404,))
    def get(self, request: Request) -> HttpResponse:
        """Everybody with an account, with the organisations each belongs to. For Hectare staff."""
        rows, query = everybody.users(self.access), self.query
        if text := query.get("q"):
            rows = everybody.matching(rows, text)
        if organisation := query.get("organisation"):
            rows = everybody.of_organisation(rows, organisation)
        if state := query.get("state"):
            rows = everybody.in_state(rows, state)
        if query["staff"] is not None:
            rows = rows.filter(is_staff=query["staff"])
        return self.page(rows, lambda found: [account_out(row) for row in found])


class AccountView(ApiView):
    """customers/users/{user}/"""

    tag = "People"

    @operation("Read any user", Action.USER_VIEW, answers=AccountOut)
    def get(self, request: Request, user: str) -> HttpResponse:
        """One account. For Hectare staff."""
        return self.answer(account_out(everybody.get_user(self.access, user)))

    @operation(
        "Change any user",
        Action.USER_EDIT,
        body=AccountBody,
        partial=True,
        answers=AccountOut,
        acting=Acting.ONLY,
        errors=(409,),
        example={"active": False},
    )
    def patch(self, request: Request, user: str) -> HttpResponse:
        """Her name, and whether she may sign in. Shut out, she is signed out everywhere. Not staff: see `admin`.

        The last account owner of a customer is not shut out (U7). E-mail and password are changed by their owner.
        """
        row = everybody.get_user(self.access, user)
        changes = dict(self.body)
        if "active" in changes:
            changes["is_active"] = changes.pop("active")
        users.edit_user(self.acting, user=row, **changes)
        return self.answer(account_out(everybody.get_user(self.access, user)))


class EndSessionsView(ApiView):
    """customers/users/{user}/end-sessions/"""

    tag = "People"

    @operation("End a user's sessions", Action.USER_SUPPORT, answers=EndedOut, acting=Acting.ONLY)
    def post(self, request: Request, user: str) -> HttpResponse:
        """Signs her out everywhere, at once. She is told by mail."""
        row = everybody.get_user(self.access, user)
        answer: EndedOut = {"ended": support.end_all_sessions(self.acting, user=row)}
        return self.answer(answer)


class StartResetView(ApiView):
    """customers/users/{user}/start-reset/"""

    tag = "People"

    @operation("Start a password reset", Action.USER_SUPPORT, status=204, acting=Acting.ONLY, errors=(409,))
    def post(self, request: Request, user: str) -> HttpResponse:
        """Mails her the link with which she sets a password. Nobody else gets it, chooses or sees one.

        Her second factor stays.
        """
        support.start_reset(self.acting, user=everybody.get_user(self.access, user))
        return self.nothing()


class ClearSecondFactorView(ApiView):
    """customers/users/{user}/clear-second-factor/"""

    tag = "People"

    @operation("Clear a user's second factor", Action.USER_SUPPORT, answers=EndedOut, acting=Acting.ONLY, errors=(409,))
    def post(self, request: Request, user: str) -> HttpResponse:
        """Removes her authenticator app, passkeys and recovery codes, and signs her out everywhere. She is told by
        mail. Make sure who asks: her password is all that is left.
        """
        row = everybody.get_user(self.access, user)
        answer: EndedOut = {"ended": support.clear_second_factor(self.acting, user=row)}
        return self.answer(answer)


class AllStaffView(ApiView):
    """customers/admin/"""

    tag = "Staff"

    @operation("List staff", Action.USER_VIEW, query=StaffQuery, answers=listing(StaffOut), errors=(404,))
    def get(self, request: Request) -> HttpResponse:
        """Hectare's own people, those shut out included. For Hectare staff."""
        rows, query = everybody.staff(self.access), self.query
        if text := query.get("q"):
            rows = everybody.matching(rows, text)
        if state := query.get("state"):
            rows = everybody.in_state(rows, state)
        return self.page(rows, lambda found: [staff_out(row) for row in found])

    @operation(
        "Create a member of staff",
        Action.STAFF_MANAGE,
        body=NewStaffBody,
        answers=StaffOut,
        status=201,
        acting=Acting.ONLY,
        errors=(404,),
        example={"email": "anna@hectare.farm", "name": "Anna Ash"},
    )
    def post(self, request: Request) -> HttpResponse:
        """For staff administrators. She is mailed the link by which she sets her password; it proves her address.

        The address is of one of Hectare's own domains, to the letter. Nobody becomes staff who has an account already.
        """
        staff_only(self.access)
        made = staff.create_staff(self.acting, **self.body)
        where = f"/api/v1/customers/admin/{made.public_id}/"
        return self.answer(staff_out(everybody.get_staff(self.access, made.public_id)), status=201, location=where)


class OneStaffView(ApiView):
    """customers/admin/{user}/"""

    tag = "Staff"

    @operation("Read a member of staff", Action.USER_VIEW, answers=StaffOut)
    def get(self, request: Request, user: str) -> HttpResponse:
        """One of Hectare's own people. For Hectare staff."""
        return self.answer(staff_out(everybody.get_staff(self.access, user)))

    @operation(
        "Change a member of staff",
        Action.STAFF_MANAGE,
        body=StaffBody,
        partial=True,
        answers=StaffOut,
        acting=Acting.ONLY,
        errors=(409,),
        example={"administrator": True},
    )
    def patch(self, request: Request, user: str) -> HttpResponse:
        """Her name, whether she is an administrator, whether she may sign in: all that is sent, or nothing.

        For staff administrators, and not for oneself; an active administrator stays. Her e-mail she changes herself,
        within Hectare's domains.
        """
        row = everybody.get_staff(self.access, user)
        staff.change_staff(self.acting, user=row, **self.body)
        return self.answer(staff_out(everybody.get_staff(self.access, user)))

    @operation("Deactivate a member of staff", Action.STAFF_MANAGE, status=204, acting=Acting.ONLY, errors=(409,))
    def delete(self, request: Request, user: str) -> HttpResponse:
        """Shuts her out, at once and everywhere. What she did stays under her name."""
        staff.deactivate_staff(self.acting, user=everybody.get_staff(self.access, user))
        return self.nothing()
