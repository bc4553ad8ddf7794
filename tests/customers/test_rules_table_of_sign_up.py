"""Who may take on customers, ask for one, answer companies, recover accounts, turn the switch: one fact a row."""

from __future__ import annotations

from typing import Any

import pytest

from customers.enums import SignUp
from customers.models import AccessRequest, PendingSignUp, SignUpMode
from customers.rules import of_request
from organisations.models import Organisation
from organisations.rules import of_nothing_yet, of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Refusal
from permissions.engine import Target
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UnitFactory

pytestmark = pytest.mark.django_db

NO, UNSEEN = Refusal.PERMISSION, Refusal.NOT_VISIBLE
STAFF = ("support", "support acting", "administrator", "administrator acting")
EVERYBODY = ("owner", "viewer", "manager", "stranger", "nobody", *STAFF)


def _only(code: str, who: dict[str, str], others: dict[str, tuple[str, Refusal]]) -> dict[str, Any]:
    return {name: (who[name], None) if name in who else others.get(name, (code, NO)) for name in EVERYBODY}


_ACTING = {"support acting": "S1", "administrator acting": "S1"}
_OUTSIDE = {"stranger": ("X2", UNSEEN), "nobody": ("X2", UNSEEN)}
_TENANTS = dict.fromkeys(("owner", "viewer", "manager", "stranger", "nobody"), ("X2", UNSEEN))
_STAFF_ALL = dict.fromkeys(STAFF, "S1")

#: Action, what it is about, and what each is told.
TABLE: list[tuple[Action, str, dict[str, Any]]] = [
    (Action.CUSTOMER_CREATE, "self", _only("S1", _ACTING, {"nobody": ("X2", UNSEEN)})),
    (Action.ORGANISATION_CREATE, "self", _only("S1", _ACTING, {"nobody": ("X2", UNSEEN)})),
    (Action.SIGN_UP_SET_MODE, "self", _only("S2", {"administrator acting": "S2"}, {"nobody": ("X2", UNSEEN)})),
    (Action.CUSTOMER_VIEW, "self", _only("X2", _STAFF_ALL, _TENANTS)),
    (Action.CUSTOMER_VIEW, "company", _only("X2", _STAFF_ALL, _TENANTS)),
    (Action.CUSTOMER_CHECK, "company", _only("Q1", {"owner": "Q1", **_STAFF_ALL}, _OUTSIDE)),
    (Action.CUSTOMER_RECOVER, "company", _only("S1", _ACTING, _OUTSIDE)),
    (Action.ACCESS_REQUEST_VIEW, "request", _only("X2", _STAFF_ALL, _TENANTS)),
    (Action.ACCESS_REQUEST_ANSWER, "request", _only("S1", _ACTING, _TENANTS)),
    (Action.SIGN_UP_VIEW_MODE, "request", _only("X2", _STAFF_ALL, _TENANTS)),
]


@pytest.fixture
def company() -> Organisation:
    made: Organisation = OrganisationFactory.create()
    return made


@pytest.fixture
def people(company: Organisation) -> dict[str, Access]:
    roles = {"owner": None, "viewer": None, "manager": [UnitFactory.create(organisation=company)]}
    found = {
        role: Access.for_user(MembershipFactory.create(organisation=company, role=role, units=units).user)
        for role, units in roles.items()
    }
    found["stranger"] = Access.for_user(MembershipFactory.create(role="owner").user)
    found["nobody"] = Access.none()
    found["support"] = Access.for_user(StaffFactory.create(is_superuser=False))
    found["administrator"] = Access.for_user(StaffFactory.create())
    return found | {f"{name} acting": found[name].acting("Asked") for name in ("support", "administrator")}


@pytest.mark.parametrize(("action", "about", "expected"), TABLE, ids=lambda one: str(one)[:40])
def test_decisions(
    people: dict[str, Access], company: Organisation, action: Action, about: str, expected: dict[str, Any]
) -> None:
    request = AccessRequest.objects.create(kind="access", company_name="A", name="B", email="c@d.example")

    def target(access: Access) -> Target:
        if about == "self":
            return of_nothing_yet(access)
        return of_organisation(company) if about == "company" else of_request(request)

    told = {}
    for name, access in people.items():
        decision = engine.decide(access, action, target(access))
        told[name] = (decision.code, decision.refusal)
    assert told == expected


def test_only_staff_see_them_in_lists(people: dict[str, Access], company: Organisation) -> None:
    AccessRequest.objects.create(kind="access", company_name="A", name="B", email="c@d.example")
    SignUpMode.objects.create(mode=SignUp.STAFF)
    PendingSignUp.objects.create(email="c@d.example", name="B", details={}, expires_at=company.created_at)
    for model in (AccessRequest, SignUpMode, PendingSignUp):
        sees = {name for name, one in people.items() if engine.visible(one, model._default_manager.all()).exists()}
        assert sees == set(STAFF)
