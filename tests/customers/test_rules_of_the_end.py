"""The rules of removal, erasure, exports and the audit trail as a table: who may or may not, and by which rule."""

from __future__ import annotations

import pytest

from common import clock
from customers.models import Export, Removal
from customers.rules import of_export, of_removal, of_user
from organisations.rules import of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.engine import Target
from tests.security.world import World, build

pytestmark = pytest.mark.django_db

PERSONAS = (
    "a_owner", "a_manager", "a_contributor", "a_viewer", "b_owner", "conn_owner", "support", "administrator",
    "acting support", "acting administrator", "a_key",
)  # fmt: skip

#: What is decided, and for each persona the rule, with a minus where it refuses.
TABLE: dict[str, str] = {
    "remove A": "-S1 -S1 -S1 -S1 -X2 -X2 -S1 -S1 S1 S1 -S1",
    "see the removal of B": "-X2 -X2 -X2 -X2 -X2 -X2 S1 S1 S1 S1 -X2",
    "purge B": "-X2 -X2 -X2 -X2 -X2 -X2 -S2 -S2 -S2 S2 -X2",
    "export A": "O7 O7 -O7 -O7 -X2 -X2 -S1 -S1 S1 S1 O7",
    "see the owner's export": "D1 -X2 -X2 -X2 -X2 -X2 -X2 -X2 -X2 -X2 -X2",
    "read the trail of A": "A1 -A1 -A1 -A1 -X2 -X2 S1 S1 S1 S1 A1",
    "erase A's viewer": "-U3 -X2 -X2 U3 -X2 -X2 -S1 -S1 S1 S1 -U3",
    "have the data of A's viewer": "-U3 -X2 -X2 U3 -X2 -X2 -S1 -S1 S1 S1 -U3",
    "erase an administrator": "-X2 -X2 -X2 -X2 -X2 -X2 -S1 U3 -S1 U3 -X2",
}


def _target(asked: str, world: World, removal: Removal, export: Export) -> tuple[Action, Target]:
    viewer = of_user(world.people["a_viewer"])
    return {
        "remove A": (Action.CUSTOMER_REMOVE, of_organisation(world.a.organisation)),
        "see the removal of B": (Action.REMOVAL_VIEW, of_removal(removal)),
        "purge B": (Action.CUSTOMER_PURGE, of_removal(removal)),
        "export A": (Action.ORGANISATION_EXPORT, of_organisation(world.a.organisation)),
        "see the owner's export": (Action.EXPORT_VIEW, of_export(export)),
        "read the trail of A": (Action.AUDIT_VIEW, of_organisation(world.a.organisation)),
        "erase A's viewer": (Action.USER_ERASE, viewer),
        "have the data of A's viewer": (Action.EXPORT_MAKE, viewer),
        "erase an administrator": (Action.USER_ERASE, of_user(world.people["administrator"])),
    }[asked]


def _access(persona: str, world: World) -> Access:
    if persona == "a_key":
        return Access.for_key(world.a.key)
    return world.acting(persona.split()[1]) if persona.startswith("acting") else world.access(persona)


def test_who_may() -> None:
    world = build()
    removal = Removal.objects.create(organisation=world.b.organisation, reason="x", due_at=clock.now())
    export = Export.objects.create(
        kind="organisation", organisation=world.a.organisation, requested_by=world.people["a_owner"]
    )
    accesses = {persona: _access(persona, world) for persona in PERSONAS}
    found = {}
    for asked in TABLE:
        action, target = _target(asked, world, removal, export)
        decisions = {persona: engine.decide(access, action, target) for persona, access in accesses.items()}
        found[asked] = {persona: f"{'' if one else '-'}{one.code}" for persona, one in decisions.items()}
    assert found == {asked: dict(zip(PERSONAS, row.split(), strict=True)) for asked, row in TABLE.items()}
