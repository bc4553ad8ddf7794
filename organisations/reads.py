"""Reads of organisations and enterprises: what the actor may not know of is not there."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from common.errors import Invalid, NotFound
from common.ids import is_id
from common.models import single
from organisations.models import Business, BusinessUnit, Connection, Organisation
from organisations.rules import ORGANISATION
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.lookup import one


def organisations(access: Access) -> QuerySet[Organisation]:
    """The organisations that the actor belongs to."""
    return engine.visible(access, Organisation.objects.all())


def get_organisation(access: Access, public_id: str) -> Organisation:
    """One organisation, or ``NotFound``. The id of a duplicate that was merged leads to the record that stayed."""
    return _found(organisations(access), public_id)


def led_to(public_id: str) -> QuerySet[Organisation]:
    """The organisation to which an id leads now, whoever may see it: for lists that are filtered by it."""
    stayed = Organisation.objects.filter(public_id=public_id).values("merged_into")
    return Organisation.objects.filter(Q(public_id=public_id, merged_into=None) | Q(pk__in=stayed))


def _found(rows: QuerySet[Organisation], public_id: str) -> Organisation:
    if not is_id(public_id, "org"):
        raise NotFound
    found = single(rows.filter(pk__in=led_to(public_id)))
    if found is None:
        raise NotFound
    return found


def known(access: Access) -> QuerySet[Organisation]:
    """The organisations whose public profile the actor sees: hers, and those that are connected with hers.

    Nothing but the public profile may be shown of them: ``organisations`` are those that she sees whole.
    """
    return Organisation.objects.filter(engine.may(access, Action.ORGANISATION_VIEW_PROFILE, ORGANISATION))


def get_known(access: Access, public_id: str) -> Organisation:
    """One organisation whose public profile the actor sees, or ``NotFound``. Ids of merged duplicates lead on."""
    return _found(known(access), public_id)


def connection_between(access: Access, organisation: Organisation, other: Organisation) -> Connection | None:
    """The connection that one organisation recorded with another, if the actor sees one."""
    return engine.visible(access, Connection.objects.filter(organisation=organisation, other=other)).first()


def kinds_of(rows: Iterable[Organisation]) -> dict[int, list[str]]:
    """Which kinds of business each organisation has, by its key: part of the public profile. One statement.

    Args:
        rows: organisations whose public profile the actor sees.
    """
    found: dict[int, list[str]] = {row.pk: [] for row in rows}
    kinds = Business.objects.filter(unit__organisation__in=found, unit__archived_at=None)
    for organisation, kind in kinds.order_by("kind").values_list("unit__organisation", "kind").distinct():
        found[organisation].append(kind)
    return found


def units(access: Access) -> QuerySet[BusinessUnit]:
    """The units that the actor is given."""
    return engine.visible(access, BusinessUnit.objects.select_related("organisation", "business"))


def get_unit(access: Access, public_id: str) -> BusinessUnit:
    """One unit, or ``NotFound``."""
    return one(units(access), public_id)


def enterprises(access: Access) -> QuerySet[Business]:
    """The enterprises whose public profile the actor sees: hers, and those that hers know."""
    return engine.visible(access, Business.objects.select_related("unit__organisation"))


def get_enterprise(access: Access, public_id: str) -> Business:
    """One enterprise by the id of its unit, or ``NotFound``."""
    return one(enterprises(access), public_id, "unit__public_id")


def chosen(access: Access, public_id: str, field: str) -> Business:
    """One enterprise that a form named in a field.

    Raises:
        Invalid: there is none, or the actor may not know of it.
    """
    try:
        return get_enterprise(access, public_id)
    except NotFound:
        raise Invalid.one(f"/{field}", "not_found", "Not found.") from None


def managed(access: Access, permission: Permission) -> QuerySet[Business]:
    """The active enterprises that the actor manages with the permission (M)."""
    rows = Business.objects.select_related("unit__organisation").filter(
        pk__in=access.ids(permission), unit__archived_at=None, unit__organisation__archived_at=None
    )
    return rows.order_by("unit__name", "pk")
