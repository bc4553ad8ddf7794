"""Whose the histories of memberships, roles, keys and grants are: see ``permissions.trail``."""

from __future__ import annotations

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Concat

from permissions.grants import parties_scope
from permissions.models import ApiKey, Grant, GrantRequest, Membership, Role
from permissions.trail import Source, Tenant, register, through_events


def _of_organisation(tenant: Tenant) -> Q:
    return Q(organisation_id=tenant.organisation_id)


def _member_units(tenant: Tenant) -> Q:
    # Those of members who were removed since, too.
    return Q(membership_id__in=through_events(Membership, _of_organisation(tenant)))


def _key_units(tenant: Tenant) -> Q:
    return Q(apikey_id__in=through_events(ApiKey, _of_organisation(tenant)))


def add() -> None:
    """Called once, when the apps are ready."""
    joined = CharField()
    register(
        Source(
            Membership,
            "membership",
            _of_organisation,
            title=("user",),
            name=Concat(F("user__name"), Value(" – "), F("organisation__name"), output_field=joined),
        ),
        Source(
            Membership.units.through,
            "membership_unit",
            _member_units,
            title=("membership", "businessunit"),
            object_id="membership__public_id",
            name=F("businessunit__name"),
        ),
        Source(Role, "role", _of_organisation),
        Source(ApiKey, "api_key", _of_organisation),
        Source(
            Grant,
            "grant",
            lambda tenant: Q(content_object_id=tenant.unit_ids),
            shared=lambda tenant: Q(**{parties_scope().paths["grantee"]: tenant.unit_ids}),
            title=("permission", "content_object", "group"),
            name=F("public_id"),
        ),
        Source(
            GrantRequest,
            "grant_request",
            lambda tenant: Q(grantee_id=tenant.unit_ids),
            shared=lambda tenant: Q(granter_id=tenant.unit_ids),
            title=("permission", "grantee", "granter"),
            name=F("public_id"),
        ),
    )
