"""Who lets whom: grants, and requests for them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from organisations.api.organisations import Preview
from organisations.api.shapes import GrantOut, GrantRequestOut, grant_out, grant_request_out
from organisations.domain import grants as verbs
from organisations.enums import GrantKind
from organisations.reads import get_enterprise
from permissions import grants, reads
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.api.fields import Choice, QueryId, Reference, Strict, Text
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView
from permissions.models import Grant
from permissions.models.grants import RequestStatus


class PartiesQuery(PageQuery):
    """Between whom, and for what."""

    granter = QueryId("bu", help_text="The enterprise that lets.")
    grantee = QueryId("bu", help_text="The enterprise that is let.")
    permission = serializers.ChoiceField(choices=GrantKind.values, required=False)


class RequestsQuery(PartiesQuery):
    """Between whom, for what, and how it stands."""

    status = serializers.ChoiceField(choices=RequestStatus.values, required=False)


class GrantBody(Strict):
    """A grant from one enterprise to another."""

    granter = Reference("bu", get_enterprise, help_text="The enterprise that lets: one of yours.")
    grantee = Reference("bu", get_enterprise, help_text="The enterprise that is let.")
    permission = Choice(choices=GrantKind.values, default=GrantKind.ADD_TO_ORDER_CYCLE.value)


class RequestBody(GrantBody):
    """A request for a grant."""

    granter = Reference("bu", get_enterprise, help_text="The enterprise that is asked.")
    grantee = Reference("bu", get_enterprise, help_text="The enterprise that asks: one of yours.")
    message = Text(max_length=500, allow_blank=True, default="")


class AnswerBody(Strict):
    """An answer for the other side to read."""

    answer = Text(max_length=500, allow_blank=True, default="")


_EXAMPLE = {"granter": "bu_01k9f3q5j8x2m7n4v6b1c0d9eg", "grantee": "bu_01k9f3q5j8x2m7n4v6b1c0d9eh"}


class GrantsView(ApiView):
    """grants/"""

    tag = "Grants"

    @operation("List grants", Action.GRANT_VIEW, query=PartiesQuery, answers=listing(GrantOut))
    def get(self, request: Request) -> HttpResponse:
        """The grants that an enterprise of yours gave or holds."""
        rows = reads.given_and_received(self.access)
        if "granter" in self.query:
            rows = rows.filter(content_object__unit__public_id=self.query["granter"])
        if "grantee" in self.query:
            rows = rows.filter(group__enterprise__unit__public_id=self.query["grantee"])
        if "permission" in self.query:
            rows = rows.filter(permission__codename=self.query["permission"])
        return self.page(rows, lambda found: [grant_out(one) for one in found], updated="given_at")

    @operation(
        "Give a grant",
        Action.GRANT_GIVE,
        body=GrantBody,
        answers=GrantOut,
        status=201,
        example={**_EXAMPLE, "permission": "add_to_order_cycle"},
    )
    def post(self, request: Request) -> HttpResponse:
        """Giving what is given already changes nothing. A pending request for the same is answered with it."""
        grant = verbs.give(self.access, **self.body)
        row = reads.get_grant(self.access, grant.public_id)
        return self.answer(grant_out(row), status=201, location=f"/api/v1/grants/{row.public_id}/")


class GrantView(ApiView):
    """grants/{grant}/"""

    tag = "Grants"

    @operation("Read a grant", Action.GRANT_VIEW, answers=GrantOut)
    def get(self, request: Request, grant: str) -> HttpResponse:
        """One grant that an enterprise of yours gave or holds."""
        return self.answer(grant_out(reads.get_grant(self.access, grant)))

    @operation("End a grant", Action.GRANT_WITHDRAW, Action.GRANT_GIVE_UP, query=Preview, previews=True, status=204)
    def delete(self, request: Request, grant: str) -> HttpResponse:
        """The granter withdraws it, the grantee gives it up; who is on both sides withdraws it.

        What rested on it lapses; nothing is deleted.
        With `preview=true` nothing happens, and the answer (200) says what would lapse.
        """
        row = reads.get_grant(self.access, grant)
        if self.query["preview"]:
            return self.answer(verbs.withdrawal_preview(self.access, grant=row))
        end = verbs.give_up if _only_grantee(self.access, row) else verbs.withdraw
        end(self.access, grant=row)
        return self.nothing()


def _only_grantee(access: Access, grant: Grant) -> bool:
    """Whether the actor can act for the grantee and not for the granter."""
    sides = [grants.granter_of(grant).pk, grants.grantee_of(grant).pk]
    for permission in (Permission.MANAGE_GRANTS, Permission.VIEW):
        granter, grantee = (access.manages(side, permission) for side in sides)
        if granter or grantee:
            return grantee and not granter
    return False


class GrantRequestsView(ApiView):
    """grant-requests/"""

    tag = "Grants"

    @operation("List requests for grants", Action.GRANT_VIEW, query=RequestsQuery, answers=listing(GrantRequestOut))
    def get(self, request: Request) -> HttpResponse:
        """Those that an enterprise of yours made or received."""
        rows: QuerySet[Any] = reads.grant_requests(self.access)
        if "granter" in self.query:
            rows = rows.filter(granter__unit__public_id=self.query["granter"])
        if "grantee" in self.query:
            rows = rows.filter(grantee__unit__public_id=self.query["grantee"])
        for name in ("permission", "status"):
            if name in self.query:
                rows = rows.filter(**{name: self.query[name]})
        return self.page(rows, lambda found: [grant_request_out(one) for one in found])

    @operation(
        "Ask for a grant",
        Action.GRANT_REQUEST,
        body=RequestBody,
        answers=GrantRequestOut,
        status=201,
        example={**_EXAMPLE, "message": "We would like to sell your butter."},
    )
    def post(self, request: Request) -> HttpResponse:
        """It is pending until the granter's manager gives or refuses it. 409 when it was asked already."""
        made = verbs.ask(self.access, **self.body)
        row = reads.get_grant_request(self.access, made.public_id)
        return self.answer(grant_request_out(row), status=201, location=f"/api/v1/grant-requests/{row.public_id}/")


class GrantRequestView(ApiView):
    """grant-requests/{grant_request}/"""

    tag = "Grants"

    @operation("Read a request for a grant", Action.GRANT_VIEW, answers=GrantRequestOut)
    def get(self, request: Request, grant_request: str) -> HttpResponse:
        """One that an enterprise of yours made or received."""
        return self.answer(grant_request_out(reads.get_grant_request(self.access, grant_request)))


class GrantRequestApproveView(ApiView):
    """grant-requests/{grant_request}/approve/"""

    tag = "Grants"

    @operation("Give what was asked for", Action.GRANT_APPROVE, answers=GrantOut)
    def post(self, request: Request, grant_request: str) -> HttpResponse:
        """The answer is the grant."""
        row = reads.get_grant_request(self.access, grant_request)
        grant = verbs.approve(self.access, request=row)
        return self.answer(grant_out(reads.get_grant(self.access, grant.public_id)))


class GrantRequestRefuseView(ApiView):
    """grant-requests/{grant_request}/refuse/"""

    tag = "Grants"

    @operation(
        "Refuse what was asked for",
        Action.GRANT_REFUSE,
        body=AnswerBody,
        answers=GrantRequestOut,
        example={"answer": "Not this season."},
    )
    def post(self, request: Request, grant_request: str) -> HttpResponse:
        """With an answer that the other side reads."""
        row = reads.get_grant_request(self.access, grant_request)
        verbs.refuse(self.access, request=row, **self.body)
        return self.answer(grant_request_out(reads.get_grant_request(self.access, grant_request)))
