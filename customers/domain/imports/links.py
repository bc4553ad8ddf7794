"""What something here is called in another system, said by staff, so that an import finds it and makes no second."""

from __future__ import annotations

from common.editing import created, locked
from common.errors import Invalid
from common.verbs import verb
from customers.models import ExternalId, User
from organisations.models import BusinessUnit, Organisation
from organisations.rules import of_nothing_yet
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require


@verb
def link(
    actor: Access,
    *,
    source: str,
    external_id: str,
    organisation: Organisation | None = None,
    unit: BusinessUnit | None = None,
    user: User | None = None,
) -> ExternalId:
    """Say which organisation, unit or user of ours an id of another system stands for. For staff who act."""
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    if sum(one is not None for one in (organisation, unit, user)) != 1:
        raise Invalid.one("", "one_thing", "Choose one organisation, or one unit, or one user.")
    if user is not None and user.is_staff:
        raise Invalid.one("/user", "staff", "Hectare staff come from no other system.")
    row = ExternalId(
        source=source.strip().lower(),
        external_id=external_id.strip(),
        organisation=organisation,
        unit=unit,
        user=user,
    )
    made = created(row)
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    return made


@verb
def unlink(actor: Access, *, external_id: ExternalId) -> None:
    """Forget what something is called elsewhere. The next import would make it anew, or report a collision."""
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    locked(external_id).delete()
