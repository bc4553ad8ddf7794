"""API keys of an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from organisations.api.shapes import ApiKeyOut, NewApiKeyOut, key_out
from organisations.reads import get_organisation, units
from permissions import reads
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.api.fields import Moment, Reference, References, Strict, Text
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView
from permissions.domain.keys import make_key, revoke_key


def _units(access: Access, ids: list[str]) -> Mapping[str, Any]:
    return {unit.public_id: unit for unit in units(access).filter(public_id__in=ids)}


class KeyBody(Strict):
    """An API key."""

    name = Text(max_length=80)
    role = Reference("rol", reads.get_role, help_text="What it may do, as for a person: see the organisation's roles.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(one) for one in Permission]),
        min_length=1,
        max_length=len(Permission),
        help_text="The permissions of the role that the key uses.",
    )
    units = References("bu", _units, most=5000, required=False, help_text="The units it covers; left out: all of them.")
    expires_at = Moment(required=False, allow_null=True)


class KeysView(ApiView):
    """organisations/{organisation}/api-keys/"""

    tag = "API keys"

    @operation("List API keys", Action.API_KEY_VIEW, query=PageQuery, answers=listing(ApiKeyOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The keys of an organisation whose keys you manage, revoked ones included. Never their secrets."""
        row = get_organisation(self.access, organisation)
        return self.page(reads.keys(self.access).filter(organisation=row), lambda rows: [key_out(one) for one in rows])

    @operation(
        "Make an API key",
        Action.API_KEY_MANAGE,
        body=KeyBody,
        answers=NewApiKeyOut,
        status=201,
        example={"name": "Stock system", "role": "rol_01k9f3q5j8x2m7n4v6b1c0d9eg", "scopes": ["view", "take_part"]},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """People make keys; a key makes none. The secret is in this answer and nowhere else."""
        row = get_organisation(self.access, organisation)
        made = make_key(self.access, organisation=row, **self.body)
        key = reads.get_key(self.access, made.key.public_id)
        body: NewApiKeyOut = {**key_out(key), "secret": made.secret}
        response = self.answer(body, status=201, location=f"/api/v1/api-keys/{key.public_id}/")
        response["Cache-Control"] = "no-store"
        return response


class KeyView(ApiView):
    """api-keys/{key}/"""

    tag = "API keys"

    @operation("Read an API key", Action.API_KEY_VIEW, answers=ApiKeyOut)
    def get(self, request: Request, key: str) -> HttpResponse:
        """Without its secret."""
        return self.answer(key_out(reads.get_key(self.access, key)))

    @operation("Revoke an API key", Action.API_KEY_REVOKE, status=204)
    def delete(self, request: Request, key: str) -> HttpResponse:
        """It ends at once, for good."""
        revoke_key(self.access, key=reads.get_key(self.access, key))
        return self.nothing()
