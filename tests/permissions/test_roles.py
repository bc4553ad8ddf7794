"""An organisation's own roles, and the corners of the rules on members that no door can reach."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Conflict, Invalid, Stale
from customers.domain.users import edit_user
from organisations.models import Organisation
from permissions.access import Access
from permissions.domain import members, owners, roles
from permissions.models import ApiKey, Membership, Role
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory.create()


@pytest.fixture
def owner(organisation: Organisation) -> Access:
    return Access.for_user(MembershipFactory.create(organisation=organisation).user)


def wrong(verb: Any, *args: Any, **values: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as problem:
        verb(*args, **values)
    return [(one.pointer, one.code) for one in problem.value.errors]


def test_made_changed_and_deleted(organisation: Organisation, owner: Access) -> None:
    made = roles.create_role(
        owner, organisation=organisation, name=" Packer ", permissions=["view", "take_part", "view"]
    )
    assert (made.name, made.permissions, made.organisation) == ("Packer", ["take_part", "view"], organisation)
    row = roles.edit_role(owner, role=made, description="Packs.", version=1)
    assert (row.description, row.name, row.version) == ("Packs.", "Packer", 2)
    # Its own name in other letters is no other's.
    assert roles.edit_role(owner, role=row, name="PACKER").name == "PACKER"
    with pytest.raises(Stale):
        roles.edit_role(owner, role=row, name="Picker", version=1)
    roles.delete_role(owner, role=row)
    assert not Role.objects.filter(pk=made.pk).exists()


def test_what_is_wrong(organisation: Organisation, owner: Access) -> None:
    def make(**values: Any) -> list[tuple[str, str]]:
        return wrong(
            roles.create_role, owner, organisation=organisation, **{"name": "A", "permissions": ["view"], **values}
        )

    assert make(name="  ") == [("/name", "blank")]
    assert make(name="account OWNER") == [("/name", "built_in")]
    assert make(name="A\nB") == [("/name", "one_line")]
    assert make(permissions=["view", "fly", "swim"]) == [("/permissions/1", "unknown"), ("/permissions/2", "unknown")]
    assert make(permissions=[]) == [("/permissions", "empty")]
    assert make(name="", permissions=["take_part"]) == [("/name", "blank"), ("/permissions", "needs_view")]
    roles.create_role(owner, organisation=organisation, name="A", permissions=["view"])
    assert make(name="a") == [("/name", "taken")]


def test_holders_get_what_they_are_given(organisation: Organisation, owner: Access) -> None:
    role = roles.create_role(owner, organisation=organisation, name="A", permissions=["view"])
    held = MembershipFactory.create(organisation=organisation, role=role, is_active=False)
    key = ApiKey.objects.create(
        organisation=organisation, name="Till", role=role, secret_hash="0", scopes=["view"], created_by_id=owner.user_id
    )
    assert roles.deletion_preview(owner, role=role)["holders"] == {"members": 1, "api_keys": 1}
    with pytest.raises(Conflict, match="1 member and 1 API key"):
        roles.delete_role(owner, role=role)
    foreign = Role.objects.create(organisation=OrganisationFactory.create(), name="Theirs", permissions=["view"])
    assert wrong(roles.delete_role, owner, role=role, reassign_to=foreign) == [("/reassign_to", "not_found")]
    assert wrong(roles.delete_role, owner, role=role, reassign_to=role) == [("/reassign_to", "same")]
    instead = Role.objects.get(organisation=None, key="contributor")
    roles.delete_role(owner, role=role, reassign_to=instead)
    held.refresh_from_db()
    key.refresh_from_db()
    assert (held.role, held.version, key.role) == (instead, 2, instead)


def test_said() -> None:
    assert roles.said({}) == roles.said({"members": 0}) == ""
    assert roles.said({"members": 2}) == "2 members"
    assert roles.said({"members": 1, "api_keys": 2, "invitations": 1}) == "1 member, 2 API keys and 1 invitation"


def test_units_beyond_ones_own(organisation: Organisation) -> None:
    unit, other = (UnitFactory.create(organisation=organisation) for _ in range(2))
    viewer = Role.objects.get(organisation=None, key="viewer")
    her = Access.for_user(MembershipFactory.create(organisation=organisation, role="manager", units=[unit]).user)
    assert members.beyond(her, organisation.pk, viewer, {unit.pk}) is None
    for asked in ({unit.pk, other.pk}, None):
        refusal = members.beyond(her, organisation.pk, viewer, asked)
        assert refusal is not None
        assert refusal.code == "U5"


def test_an_owner_who_stays_one(organisation: Organisation) -> None:
    """The last owner may be made what she is."""
    staff = Access.for_user(StaffFactory.create()).acting("Asked by telephone")
    row = MembershipFactory.create(organisation=organisation)
    assert members.change_member(staff, membership=row, role=row.role).version == 2


def test_where_no_owner_is_needed(organisation: Organisation) -> None:
    """Records, and what is merged or removed; and where she is no owner, nothing is asked."""
    staff = Access.for_user(StaffFactory.create()).acting("Asked by telephone")
    row = MembershipFactory.create(organisation=organisation)
    MembershipFactory.create(user=row.user, role="viewer")
    assert owners.lost(organisation, row) is not None
    organisation.kind = "shell"
    organisation.save()
    assert owners.lost(organisation, row) is None
    assert not edit_user(staff, user=row.user, is_active=False).is_active
    assert list(owners.owners(organisation)) == []
    assert Membership.objects.get(pk=row.pk).is_active
