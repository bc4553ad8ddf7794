"""Who may look at imports, run them, and let them make account owners: one fact a row, with the exact answer."""

from __future__ import annotations

import pytest

from customers.models import ExternalId, ImportBatch
from organisations.models import Organisation
from organisations.rules import of_nothing_yet
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Refusal
from permissions.engine import Target
from permissions.rules import Scope
from tests.factories import MembershipFactory, StaffFactory

pytestmark = pytest.mark.django_db

NO = Refusal.PERMISSION
TABLE = [
    ("owner", Action.IMPORT_RUN, ("S1", NO)),
    ("viewer", Action.IMPORT_RUN, ("S1", NO)),
    ("nobody", Action.IMPORT_RUN, ("X2", Refusal.NOT_VISIBLE)),
    ("support", Action.IMPORT_RUN, ("S1", NO)),
    ("support acting", Action.IMPORT_RUN, ("S1", None)),
    ("administrator", Action.IMPORT_RUN, ("S1", NO)),
    ("administrator acting", Action.IMPORT_RUN, ("S1", None)),
    ("owner", Action.IMPORT_MAKE_OWNERS, ("S2", NO)),
    ("support acting", Action.IMPORT_MAKE_OWNERS, ("S2", NO)),
    ("administrator", Action.IMPORT_MAKE_OWNERS, ("S2", NO)),
    ("administrator acting", Action.IMPORT_MAKE_OWNERS, ("S2", None)),
]


@pytest.fixture
def people() -> dict[str, Access]:
    owner = MembershipFactory.create(role="owner")
    viewer = MembershipFactory.create(role="viewer", organisation=owner.organisation)
    found = {"owner": Access.for_user(owner.user), "viewer": Access.for_user(viewer.user), "nobody": Access.none()}
    found["support"] = Access.for_user(StaffFactory.create(is_superuser=False))
    found["administrator"] = Access.for_user(StaffFactory.create())
    return found | {f"{name} acting": found[name].acting("Asked") for name in ("support", "administrator")}


@pytest.mark.parametrize(("who", "action", "expected"), TABLE)
def test_decisions(people: dict[str, Access], who: str, action: Action, expected: tuple[str, Refusal | None]) -> None:
    decision = engine.decide(people[who], action, of_nothing_yet(people[who]))
    assert (decision.code, decision.refusal) == expected


def test_only_staff_see_batches_and_ids(people: dict[str, Access]) -> None:
    batch = ImportBatch.objects.create(kind="logistics", source="x", options={})
    link = ExternalId.objects.create(source="x", external_id="1", organisation=Organisation.objects.get())
    for model, row, action in (
        (ImportBatch, batch, Action.IMPORT_VIEW),
        (ExternalId, link, Action.EXTERNAL_ID_VIEW),
    ):
        sees = {name for name, one in people.items() if engine.visible(one, model._default_manager.all()).exists()}
        assert sees == {"support", "support acting", "administrator", "administrator acting"}
        target = Target(model._default_manager.filter(pk=row.pk), Scope({"row": "pk"}))
        assert {engine.decide(people[name], action, target).code for name in sees} == {"S1"}
        assert engine.decide(people["owner"], action, target).code == "X2"
