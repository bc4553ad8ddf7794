"""Whose the histories of organisations and their units are: see ``permissions.trail``."""

from __future__ import annotations

from django.db.models import F, Q

from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.trail import Source, register


def add() -> None:
    """Called once, when the apps are ready."""
    register(
        Source(Organisation, "organisation", lambda tenant: Q(pgh_obj_id=tenant.organisation_id)),
        Source(BusinessUnit, "unit", lambda tenant: Q(organisation_id=tenant.organisation_id)),
        Source(
            Business,
            "business",
            lambda tenant: Q(pgh_obj_id=tenant.unit_ids),
            title=("unit",),
            object_id="unit__public_id",
            name=F("unit__name"),
            hidden=frozenset({"unit"}),
        ),
        # What it recorded of others is its own; what others recorded of it is theirs, with notes that it never sees.
        Source(
            Connection,
            "connection",
            lambda tenant: Q(organisation_id=tenant.organisation_id),
            title=("other",),
            name=F("other__name"),
        ),
    )
