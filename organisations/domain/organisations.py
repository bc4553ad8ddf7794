"""Taking on, changing and putting away organisations."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from common import hooks
from common.editing import archived, created, known, opened, written
from common.errors import Invalid
from common.verbs import first, verb
from organisations import rules as targets
from organisations.enums import OrganisationKind
from organisations.models import BusinessUnit, Organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require

#: What a company is known by elsewhere. Only staff change a customer's: uniqueness would tell who else is one.
IDENTITY = ("company_number", "vat_number")
_NORMAL = {
    "company_number": normal_company_number,
    "postcode": normal_postcode,
    "vat_number": normal_vat_number,
}


class OrganisationChanges(TypedDict, total=False):
    """What can be changed of an organisation."""

    name: str
    company_number: str
    vat_number: str
    town: str
    postcode: str


def _normal(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: _NORMAL[name](value) if name in _NORMAL else value for name, value in changes.items()}


def new_organisation(kind: OrganisationKind = OrganisationKind.FULL, **values: str) -> Organisation:
    """An organisation that is not saved yet, with its numbers and postcode as they are kept. Decides nothing."""
    return Organisation(kind=kind, **_normal({name: value.strip() for name, value in values.items()}))


@verb
def create_organisation(
    actor: Access,
    *,
    name: str,
    kind: OrganisationKind = OrganisationKind.FULL,
    company_number: str = "",
    vat_number: str = "",
    town: str = "",
    postcode: str = "",
) -> Organisation:
    """Make the record of a company, and nothing else. For staff who act.

    Nobody can use it like that: a customer is taken on by ``customers.domain.signup.sign_up``.
    """
    require(actor, Action.ORGANISATION_CREATE, targets.of_nothing_yet(actor))
    made = new_organisation(
        kind, name=name, company_number=company_number, vat_number=vat_number, town=town, postcode=postcode
    )
    return created(made)


def _ask(actor: Access, *, organisation: Organisation, **changes: Any) -> None:
    """Count that a number is asked for: that it is taken says that the company is known here."""
    record = Organisation.objects.select_related("created_by_organisation").filter(pk=organisation.pk).first()
    keeper = record.created_by_organisation if record is not None and record.kind == OrganisationKind.SHELL else None
    if actor.is_acting or keeper is None:
        return
    if not engine.decide(actor, Action.ORGANISATION_EDIT, targets.of_organisation(organisation)):
        return
    values = _normal({name: value for name, value in changes.items() if name in IDENTITY})
    if any(value and value != getattr(record, name) for name, value in values.items()):
        for hook in hooks.number_asked:
            hook(keeper)


@first(_ask)
@verb
def edit_organisation(
    actor: Access, *, organisation: Organisation, version: int | None = None, **changes: Unpack[OrganisationChanges]
) -> Organisation:
    """Change what an organisation says of itself, or of a company whose record it keeps.

    A customer's numbers are changed by staff; those of a record by its keeper, too, until it is claimed.
    """
    values = _normal(known(changes, OrganisationChanges))
    row = opened(organisation, version)
    require(actor, Action.ORGANISATION_EDIT, targets.of_organisation(row))
    for field in IDENTITY:
        changes_it = field in values and values[field] != getattr(row, field)
        if changes_it and not actor.is_acting and row.kind == OrganisationKind.FULL:
            raise Invalid.one(f"/{field}", "staff_only", "Hectare changes this number for you; write to us.")
    row = written(row, values)
    require(actor, Action.ORGANISATION_EDIT, targets.of_organisation(row))
    return row


def archive_preview(actor: Access, *, organisation: Organisation) -> dict[str, Any]:
    """What putting the organisation away would touch."""
    require(actor, Action.ORGANISATION_ARCHIVE, targets.of_organisation(organisation))
    preview: dict[str, Any] = {
        "units": organisation.units.filter(archived_at=None).count(),
        "members": organisation.memberships.filter(is_active=True).count(),
    }
    hooks.archive_preview(actor, _enterprises(organisation), preview)
    return preview


@verb
def archive_organisation(actor: Access, *, organisation: Organisation, version: int | None = None) -> Organisation:
    """Put a customer away: nobody acts for it any more, and what rests on it lapses. Nothing is deleted."""
    return _put(actor, organisation, version, away=True)


@verb
def restore_organisation(actor: Access, *, organisation: Organisation, version: int | None = None) -> Organisation:
    """Take a customer out of the archive; what lapsed with it stands again."""
    return _put(actor, organisation, version, away=False)


def _put(actor: Access, organisation: Organisation, version: int | None, *, away: bool) -> Organisation:
    require(actor, Action.ORGANISATION_ARCHIVE, targets.of_organisation(organisation))
    hooks.settle(_enterprises(organisation))
    row = opened(organisation, version)
    if not away:
        for hook in hooks.before_restoring:
            hook(row)
    row = archived(row, away=away)
    require(actor, Action.ORGANISATION_ARCHIVE, targets.of_organisation(row))
    return row


def _enterprises(organisation: Organisation) -> list[int]:
    units = BusinessUnit.objects.filter(organisation=organisation, business__isnull=False)
    return list(units.values_list("pk", flat=True))
