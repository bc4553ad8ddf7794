"""The rules of people, enterprises, catalogues and methods as a table: one fact a row, with the exact answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pytest

from customers.models import User
from ordercycles.enums import NoticeKind
from ordercycles.models import Notice, PaymentMethod, Product
from organisations.enums import GrantKind
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.engine import Target
from permissions.models import ApiKey, Membership, Role
from permissions.rules import Scope
from tests.factories import (
    MembershipFactory,
    PaymentMethodFactory,
    ProductFactory,
    StaffFactory,
    UserFactory,
    grant,
    hub,
    manager_of,
    producer,
)
from tests.oracle.compare import verdict_of
from tests.oracle.example import no, yes
from tests.oracle.oracle import Verdict

pytestmark = pytest.mark.django_db


@dataclass
class Network:
    """Ash has granted Bea its catalogue and its profile, and is connected with Cam; Dee knows nobody."""

    ash: Business
    people: dict[str, Access]
    things: dict[str, Any]


ASH: Final = ("owner", "manager", "contributor", "viewer")


@pytest.fixture
def network() -> Network:
    ash, bea, cam, dee = producer("Ash"), hub("Bea"), producer("Cam"), producer("Dee")
    for kind in (GrantKind.MANAGE_PRODUCTS, GrantKind.EDIT_PROFILE):
        grant(ash, bea, kind)
    link = Connection.objects.create(organisation=ash.unit.organisation, other=cam.unit.organisation)
    users: dict[str, User] = {role: UserFactory.create(name=role) for role in ASH}
    for key, user in users.items():
        MembershipFactory.create(user=user, organisation=ash.unit.organisation, role=key)
    users |= {"part": manager_of(ash), "bea": manager_of(bea), "cam": manager_of(cam), "dee": manager_of(dee)}
    users |= {"staff": StaffFactory.create()}
    people = {name: Access.for_user(user) for name, user in users.items()}
    people["acting"] = people["staff"].acting("Asked by telephone")
    role = Role.objects.create(organisation=ash.unit.organisation, name="Picker", permissions=["view"])
    things = {
        "ash": ash,
        "unit": ash.unit,
        "organisation": ash.unit.organisation,
        "connection": link,
        "membership": Membership.objects.get(user=users["viewer"]),
        "viewer": users["viewer"],
        "role": role,
        "built in": Role.objects.get(organisation=None, key="viewer"),
        "key": ApiKey.objects.create(organisation=ash.unit.organisation, name="Till", role=role, secret_hash="0"),
        "product": ProductFactory.create(producer=ash),
        "method": PaymentMethodFactory.create(hub=ash),
        "notice": Notice.objects.create(enterprise=ash, kind=NoticeKind.ADDED, text="Hello"),
    }
    return Network(ash, people, things)


SCOPES: Final[dict[type[Any], Scope]] = {
    Business: Scope({"enterprise": "pk"}),
    BusinessUnit: Scope({"enterprise": "pk", "organisation": "organisation_id"}),
    Organisation: Scope({"organisation": "pk"}),
    Connection: Scope({"connection": "pk", "organisation": "organisation_id"}),
    Membership: Scope({"organisation": "organisation_id", "user": "user_id"}),
    User: Scope({"user": "pk"}),
    Role: Scope({"role": "pk"}),
    ApiKey: Scope({"organisation": "organisation_id"}),
    Product: Scope({"producer": "producer_id"}),
    PaymentMethod: Scope({"enterprise": "hub_id"}),
    Notice: Scope({"enterprise": "enterprise_id"}),
}

ROWS: Final[list[tuple[str, str, Action, str, Verdict]]] = [
    ("E1", "viewer", Action.BUSINESS_VIEW, "ash", yes("E1")),
    ("E1", "part", Action.UNIT_VIEW, "unit", yes("E1")),
    ("E1", "bea", Action.UNIT_VIEW, "unit", no("X2")),
    ("E2", "bea", Action.BUSINESS_VIEW, "ash", yes("E2")),
    ("E3", "cam", Action.BUSINESS_VIEW, "ash", yes("E3")),
    ("E3", "dee", Action.BUSINESS_VIEW, "ash", no("X2")),
    ("G4", "manager", Action.BUSINESS_EDIT_PROFILE, "ash", yes("G4")),
    ("G4", "cam", Action.BUSINESS_EDIT_PROFILE, "ash", no("G4")),
    ("R1", "viewer", Action.BUSINESS_EDIT_PROFILE, "ash", no("R1")),
    ("G5", "bea", Action.BUSINESS_EDIT_PROFILE, "ash", yes("G5")),
    ("G6", "owner", Action.BUSINESS_EDIT_TRADING, "ash", yes("G6")),
    ("G6", "bea", Action.BUSINESS_EDIT_TRADING, "ash", no("G6")),
    ("S1", "staff", Action.BUSINESS_EDIT_TRADING, "ash", no("S1")),
    ("S1", "acting", Action.BUSINESS_EDIT_TRADING, "ash", yes("S1")),
    ("G7", "manager", Action.UNIT_EDIT, "unit", yes("G7")),
    ("R1", "contributor", Action.UNIT_EDIT, "unit", no("R1")),
    ("G8", "contributor", Action.PRODUCT_EDIT, "product", yes("G8")),
    ("R1", "viewer", Action.PRODUCT_EDIT, "product", no("R1")),
    ("G8", "viewer", Action.PRODUCT_VIEW, "product", yes("G8")),
    ("G9", "bea", Action.PRODUCT_EDIT, "product", yes("G9")),
    ("G9", "cam", Action.PRODUCT_EDIT, "product", no("X2")),
    ("O1", "viewer", Action.ORGANISATION_VIEW, "organisation", yes("O1")),
    ("O1", "bea", Action.ORGANISATION_VIEW, "organisation", no("X2")),
    ("O2", "owner", Action.ORGANISATION_EDIT, "organisation", yes("O2")),
    ("O2", "part", Action.ORGANISATION_EDIT, "organisation", no("O2")),
    ("O3", "cam", Action.CONNECTION_VIEW, "connection", yes("O3")),
    ("O3", "bea", Action.CONNECTION_VIEW, "connection", no("X2")),
    ("O4", "owner", Action.CONNECTION_EDIT, "connection", yes("O4")),
    ("O4", "cam", Action.CONNECTION_EDIT, "connection", no("O4")),
    ("U2", "manager", Action.MEMBERSHIP_MANAGE, "membership", yes("U2")),
    ("U2", "contributor", Action.MEMBERSHIP_MANAGE, "membership", no("U2")),
    ("U2", "manager", Action.USER_VIEW, "viewer", yes("U2")),
    ("U2", "dee", Action.USER_VIEW, "viewer", no("X2")),
    ("U3", "viewer", Action.USER_EDIT, "viewer", yes("U3")),
    ("U3", "viewer", Action.MEMBERSHIP_VIEW, "membership", yes("U3")),
    ("U3", "manager", Action.USER_EDIT, "viewer", no("U3")),
    ("U8", "dee", Action.ROLE_VIEW, "built in", yes("U8")),
    ("U8", "viewer", Action.ROLE_VIEW, "role", yes("U8")),
    ("U8", "dee", Action.ROLE_VIEW, "role", no("X2")),
    ("K1", "owner", Action.API_KEY_REVOKE, "key", yes("K1")),
    ("K1", "owner", Action.API_KEY_MANAGE, "organisation", yes("K1")),
    ("K1", "manager", Action.API_KEY_MANAGE, "organisation", no("K1")),
    ("K1", "acting", Action.API_KEY_MANAGE, "organisation", no("K1")),
    ("K1", "manager", Action.API_KEY_VIEW, "key", no("X2")),
    ("A1", "manager", Action.AUDIT_VIEW, "organisation", yes("A1")),
    ("A1", "contributor", Action.AUDIT_VIEW, "organisation", no("A1")),
    ("A1", "part", Action.AUDIT_VIEW, "organisation", no("A1")),
    ("M1", "manager", Action.METHOD_EDIT, "method", yes("M1")),
    ("R1", "contributor", Action.METHOD_EDIT, "method", no("R1")),
    ("M1", "bea", Action.METHOD_VIEW, "method", no("X2")),
    ("N1", "viewer", Action.NOTICE_VIEW, "notice", yes("N1")),
    ("N1", "bea", Action.NOTICE_VIEW, "notice", no("X2")),
    ("S1", "staff", Action.ORGANISATION_ARCHIVE, "organisation", no("S1")),
    ("S1", "acting", Action.ORGANISATION_ARCHIVE, "organisation", yes("S1")),
]

#: Codes that have their rows here and not among those of order cycles.
CODES: Final = {row[0] for row in ROWS} - {"R1", "S1"}


@pytest.mark.parametrize(
    ("code", "who", "action", "thing", "expected"),
    ROWS,
    ids=[f"{code}-{who}-{action}-{thing}" for code, who, action, thing, _ in ROWS],
)
def test_a_row(network: Network, code: str, who: str, action: Action, thing: str, expected: Verdict) -> None:
    row = network.things[thing]
    target = Target(type(row)._default_manager.filter(pk=row.pk), SCOPES[type(row)])
    explanation = engine.explain(network.people[who], action, target)
    assert verdict_of(explanation.decision) == expected
    told = {explanation.decision.code, *(rule.code for rule in explanation.rules)}
    assert code in told or not explanation.decision.visible
    listed = engine.allowed(network.people[who], action, target)
    assert list(listed) == ([row] if expected.allowed else [])


def test_each_is_named_in_an_explanation(network: Network) -> None:
    heard: set[str] = set()
    for _, who, action, thing, _ in ROWS:
        row = network.things[thing]
        target = Target(type(row)._default_manager.filter(pk=row.pk), SCOPES[type(row)])
        heard |= {rule.code for rule in engine.explain(network.people[who], action, target).rules}
    assert CODES - heard == set()


def test_a_role_without_view_gives_nothing() -> None:
    ash = producer("Ash")
    role = Role.objects.create(
        organisation=ash.unit.organisation, name="Blind", permissions=["take_part", "manage_users"]
    )
    user = UserFactory.create()
    MembershipFactory.create(user=user, organisation=ash.unit.organisation, role=role)
    access = Access.for_user(user)
    assert (access.ids("take_part"), access.organisation_ids("manage_users")) == (frozenset(), frozenset())
    assert access.through(ash.pk, "take_part") is None
    assert list(engine.who_can(Action.UNIT_VIEW, Target(Business.objects.filter(pk=ash.pk), SCOPES[Business]))) == []
