"""What the API answers about organisations. The types become the schema; the functions fill them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, TypedDict

from organisations.models import Business, BusinessUnit, Organisation
from permissions import grants
from permissions.access import Access
from permissions.actions import Permission
from permissions.api.schema import described, id_of
from permissions.models import ApiKey, Grant, GrantRequest


class Named(TypedDict):
    """Something with an id and a name."""

    id: str
    name: str


class EnterpriseRef(TypedDict):
    """An enterprise, by the id of its business unit."""

    id: Annotated[str, id_of("bu")]
    name: str


def enterprise_ref(business: Business) -> EnterpriseRef:
    """An enterprise whose unit is at hand."""
    return {"id": business.public_id, "name": business.name}


class OrganisationOut(TypedDict):
    """An organisation of which you are a member (staff see all)."""

    id: Annotated[str, id_of("org")]
    name: str
    kind: Annotated[str, described("full: a customer. shell: recorded by a customer, not claimed yet.")]
    company_number: str
    vat_number: str
    town: str
    postcode: str
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def organisation_out(row: Organisation) -> OrganisationOut:
    """One organisation."""
    return {
        "id": row.public_id,
        "name": row.name,
        "kind": row.kind,
        "company_number": row.company_number,
        "vat_number": row.vat_number,
        "town": row.town,
        "postcode": row.postcode,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class ProfileOut(TypedDict):
    """What organisations that know each other see of each other, and no more."""

    id: Annotated[str, id_of("org")]
    name: str
    town: str
    businesses: Annotated[list[str], described("The kinds of business it has: farm, store.")]
    relation: Annotated[Literal["own", "connected"], described("Whether you belong to it.")]


def profile_out(row: Organisation, kinds: Sequence[str], *, own: bool) -> ProfileOut:
    """One public profile. Nothing is added here without asking whether every partner may read it."""
    return {
        "id": row.public_id,
        "name": row.name,
        "town": row.town,
        "businesses": list(kinds),
        "relation": "own" if own else "connected",
    }


class UnitOut(TypedDict):
    """A business unit: a site of an organisation."""

    id: Annotated[str, id_of("bu")]
    organisation: Annotated[str, id_of("org")]
    name: str
    address: str
    town: str
    postcode: str
    phone: str
    is_enterprise: Annotated[bool, described("Whether there is a business behind it: a farm or a store that trades.")]
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def unit_out(row: BusinessUnit) -> UnitOut:
    """One unit, with its organisation and business at hand."""
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "name": row.name,
        "address": row.address,
        "town": row.town,
        "postcode": row.postcode,
        "phone": row.phone,
        "is_enterprise": getattr(row, "business", None) is not None,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class UnitRemovedOut(UnitOut):
    """A unit that was removed, as it is now, or as it was when it is no more."""

    outcome: Annotated[
        Literal["deleted", "archived"],
        described("deleted: nothing referred to it. archived: put away, because something does."),
    ]


class BusinessOut(TypedDict):
    """The farm or store behind a unit: its public profile, and how it trades.

    What only a farm has is empty for a store, and the other way round.
    """

    id: Annotated[str, id_of("bu")]
    name: str
    kind: Annotated[str, described("farm or store")]
    is_producer: bool
    sells: Annotated[str, described("none, own, or any (a hub)")]
    town: str
    description: str
    website: str
    is_yours: Annotated[bool, described("Whether you belong to it; otherwise you see its public profile.")]
    contact_email: Annotated[str | None, described("Null unless it is yours.")]
    contact_email_confirmed_at: datetime | None
    farm_enterprises: Annotated[list[str], described("What a farm keeps and grows; public.")]
    certifications: Annotated[list[str], described("What a farm is certified for; public.")]
    holding_number: Annotated[str | None, described("County Parish Holding number. Null unless it is yours.")]
    hectares: Annotated[Decimal | None, described("Null unless it is yours.")]
    store_code: Annotated[str | None, described("The organisation's own. Null unless it is yours.")]
    opening_hours: Annotated[
        dict[str, list[list[str]]] | None,
        described(
            'By day (`mon` to `sun`) the times it is open, such as `[["09:00", "17:30"]]`. A day that is '
            "absent is closed. Null unless it is yours."
        ),
    ]
    floor_area: Annotated[int | None, described("In square metres. Null unless it is yours.")]
    capacity: Annotated[int | None, described("Storage, in pallets. Null unless it is yours.")]
    updated_at: datetime
    version: int


def business_out(access: Access, row: Business) -> BusinessOut:
    """One enterprise: all of it to its own people, its public profile to others."""
    inside = access.is_staff or access.manages(row.pk, Permission.VIEW)
    return {
        "id": row.public_id,
        "name": row.name,
        "kind": row.kind,
        "is_producer": row.is_producer,
        "sells": row.sells,
        "town": row.unit.town,
        "description": row.description,
        "website": row.website,
        "is_yours": inside,
        "contact_email": row.contact_email if inside else None,
        "contact_email_confirmed_at": row.contact_email_confirmed_at if inside else None,
        "farm_enterprises": row.farm_enterprises,
        "certifications": row.certifications,
        "holding_number": row.holding_number if inside else None,
        "hectares": row.hectares if inside else None,
        "store_code": row.store_code if inside else None,
        "opening_hours": row.opening_hours if inside else None,
        "floor_area": row.floor_area if inside else None,
        "capacity": row.capacity if inside else None,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class GrantOut(TypedDict):
    """What one enterprise lets another do."""

    id: Annotated[str, id_of("grt")]
    granter: EnterpriseRef
    grantee: EnterpriseRef
    permission: str
    given_at: datetime


def grant_out(row: Grant) -> GrantOut:
    """One grant, with its parties at hand."""
    return {
        "id": row.public_id,
        "granter": enterprise_ref(grants.granter_of(row)),
        "grantee": enterprise_ref(grants.grantee_of(row)),
        "permission": grants.kind_of(row),
        "given_at": row.given_at,
    }


class GrantRequestOut(TypedDict):
    """A request for a grant: the grantee asks the granter."""

    id: Annotated[str, id_of("grq")]
    granter: EnterpriseRef
    grantee: EnterpriseRef
    permission: str
    message: str
    status: Annotated[str, described("pending, approved, refused or cancelled")]
    answer: str
    created_at: datetime
    answered_at: datetime | None
    updated_at: datetime


def grant_request_out(row: GrantRequest) -> GrantRequestOut:
    """One request, with its parties at hand."""
    return {
        "id": row.public_id,
        "granter": enterprise_ref(row.granter),
        "grantee": enterprise_ref(row.grantee),
        "permission": row.permission,
        "message": row.message,
        "status": row.status,
        "answer": row.answer,
        "created_at": row.created_at,
        "answered_at": row.answered_at,
        "updated_at": row.updated_at,
    }


class ApiKeyOut(TypedDict):
    """An API key, without its secret."""

    id: Annotated[str, id_of("key")]
    organisation: Annotated[str, id_of("org")]
    name: str
    role: Named
    scopes: Annotated[list[str], described("The permissions of the role that the key uses.")]
    all_units: bool
    units: list[EnterpriseRef]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


class NewApiKeyOut(ApiKeyOut):
    """A new API key, with its secret: shown this once."""

    secret: Annotated[str, described("Send it as `Authorization: Bearer …`. It is not shown again.")]


def key_out(row: ApiKey) -> ApiKeyOut:
    """One key, with role and units at hand."""
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "name": row.name,
        "role": {"id": row.role.public_id, "name": row.role.name},
        "scopes": sorted(row.scopes),
        "all_units": row.all_units,
        "units": [{"id": unit.public_id, "name": unit.name} for unit in row.units.all()],
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
        "created_at": row.created_at,
    }


class MembershipOfMine(TypedDict):
    """What you are in one organisation, and what that gives you."""

    id: Annotated[str, described("Of the membership, or of the key.")]
    organisation: Named
    role: str
    permissions: list[str]
    all_units: bool
    units: list[EnterpriseRef]


class Me(TypedDict):
    """Who you are."""

    kind: Annotated[Literal["user", "key"], described("A person, or an organisation's API key.")]
    id: str
    name: str
    email: str | None
    is_staff: bool
    memberships: list[MembershipOfMine]
