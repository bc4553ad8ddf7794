"""Making, changing and putting away business units."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from django.db.models import Model

from common import hooks
from common.editing import archived, created, known, locked, opened, written
from common.errors import Conflict
from common.verbs import verb
from organisations import rules as targets
from organisations.enums import OrganisationKind
from organisations.models import Business, BusinessUnit, Organisation
from organisations.validators import normal_postcode
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import works
from permissions.enforce import require
from permissions.reads import memberships


class UnitDetails(TypedDict, total=False):
    """What a unit may have besides its name."""

    address: str
    town: str
    postcode: str
    phone: str


class UnitChanges(UnitDetails, total=False):
    """What can be changed of a unit. Its organisation cannot."""

    name: str


def _normal(changes: dict[str, Any]) -> dict[str, Any]:
    if "postcode" in changes:
        changes["postcode"] = normal_postcode(changes["postcode"])
    return changes


@verb
def create_unit(
    actor: Access, *, organisation: Organisation, name: str, **details: Unpack[UnitDetails]
) -> BusinessUnit:
    """Add a unit to an organisation. For those who manage the whole of it."""
    held = locked(organisation)
    require(actor, Action.ORGANISATION_EDIT, targets.of_organisation(held))
    works(held)
    may_have_units(held)
    unit = created(BusinessUnit(organisation=held, name=name, **_normal(known(details, UnitDetails))))
    # The unit is new to the actor's access; the organisation is what the decision rests on.
    require(actor, Action.ORGANISATION_EDIT, targets.of_organisation(held))
    return unit


def may_have_units(organisation: Organisation) -> None:
    """What a company consists of is its own to say: nobody says it of a record that is not claimed yet.

    Raises:
        Conflict: it is such a record.
    """
    if organisation.kind == OrganisationKind.SHELL:
        told = f"{organisation} has no units until somebody of the company has taken its record over."
        raise Conflict(told, code="shell")


@verb
def edit_unit(
    actor: Access, *, unit: BusinessUnit, version: int | None = None, **changes: Unpack[UnitChanges]
) -> BusinessUnit:
    """Change a unit's name or address."""
    require(actor, Action.UNIT_EDIT, targets.of_unit(unit))
    hooks.settle(_enterprises(unit))
    row = opened(unit, version, "organisation")
    row = written(row, _normal(known(changes, UnitChanges)))
    require(actor, Action.UNIT_EDIT, targets.of_unit(row))
    return row


def archive_preview(actor: Access, *, unit: BusinessUnit) -> dict[str, Any]:
    """What putting the unit away would touch: people limited to it, as far as the actor sees people, and what its
    enterprise takes part in.
    """
    require(actor, Action.UNIT_EDIT, targets.of_unit(unit))
    preview: dict[str, Any] = {"members": memberships(actor).filter(units=unit, is_active=True).count()}
    hooks.archive_preview(actor, _enterprises(unit), preview)
    return preview


@verb
def archive_unit(actor: Access, *, unit: BusinessUnit, version: int | None = None) -> BusinessUnit:
    """Put a unit away: what rests on its enterprise lapses. Nothing is deleted."""
    return _put(actor, unit, version, away=True)


def references(unit: BusinessUnit) -> list[str]:
    """What refers to the unit, or to the enterprise behind it, in words: nothing is deleted under these.

    Read off the models, so that a table which is added later counts without being named here. The events of the audit
    trail refer without holding: they stay when the row goes.
    """
    business = Business.objects.select_related("group").filter(pk=unit.pk).first()
    rows: list[Model] = [unit] if business is None else [unit, business, business.group]
    found: dict[str, None] = {}
    for row in rows:
        for relation in row._meta.related_objects:
            model: Any = relation.related_model
            its_own = model is Business or relation.field.name == "pgh_obj"
            if not its_own and model._base_manager.filter(**{relation.field.name: row.pk}).exists():
                found[str(model._meta.verbose_name_plural)] = None
    return sorted(found)


def removal_preview(actor: Access, *, unit: BusinessUnit) -> dict[str, Any]:
    """Whether removing the unit would delete it or put it away, why, and what that would touch."""
    preview = archive_preview(actor, unit=unit)
    refers = references(unit)
    return {"outcome": "archived" if refers else "deleted", "referred_to_by": refers, **preview}


@verb
def remove_unit(actor: Access, *, unit: BusinessUnit, version: int | None = None) -> BusinessUnit | None:
    """Delete a unit to which nothing refers, with its business; put any other away (see ``archive_unit``).

    Returns:
        The unit, put away; nothing when it was deleted.
    """
    require(actor, Action.UNIT_EDIT, targets.of_unit(unit))
    hooks.settle(_enterprises(unit))
    # Held alone: who wants to refer to it waits, and finds that it is gone.
    row = opened(unit, version, "organisation")
    require(actor, Action.UNIT_EDIT, targets.of_unit(row))
    business = Business.objects.select_for_update(of=("self",)).select_related("group").filter(pk=row.pk).first()
    if references(row):
        row = archived(row, away=True)
        require(actor, Action.UNIT_EDIT, targets.of_unit(row))
        return row
    if business is not None:
        business.delete()
        business.group.delete()
    row.delete()
    return None


@verb
def restore_unit(actor: Access, *, unit: BusinessUnit, version: int | None = None) -> BusinessUnit:
    """Take a unit out of the archive; what lapsed with it stands again."""
    return _put(actor, unit, version, away=False)


def _put(actor: Access, unit: BusinessUnit, version: int | None, *, away: bool) -> BusinessUnit:
    require(actor, Action.UNIT_EDIT, targets.of_unit(unit))
    hooks.settle(_enterprises(unit))
    row = archived(opened(unit, version, "organisation"), away=away)
    require(actor, Action.UNIT_EDIT, targets.of_unit(row))
    return row


def _enterprises(unit: BusinessUnit) -> list[int]:
    return list(Business.objects.filter(pk=unit.pk).values_list("pk", flat=True))
