"""Duplicates of one company become one record. For staff."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from customers.api.shapes import MergeOut, merge_out
from customers.domain import merge as verbs
from organisations.reads import get_organisation
from permissions.actions import Action
from permissions.api.fields import Choice, Reference, Strict, Text, YesNo
from permissions.api.operations import Acting, operation
from permissions.api.views import ApiView


class Choices(Strict):
    """Whose word stands."""

    name = Choice(choices=("winner", "loser"), required=False)
    town = Choice(choices=("winner", "loser"), required=False)
    postcode = Choice(choices=("winner", "loser"), required=False)
    people = Choice(
        choices=verbs.PEOPLE,
        required=False,
        help_text="What the loser's people hold afterwards: over the units that moved with them, or over all.",
    )


class MergeBody(Strict):
    """Into which record, and how."""

    into = Reference("org", get_organisation, help_text="The record that stays.")
    dry_run = YesNo(default=False)
    choices = Choices(required=False)
    preview = Text(
        max_length=32,
        required=False,
        help_text="Of the answer to a dry run with the same choices: what was told there happens, or nothing does.",
    )


class MergeView(ApiView):
    """customers/{organisation}/merge/"""

    tag = "Customers"

    @operation(
        "Merge a duplicate into another record",
        Action.CUSTOMER_MERGE,
        body=MergeBody,
        answers=MergeOut,
        previews=True,
        acting=Acting.ONLY,
        example={"into": "org_01k9f3q5j8x2m7n4v6b1c0d9eg", "dry_run": True},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """Everything moves to the record in `into`; this one is archived and leads there. With `dry_run` nothing
        happens, and the answer says what differs, what stands in conflict, and what would move. That comes first: its
        `preview` is sent with the merge, which is refused (409 `preview_stale`) when something else would happen.
        """
        loser = get_organisation(self.access, organisation)
        actor, body = self.acting, self.body
        choices = dict(body.get("choices") or {})
        if body["dry_run"]:
            return self.answer(verbs.preview(actor, loser=loser, winner=body["into"], choices=choices))
        row = verbs.merge(
            actor,
            loser=loser,
            winner=body["into"],
            reason=actor.acting_reason,
            choices=choices,
            seen=body.get("preview", ""),
        )
        return self.answer(merge_out(row))
