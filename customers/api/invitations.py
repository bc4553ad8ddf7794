"""Invitations: sent, looked after, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import FieldError, Invalid
from customers import reads
from customers.api.shapes import (
    AcceptedOut,
    InvitationOut,
    OutcomesOut,
    accepted_out,
    invitation_out,
    outcomes_out,
)
from customers.domain import answers
from customers.domain import invitations as verbs
from customers.enums import InvitationKind
from organisations.reads import get_organisation, led_to, units
from permissions.access import Access
from permissions.actions import Action
from permissions.api.fields import Choice, Email, Id, Ids, QueryId, Reference, References, Strict, Text
from permissions.api.operations import Acting, Rule, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView
from permissions.reads import get_role, roles


def _units(access: Access, ids: list[str]) -> Mapping[str, Any]:
    return {unit.public_id: unit for unit in units(access).filter(public_id__in=ids)}


class InvitationsQuery(PageQuery):
    """Which ones."""

    organisation = QueryId("org")
    kind = serializers.ChoiceField(choices=InvitationKind.values, required=False)
    state = serializers.ChoiceField(choices=reads.STATES, required=False)


class PersonBody(Strict):
    """Somebody to invite."""

    email = Text(max_length=254)
    name = Text(max_length=150, allow_blank=True, default="")
    role = Id("rol")
    units = Ids("bu", most=5000, required=False, help_text="Left out: all units.")


class InvitationBody(Strict):
    """An invitation."""

    kind = Choice(choices=InvitationKind.values, default=InvitationKind.MEMBER.value)
    organisation = Reference("org", get_organisation, help_text="Yours; for a claim: the record that you keep.")
    email = Email(max_length=254)
    name = Text(max_length=150, allow_blank=True, default="")
    message = Text(max_length=500, allow_blank=True, default="", help_text="Stands in the mail.")
    role = Reference("rol", get_role, required=False, help_text="For members. A claim makes an account owner.")
    units = References(
        "bu", _units, most=5000, required=False, help_text="For members: which units. Left out: all of them."
    )


class ManyBody(Strict):
    """Many invitations to one organisation."""

    people = serializers.ListField(child=PersonBody(), min_length=1, max_length=verbs.MOST)
    message = Text(max_length=500, allow_blank=True, default="", help_text="Stands in every mail.")


class TokenBody(Strict):
    """What the link in the mail carries."""

    token = Text(max_length=100)


class AcceptBody(TokenBody):
    """The token; and, of somebody who has no account yet, how the account is to be."""

    name = Text(max_length=150, allow_blank=True, default="")
    password = Text(max_length=128, allow_blank=True, default="", trim_whitespace=False)


class InvitationsView(ApiView):
    """invitations/"""

    tag = "Invitations"

    @operation("List invitations", Action.INVITATION_VIEW, query=InvitationsQuery, answers=listing(InvitationOut))
    def get(self, request: Request) -> HttpResponse:
        """Those to organisations whose people you manage, and claims that your organisation sent. Never their links."""
        rows = reads.invitations(self.access)
        if "organisation" in self.query:
            rows = rows.filter(organisation__in=led_to(self.query["organisation"]))
        if "kind" in self.query:
            rows = rows.filter(kind=self.query["kind"])
        if "state" in self.query:
            rows = reads.in_state(rows, self.query["state"])
        return self.page(rows, lambda found: [invitation_out(one) for one in found])

    @operation(
        "Invite somebody",
        Action.MEMBERSHIP_MANAGE,
        Action.ORGANISATION_INVITE_TO_CLAIM,
        body=InvitationBody,
        answers=InvitationOut,
        status=201,
        acting=Acting.ALSO,
        example={
            "organisation": "org_01k9f3q5j8x2m7n4v6b1c0d9eg",
            "email": "anna@culm.example",
            "role": "rol_01k9f3q5j8x2m7n4v6b1c0d9eg",
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """To join, with a role over all units or some, never more than you hold; or to take a record over.

        The answer is the same whether the address belongs to anybody here or not. A hundred an hour, sent again ones
        included.
        """
        made = self._sent(self.acting)
        row = reads.get_invitation(self.access, made.public_id)
        where = f"/api/v1/invitations/{row.public_id}/"
        return self.answer(invitation_out(row), status=201, location=where)

    def _sent(self, actor: Access) -> Any:
        body = dict(self.body)
        if body.pop("kind") == InvitationKind.CLAIM:
            for name in ("role", "units"):
                if name in body:
                    raise Invalid.one(f"/{name}", "not_here", "A claim makes an account owner over all units.")
            return verbs.invite_to_claim(actor, **body)
        if "role" not in body:
            raise Invalid.one("/role", "required", "Say which role.")
        return verbs.invite(actor, **body)


class OrganisationInvitationsView(ApiView):
    """organisations/{organisation}/invitations/"""

    tag = "Invitations"

    @operation(
        "Invite many",
        Action.MEMBERSHIP_MANAGE,
        body=ManyBody,
        answers=OutcomesOut,
        acting=Acting.ALSO,
        example={"people": [{"email": "anna@culm.example", "role": "rol_01k9f3q5j8x2m7n4v6b1c0d9eg"}]},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """Each row counts for itself: the answer says what became of it. When they do not fit the hour, nobody is
        invited (429).
        """
        row = get_organisation(self.access, organisation)
        body = self.body
        people = _people(self.access, body["people"])
        done = verbs.invite_many(self.acting, organisation=row, rows=people, message=body["message"])
        return self.answer(outcomes_out(done))


def _people(access: Access, people: list[dict[str, Any]]) -> list[verbs.Wanted]:
    """Everybody with her role and units, all of which are read at once.

    Raises:
        Invalid: naming each id that the caller may not know of; nobody is invited then.
    """
    known = {role.public_id: role for role in roles(access).filter(public_id__in={one["role"] for one in people})}
    given = _units(access, sorted({unit for one in people for unit in one.get("units", ())}))
    missing = [f"/people/{n}/role" for n, one in enumerate(people) if one["role"] not in known]
    missing += [
        f"/people/{n}/units/{place}"
        for n, one in enumerate(people)
        for place, unit in enumerate(one.get("units", ()))
        if unit not in given
    ]
    if missing:
        raise Invalid([FieldError(pointer, "not_found", "Not found.") for pointer in missing])
    return [
        verbs.Wanted(
            one["email"],
            known[one["role"]],
            [given[unit] for unit in one["units"]] if "units" in one else None,
            one["name"],
        )
        for one in people
    ]


class InvitationView(ApiView):
    """invitations/{invitation}/"""

    tag = "Invitations"

    @operation("Read an invitation", Action.INVITATION_VIEW, answers=InvitationOut)
    def get(self, request: Request, invitation: str) -> HttpResponse:
        """One that you look after."""
        return self.answer(invitation_out(reads.get_invitation(self.access, invitation)))


class ResendView(ApiView):
    """invitations/{invitation}/resend/"""

    tag = "Invitations"

    @operation("Send an invitation again", Action.INVITATION_MANAGE, answers=InvitationOut, acting=Acting.ALSO)
    def post(self, request: Request, invitation: str) -> HttpResponse:
        """For another seven days, also when it has expired or its mail failed. Its older links die."""
        row = reads.get_invitation(self.access, invitation)
        verbs.resend(self.acting, invitation=row)
        return self.answer(invitation_out(reads.get_invitation(self.access, invitation)))


class RevokeView(ApiView):
    """invitations/{invitation}/revoke/"""

    tag = "Invitations"

    @operation("Revoke an invitation", Action.INVITATION_MANAGE, answers=InvitationOut, acting=Acting.ALSO)
    def post(self, request: Request, invitation: str) -> HttpResponse:
        """Its link dies at once."""
        row = reads.get_invitation(self.access, invitation)
        verbs.revoke(self.acting, invitation=row)
        return self.answer(invitation_out(reads.get_invitation(self.access, invitation)))


class AcceptView(ApiView):
    """invitations/accept/"""

    tag = "Invitations"

    @operation(
        "Accept an invitation",
        Rule.ANYBODY,
        body=AcceptBody,
        answers=AcceptedOut,
        example={"token": "the-43-characters-of-the-link"},
        errors=(410,),
    )
    def post(self, request: Request) -> HttpResponse:
        """With the token of the link. Signed in as the person it was sent to; who has no account yet sends a name and
        a password, and signs in with them afterwards. 409 `sign_in_first` and `wrong_account` say what to do; 410 is
        one answer to every link that does not work.
        """
        return self.answer(accepted_out(answers.accept(self.access, **self.body)))


class DeclineView(ApiView):
    """invitations/decline/"""

    tag = "Invitations"

    @operation(
        "Decline an invitation",
        Rule.ANYBODY,
        body=TokenBody,
        status=204,
        example={"token": "the-43-characters-of-the-link"},
        errors=(410,),
    )
    def post(self, request: Request) -> HttpResponse:
        """With the token of the link."""
        answers.decline(self.access, **self.body)
        return self.nothing()
