"""Organisations, units and businesses: who makes and changes them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Conflict, Invalid, NotFound, Stale
from mails.models import Mail
from ordercycles.enums import CycleState
from organisations import reads
from organisations.domain import businesses, organisations, units
from organisations.enums import BusinessKind, GrantKind, Sells
from organisations.models import Organisation
from permissions.access import Access
from permissions.actions import Permission
from permissions.decisions import Refused
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    MembershipFactory,
    OrganisationFactory,
    StaffFactory,
    UnitFactory,
    access,
    archive,
    grant,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db


def member(organisation: Organisation, role: str = "owner", units: Any = None) -> Access:
    return Access.for_user(MembershipFactory.create(organisation=organisation, role=role, units=units).user)


@pytest.fixture
def staff() -> Access:
    return Access.for_user(StaffFactory.create()).acting("Asked by phone")


# --- organisations ----------------------------------------------------------------------------------------------


def test_staff_take_on_an_organisation(staff: Access) -> None:
    made = organisations.create_organisation(
        staff, name="Ashclyst Ltd", company_number="01234567", vat_number="gb 123456789", postcode="ex43pq"
    )
    assert (made.vat_number, made.postcode, made.kind) == ("GB123456789", "EX4 3PQ", "full")
    assert reads.get_organisation(staff, made.public_id) == made


def test_nobody_else_does() -> None:
    idle = Access.for_user(StaffFactory.create())
    for actor in (idle, member(OrganisationFactory.create())):
        with pytest.raises(Refused) as refused:
            organisations.create_organisation(actor, name="Ashclyst Ltd")
        assert refused.value.decision.code == "S1"
    with pytest.raises(NotFound):
        organisations.create_organisation(Access.none(), name="Ashclyst Ltd")
    assert not Organisation.objects.filter(name="Ashclyst Ltd").exists()


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"name": ""}, [("/name", "blank")]),
        ({"name": "a\nb"}, [("/name", "one_line")]),
        ({"postcode": "12345"}, [("/postcode", "postcode")]),
        ({"company_number": "12"}, [("/company_number", "company_number")]),
        ({"vat_number": "12"}, [("/vat_number", "vat_number")]),
    ],
)
def test_what_is_wrong_is_told(staff: Access, values: dict[str, str], wrong: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as problem:
        organisations.create_organisation(staff, **{"name": "Ashclyst Ltd", **values})  # type: ignore[arg-type]
    assert [(one.pointer, one.code) for one in problem.value.errors] == wrong


def test_a_company_is_taken_on_once(staff: Access) -> None:
    organisations.create_organisation(staff, name="Ashclyst Ltd", company_number="01234567")
    with pytest.raises(Invalid) as problem:
        organisations.create_organisation(staff, name="Ashclyst Limited", company_number="01234567")
    assert [(one.pointer, one.code) for one in problem.value.errors] == [("/company_number", "unique")]


def test_an_owner_changes_what_the_organisation_says_of_itself() -> None:
    organisation = OrganisationFactory.create()
    her = member(organisation)
    changed = organisations.edit_organisation(her, organisation=organisation, version=1, name="New", postcode="ex11aa")
    assert (changed.name, changed.postcode, changed.version) == ("New", "EX1 1AA", 2)
    with pytest.raises(Stale):
        organisations.edit_organisation(her, organisation=organisation, version=1, name="Newer")


def test_numbers_are_changed_by_staff(staff: Access) -> None:
    organisation = OrganisationFactory.create()
    with pytest.raises(Invalid) as problem:
        organisations.edit_organisation(member(organisation), organisation=organisation, company_number="01234567")
    assert [(one.pointer, one.code) for one in problem.value.errors] == [("/company_number", "staff_only")]
    changed = organisations.edit_organisation(staff, organisation=organisation, company_number="01234567")
    assert changed.company_number == "01234567"


def test_a_manager_of_one_unit_does_not_change_the_organisation() -> None:
    unit = UnitFactory.create()
    with pytest.raises(Refused) as refused:
        organisations.edit_organisation(
            member(unit.organisation, "manager", [unit]), organisation=unit.organisation, name="Mine"
        )
    assert refused.value.decision.code == "O2"
    with pytest.raises(NotFound):
        organisations.edit_organisation(
            member(OrganisationFactory.create()), organisation=unit.organisation, name="Mine"
        )


def test_an_archived_organisation_is_nobodys(staff: Access) -> None:
    ash = producer("Ashclyst Dairy")
    organisation = ash.unit.organisation
    owner = MembershipFactory.create(organisation=organisation).user
    cycle = CycleFactory.create(state=CycleState.OPEN, name="Week 1")
    ExchangeFactory.create(cycle=cycle, enterprise=ash)
    with pytest.raises(Refused) as refused:
        organisations.archive_organisation(Access.for_user(owner), organisation=organisation)
    assert refused.value.decision.code == "S1"
    assert organisations.archive_preview(staff, organisation=organisation) == {
        "units": 1,
        "members": 1,
        "cycles": [{"id": cycle.public_id, "name": "Week 1", "state": "open", "exchanges": 1}],
        "coordinates": [],
    }
    organisations.archive_organisation(staff, organisation=organisation, version=1)
    assert Access.for_user(owner).ids(Permission.VIEW) == frozenset()
    organisations.restore_organisation(staff, organisation=organisation)
    assert Access.for_user(owner).ids(Permission.VIEW) == {ash.pk}


# --- units ------------------------------------------------------------------------------------------------------


def test_units_are_made_by_those_who_manage_the_whole() -> None:
    organisation = OrganisationFactory.create()
    made = units.create_unit(member(organisation), organisation=organisation, name="Barn", postcode="ex43pq")
    assert (made.organisation, made.postcode) == (organisation, "EX4 3PQ")
    with pytest.raises(Refused) as refused:
        units.create_unit(member(organisation, "manager", [made]), organisation=organisation, name="Shed")
    assert refused.value.decision.code == "O2"
    with pytest.raises(Invalid) as problem:
        units.create_unit(member(organisation), organisation=organisation, name="Barn")
    assert [one.code for one in problem.value.errors] == ["unique"]
    assert units.create_unit(member(other := OrganisationFactory.create()), organisation=other, name="Barn").pk


def test_a_unit_manager_edits_hers_and_finds_no_other() -> None:
    mine = UnitFactory.create()
    other = UnitFactory.create(organisation=mine.organisation)
    her = member(mine.organisation, "manager", [mine])
    assert units.edit_unit(her, unit=mine, version=1, name="Mine").version == 2
    assert list(reads.units(her)) == [mine]
    with pytest.raises(NotFound):
        units.edit_unit(her, unit=other, name="Mine too")


def test_putting_a_unit_away() -> None:
    exe = hub("Exe Hub")
    cycle = CycleFactory.create(coordinator=exe, name="Week 1")
    her = access(exe)
    preview = units.archive_preview(her, unit=exe.unit)
    assert preview == {
        "members": 1,
        "cycles": [],
        "coordinates": [{"id": cycle.public_id, "name": "Week 1", "state": "upcoming"}],
    }
    assert units.archive_unit(her, unit=exe.unit).is_archived
    assert list(reads.managed(her, Permission.VIEW)) == []
    assert not units.restore_unit(her, unit=exe.unit).is_archived
    assert list(reads.managed(her, Permission.VIEW)) == [exe]


# --- businesses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"), [(BusinessKind.FARM, (True, Sells.NONE)), (BusinessKind.STORE, (False, Sells.ANY))]
)
def test_a_farm_produces_and_a_store_is_a_hub(kind: BusinessKind, expected: tuple[bool, str]) -> None:
    unit = UnitFactory.create()
    her = member(unit.organisation)
    made = businesses.create_business(her, unit=unit, kind=kind)
    assert (made.is_producer, made.sells) == expected
    assert made.group.name == f"enterprise:{unit.public_id}"
    assert reads.get_enterprise(her, unit.public_id) == made
    with pytest.raises(Conflict) as problem:
        businesses.create_business(her, unit=unit, kind=kind)
    assert problem.value.code == "exists"


def test_the_profile_is_edited_by_a_grantee_too_and_trading_is_not() -> None:
    ash, exe = producer("Ashclyst Dairy"), hub("Exe Hub")
    grant(ash, exe)
    with pytest.raises(Refused) as refused:
        businesses.edit_profile(access(exe), business=ash, description="Milk")
    assert refused.value.decision.code == "G4"
    grant(ash, exe, GrantKind.EDIT_PROFILE)
    assert businesses.edit_profile(access(exe), business=ash, version=1, description="Milk").version == 2
    with pytest.raises(Refused) as refused:
        businesses.edit_trading(access(exe), business=ash, sells=Sells.ANY)
    assert refused.value.decision.code == "G6"


def test_a_new_contact_address_is_to_be_confirmed_anew() -> None:
    exe = hub("Exe Hub")
    her = access(exe)
    same = businesses.edit_trading(her, business=exe, contact_email=f" {exe.contact_email} ", sells=Sells.OWN)
    assert same.contact_email_is_confirmed
    assert same.sells == Sells.OWN
    assert not Mail.objects.exists()
    for number in range(3):
        changed = businesses.edit_trading(her, business=exe, contact_email=f"new{number}@exe.example")
        assert (changed.contact_email_is_confirmed, changed.confirmation_waits) == (False, None)
    # With too many mails the address is saved all the same, and it is said when the mail can be asked for.
    changed = businesses.edit_trading(her, business=exe, contact_email="new3@exe.example")
    assert changed.contact_email == "new3@exe.example"
    assert changed.confirmation_waits
    mails = Mail.objects.filter(kind="contact_confirmation").order_by("pk")
    assert [one.recipient for one in mails.all()] == [f"new{number}@exe.example" for number in range(3)]
    # By whichever verb, and so by every door.
    unit = UnitFactory.create(organisation=exe.unit.organisation)
    new = member(unit.organisation)
    made = businesses.create_business(new, unit=unit, kind=BusinessKind.STORE, contact_email="a@b.example")
    assert [one.about for one in mails] == [exe.public_id] * 3 + [made.public_id]


def test_archived_enterprises_are_not_offered() -> None:
    one, other = hub("One"), hub("Other")
    archive(other)
    her = access(one, other)
    assert list(reads.managed(her, Permission.COORDINATE)) == [one]
