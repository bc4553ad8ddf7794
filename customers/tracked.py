"""Whose the histories of people, invitations and removals are: see ``permissions.trail``."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from customers.models import (
    AccessRequest,
    Export,
    ExternalId,
    Impersonation,
    ImportBatch,
    Invitation,
    Merge,
    OwnershipTransfer,
    Removal,
    SignUpMode,
    User,
)
from permissions.models import Membership
from permissions.trail import Source, Tenant, register, through_events


def _of_organisation(tenant: Tenant) -> Q:
    return Q(organisation_id=tenant.organisation_id)


def _people(tenant: Tenant) -> Q:
    """What changed in a person's account while she belongs to it: not what was before she came, or after she left."""
    here = Membership.objects.filter(
        user=OuterRef("pgh_obj_id"), organisation_id=tenant.organisation_id, created_at__lte=OuterRef("pgh_created_at")
    )
    return Q(Exists(here))


def _acted_as(tenant: Tenant) -> Q:
    """Acting as a person who belonged to it then."""
    here = Membership.objects.filter(
        user=OuterRef("user_id"), organisation_id=tenant.organisation_id, created_at__lte=OuterRef("pgh_created_at")
    )
    return Q(Exists(here))


def _invited_to(tenant: Tenant) -> Q:
    return Q(invitation_id__in=through_events(Invitation, _of_organisation(tenant)))


def _nobody(tenant: Tenant) -> Q:
    return Q(pk__in=[])


def add() -> None:
    """Called once, when the apps are ready."""
    register(
        Source(User, "user", _nobody, shared=_people),
        Source(Impersonation, "acting_as", _nobody, shared=_acted_as, title=("staff", "user"), name=F("public_id")),
        Source(
            Invitation,
            "invitation",
            _of_organisation,
            shared=lambda tenant: Q(invited_for_id=tenant.organisation_id),
            title=("email",),
            name=F("email"),
        ),
        Source(
            Invitation.units.through,
            "invitation_unit",
            _invited_to,
            title=("invitation", "businessunit"),
            object_id="invitation__public_id",
            name=F("businessunit__name"),
        ),
        Source(
            OwnershipTransfer,
            "ownership_transfer",
            _of_organisation,
            title=("giver", "recipient"),
            name=F("public_id"),
        ),
        Source(
            Merge,
            "merge",
            _nobody,
            shared=lambda tenant: Q(winner_id=tenant.organisation_id) | Q(loser_id=tenant.organisation_id),
            title=("loser", "winner"),
            name=F("public_id"),
        ),
        Source(
            Removal,
            "removal",
            _nobody,
            shared=_of_organisation,
            title=("organisation",),
            name=F("public_id"),
            hidden=frozenset({"preview", "result"}),
        ),
        Source(Export, "export", _of_organisation, title=("kind",), name=F("public_id")),
        Source(
            ExternalId,
            "external_id",
            lambda tenant: _of_organisation(tenant) | Q(unit_id=tenant.unit_ids),
            title=("source", "external_id"),
            object_id="organisation__public_id",
            name=F("external_id"),
        ),
        # Nobody's but Hectare's.
        Source(ImportBatch, "import", None, title=("filename",), name=F("filename"), hidden=frozenset({"mapping"})),
        Source(AccessRequest, "access_request", None, title=("company_name",), name=F("company_name")),
        Source(SignUpMode, "sign_up", None, title=("mode",), object_id="mode", name=F("mode")),
    )
