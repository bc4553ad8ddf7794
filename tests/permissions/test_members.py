"""Members of organisations: nobody gives what she does not hold, nobody changes herself, one owner stays."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Invalid, NotFound, Stale
from organisations.models import Organisation
from permissions import reads
from permissions.access import Access
from permissions.actions import Permission
from permissions.decisions import Refused
from permissions.domain import members
from permissions.models import Membership, Role
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


def role(key: str) -> Role:
    return Role.objects.get(organisation=None, key=key)


def of(membership: Membership) -> Access:
    return Access.for_user(membership.user)


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory.create()


@pytest.fixture
def owner(organisation: Organisation) -> Membership:
    return MembershipFactory.create(organisation=organisation)


def code_of(verb: Any, *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(*args, **values)
    return refused.value.decision.code


def test_an_owner_adds_a_member_over_named_units(organisation: Organisation, owner: Membership) -> None:
    unit = UnitFactory.create(organisation=organisation)
    UnitFactory.create(organisation=organisation)
    made = members.add_member(
        of(owner), organisation=organisation, user=UserFactory.create(), role=role("manager"), units=[unit]
    )
    assert Access.for_user(made.user).ids(Permission.VIEW) == {unit.pk}
    assert reads.get_membership(of(owner), made.public_id) == made
    assert list(reads.memberships(of(made))) == [made]


@pytest.mark.parametrize(("her_role", "code"), [("coordinator", "R1"), ("viewer", "R1")])
def test_who_does_not_manage_people_adds_none(organisation: Organisation, her_role: str, code: str) -> None:
    her = of(MembershipFactory.create(organisation=organisation, role=her_role))
    given: dict[str, Any] = {"organisation": organisation, "user": UserFactory.create(), "role": role("viewer")}
    assert code_of(members.add_member, her, **given) == "U2"
    with pytest.raises(NotFound):
        members.add_member(of(MembershipFactory.create()), **given)


def test_nobody_gives_more_than_she_holds(organisation: Organisation, owner: Membership) -> None:
    manager = of(MembershipFactory.create(organisation=organisation, role="manager"))
    given: dict[str, Any] = {"organisation": organisation, "user": UserFactory.create()}
    assert code_of(members.add_member, manager, role=role("owner"), **given) == "U5"
    made = members.add_member(manager, role=role("manager"), **given)
    assert code_of(members.change_member, manager, membership=made, role=role("owner")) == "U5"
    assert code_of(members.change_member, manager, membership=owner, role=role("viewer")) == "U5"
    assert code_of(members.set_member_active, manager, membership=owner, active=False) == "U5"


def test_a_manager_of_one_unit_manages_no_people(organisation: Organisation) -> None:
    unit = UnitFactory.create(organisation=organisation)
    her = of(MembershipFactory.create(organisation=organisation, role="manager", units=[unit]))
    given: dict[str, Any] = {"organisation": organisation, "user": UserFactory.create(), "role": role("viewer")}
    assert code_of(members.add_member, her, units=[unit], **given) == "U2"


def test_nobody_changes_herself(owner: Membership) -> None:
    MembershipFactory.create(organisation=owner.organisation)
    assert code_of(members.change_member, of(owner), membership=owner, role=role("viewer")) == "U6"
    assert code_of(members.set_member_active, of(owner), membership=owner, active=False) == "U6"


def test_the_last_owner_stays(owner: Membership) -> None:
    staff = Access.for_user(StaffFactory.create()).acting("Asked by phone")
    assert code_of(members.set_member_active, staff, membership=owner, active=False) == "U7"
    assert code_of(members.change_member, staff, membership=owner, role=role("manager")) == "U7"
    unit = UnitFactory.create(organisation=owner.organisation)
    assert code_of(members.change_member, staff, membership=owner, role=role("owner"), units=[unit]) == "U7"
    # Neither one who is deactivated nor one whose account is counts.
    MembershipFactory.create(organisation=owner.organisation, is_active=False)
    MembershipFactory.create(organisation=owner.organisation, user__is_active=False)
    assert code_of(members.set_member_active, staff, membership=owner, active=False) == "U7"
    MembershipFactory.create(organisation=owner.organisation)
    assert not members.set_member_active(staff, membership=owner, active=False).is_active


def test_what_is_not_of_the_organisation_is_not_found(organisation: Organisation, owner: Membership) -> None:
    foreign = Role.objects.create(organisation=OrganisationFactory.create(), name="Theirs", permissions=["view"])
    given: dict[str, Any] = {"organisation": organisation, "user": UserFactory.create()}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"role": foreign}, "/role"),
        ({"role": role("viewer"), "units": [UnitFactory.create()]}, "/units"),
        ({"role": role("viewer"), "units": []}, "/units"),
        ({"role": role("viewer"), "user": owner.user}, "/user"),
        ({"role": role("viewer"), "user": StaffFactory.create()}, "/user"),
    ]
    for values, pointer in wrong:
        with pytest.raises(Invalid) as problem:
            members.add_member(of(owner), **{**given, **values})
        assert [one.pointer for one in problem.value.errors] == [pointer]
    assert organisation.memberships.count() == 1


def test_deactivated_is_without_rights_at_once(owner: Membership) -> None:
    other = MembershipFactory.create(organisation=owner.organisation)
    UnitFactory.create(organisation=owner.organisation)
    assert of(other).ids(Permission.VIEW)
    members.set_member_active(of(owner), membership=other, active=False, version=1)
    assert of(other).ids(Permission.VIEW) == frozenset()
    members.set_member_active(of(owner), membership=other, active=True, version=2)
    assert of(other).ids(Permission.VIEW)


def test_two_editors(owner: Membership) -> None:
    other = MembershipFactory.create(organisation=owner.organisation, role="viewer")
    members.change_member(of(owner), membership=other, role=role("manager"), version=1)
    with pytest.raises(Stale):
        members.change_member(of(owner), membership=other, role=role("viewer"), version=1)


def test_roles_that_are_seen(owner: Membership) -> None:
    mine = Role.objects.create(organisation=owner.organisation, name="Mine", permissions=["view"])
    foreign = Role.objects.create(organisation=OrganisationFactory.create(), name="Theirs", permissions=["view"])
    seen = set(reads.roles(of(owner)))
    assert mine in seen
    assert foreign not in seen
    assert {one.key for one in seen} == {"owner", "manager", "coordinator", "contributor", "viewer", ""}
