"""Reads of who may: what the actor may not know of is not there."""

from __future__ import annotations

from django.db.models import QuerySet

from permissions import engine, grants
from permissions.access import Access
from permissions.lookup import one
from permissions.models import ApiKey, Grant, GrantRequest, Membership, Role


def roles(access: Access) -> QuerySet[Role]:
    """The built-in roles, and those of the actor's organisations."""
    return engine.visible(access, Role.objects.select_related("organisation"))


def get_role(access: Access, public_id: str) -> Role:
    """One role, or ``NotFound``."""
    return one(roles(access), public_id)


def memberships(access: Access) -> QuerySet[Membership]:
    """Her own memberships, and those of organisations whose people the actor manages."""
    rows = Membership.objects.select_related("user", "organisation", "role").prefetch_related("units")
    return engine.visible(access, rows)


def get_membership(access: Access, public_id: str) -> Membership:
    """One membership, or ``NotFound``."""
    return one(memberships(access), public_id)


def keys(access: Access) -> QuerySet[ApiKey]:
    """The API keys of organisations whose keys the actor manages, revoked ones included."""
    rows = ApiKey.objects.select_related("organisation", "role", "created_by").prefetch_related("units")
    return engine.visible(access, rows)


def get_key(access: Access, public_id: str) -> ApiKey:
    """One API key, or ``NotFound``."""
    return one(keys(access), public_id)


def given_and_received(access: Access) -> QuerySet[Grant]:
    """The grants that an enterprise of the actor's gave or holds."""
    return engine.visible(access, grants.with_parties(Grant.objects.all()))


def get_grant(access: Access, public_id: str) -> Grant:
    """One grant, or ``NotFound``."""
    return one(given_and_received(access), public_id)


def grant_requests(access: Access) -> QuerySet[GrantRequest]:
    """The requests for grants that an enterprise of the actor's made or received."""
    rows = GrantRequest.objects.select_related(
        "granter__unit__organisation", "grantee__unit__organisation", "asked_by", "answered_by"
    )
    return engine.visible(access, rows)


def get_grant_request(access: Access, public_id: str) -> GrantRequest:
    """One request for a grant, or ``NotFound``."""
    return one(grant_requests(access), public_id)
