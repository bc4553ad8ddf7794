"""What only a farm has and what only a store has; a unit that is deleted, and one that is put away."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.errors import Invalid, NotFound
from organisations.domain import businesses, units
from organisations.enums import BusinessKind, GrantKind
from organisations.models import Business, BusinessUnit, Organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions.access import Access
from permissions.decisions import Refused
from permissions.models import ApiKey, Grant, Role
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    ProductFactory,
    UnitFactory,
    grant,
    hub,
    producer,
    withdraw,
)

pytestmark = pytest.mark.django_db

FARM: dict[str, Any] = {
    "holding_number": "10/123/0456",
    "hectares": Decimal("84.50"),
    "farm_enterprises": ["dairy", "sheep"],
    "certifications": ["organic"],
}
STORE: dict[str, Any] = {
    "store_code": "EX-01",
    "opening_hours": {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "sat": [["10:00", "24:00"]]},
    "floor_area": 140,
    "capacity": 12,
}


def member(organisation: Organisation, role: str = "owner", units: Any = None) -> Access:
    return Access.for_user(MembershipFactory.create(organisation=organisation, role=role, units=units).user)


def told(problem: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in problem.value.errors]


def values(business: Business, of: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(business, name) for name in of}


@pytest.fixture
def farm() -> Business:
    return producer("Ashclyst Farm")


@pytest.fixture
def store(farm: Business) -> Business:
    return hub("Ashclyst Shop", organisation=farm.unit.organisation)


@pytest.fixture
def spare(farm: Business) -> BusinessUnit:
    return UnitFactory.create(organisation=farm.unit.organisation)


@pytest.fixture
def her(farm: Business, store: Business, spare: BusinessUnit) -> Access:
    return member(farm.unit.organisation)


@pytest.mark.parametrize(("kind", "data"), [("farm", FARM), ("store", STORE)])
def test_a_business_is_made_with_its_data(her: Access, spare: BusinessUnit, kind: str, data: dict[str, Any]) -> None:
    made = businesses.create_business(her, unit=spare, kind=BusinessKind(kind), **data)
    assert values(Business.objects.get(pk=made.pk), data) == data


@pytest.mark.parametrize(("kind", "data"), [("store", FARM), ("farm", STORE)])
def test_no_data_of_the_other_kind(her: Access, spare: BusinessUnit, kind: str, data: dict[str, Any]) -> None:
    other = "farm" if kind == "store" else "store"
    expected = [(f"/{name}", f"{other}_only") for name in data]
    with pytest.raises(Invalid) as problem:
        businesses.create_business(her, unit=spare, kind=BusinessKind(kind), **data)
    assert told(problem) == expected
    mine = businesses.create_business(her, unit=spare, kind=BusinessKind(kind))
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=mine, **data)
    assert told(problem) == expected


def test_it_is_kept_in_order_and_once(her: Access, farm: Business, store: Business) -> None:
    changed = businesses.edit_trading(
        her,
        business=farm,
        holding_number=" 101230456 ",
        farm_enterprises=["sheep", "dairy", "sheep"],
        certifications=["red_tractor", "organic"],
    )
    assert values(changed, FARM) == {
        "holding_number": "10/123/0456",
        "hectares": None,
        "farm_enterprises": ["dairy", "sheep"],
        "certifications": ["organic", "red_tractor"],
    }
    hours = {"sun": [], "tue": [["09:00", "17:00"]], "mon": [["08:00", "12:00"]]}
    shop = businesses.edit_trading(her, business=store, opening_hours=hours, store_code=" EX-01 ")
    assert list(shop.opening_hours) == ["mon", "tue"]
    assert shop.store_code == "EX-01"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"holding_number": "12/34/5678"}, [("/holding_number", "holding_number")]),
        ({"holding_number": "A1/234/5678"}, [("/holding_number", "holding_number")]),
        ({"hectares": Decimal(-1)}, [("/hectares", "min_value")]),
        ({"farm_enterprises": ["dairy", "unicorns"]}, [("/farm_enterprises", "item_invalid")]),
        ({"certifications": ["holy"]}, [("/certifications", "item_invalid")]),
    ],
)
def test_what_is_wrong_with_a_farm(her: Access, farm: Business, wrong: Any, expected: Any) -> None:
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=farm, **wrong)
    assert told(problem) == expected


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"opening_hours": {"monday": [["09:00", "10:00"]]}}, [("/opening_hours", "opening_hours")]),
        ({"opening_hours": {"mon": [["17:00", "09:00"]]}}, [("/opening_hours", "opening_hours")]),
        ({"opening_hours": {"mon": [["09:00", "25:00"]]}}, [("/opening_hours", "opening_hours")]),
        ({"opening_hours": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, [("/opening_hours", "opening_hours")]),
        ({"opening_hours": "always"}, [("/opening_hours", "opening_hours")]),
        ({"floor_area": -1}, [("/floor_area", "min_value")]),
        ({"capacity": 2**31}, [("/capacity", "max_value")]),
        ({"store_code": "A\nB"}, [("/store_code", "one_line")]),
        ({"hectares": 0}, [("/hectares", "farm_only")]),
    ],
)
def test_what_is_wrong_with_a_store(her: Access, store: Business, wrong: Any, expected: Any) -> None:
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=store, **wrong)
    assert told(problem) == expected


def test_the_kind_changes_when_nothing_of_the_old_one_is_left(her: Access, farm: Business) -> None:
    businesses.edit_trading(her, business=farm, **FARM)
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=farm, kind=BusinessKind.STORE)
    assert told(problem) == [("/kind", "has_data")]
    assert problem.value.errors[0].detail == (
        "Empty first what only a farm has: County Parish Holding number, hectares, farm enterprises, certifications."
    )
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=farm, kind=BusinessKind.STORE, hectares=Decimal(3), holding_number="")
    assert told(problem) == [("/hectares", "farm_only"), ("/kind", "has_data")]
    empty: dict[str, Any] = {"holding_number": "", "hectares": None, "farm_enterprises": [], "certifications": []}
    changed = businesses.edit_trading(her, business=farm, kind=BusinessKind.STORE, **empty, **STORE)
    assert (changed.kind, values(changed, STORE)) == ("store", STORE)


def test_the_database_says_so_too(farm: Business, store: Business) -> None:
    for row, field, value in ((farm, "store_code", "X"), (store, "hectares", 1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Business.objects.filter(pk=row.pk).update(**{field: value})


def test_a_code_is_one_stores_of_the_organisation(her: Access, store: Business) -> None:
    businesses.edit_trading(her, business=store, store_code="EX-01")
    other = hub("Second", organisation=store.unit.organisation)
    her = member(store.unit.organisation)
    with pytest.raises(Invalid) as problem:
        businesses.edit_trading(her, business=other, store_code="ex-01")
    assert told(problem) == [("/store_code", "unique")]
    elsewhere = hub("Elsewhere")
    businesses.edit_trading(member(elsewhere.unit.organisation), business=elsewhere, store_code="EX-01")
    again = businesses.edit_trading(her, business=store, store_code="EX-01", floor_area=3)
    assert (again.store_code, again.floor_area) == ("EX-01", 3)


def test_only_those_who_set_how_it_trades(farm: Business) -> None:
    for role in ("viewer", "contributor", "coordinator"):
        with pytest.raises(Refused) as refused:
            businesses.edit_trading(member(farm.unit.organisation, role), business=farm, **FARM)
        assert refused.value.decision.code == "R1"
    partner = hub("Partner")
    grant(farm, partner, GrantKind.EDIT_PROFILE)
    with pytest.raises(Refused) as refused:
        businesses.edit_trading(member(partner.unit.organisation), business=farm, **FARM)
    assert refused.value.decision.code == "G6"
    with pytest.raises(NotFound):
        businesses.edit_trading(member(OrganisationFactory.create()), business=farm, **FARM)


# --- removing a unit --------------------------------------------------------------------------------------------


def test_a_unit_to_which_nothing_refers_is_deleted(her: Access, spare: BusinessUnit) -> None:
    made = businesses.create_business(her, unit=spare, kind=BusinessKind.FARM, **FARM)
    found = units.removal_preview(her, unit=spare)
    assert (found["outcome"], found["referred_to_by"], found["members"]) == ("deleted", [], 0)
    assert units.remove_unit(her, unit=spare, version=1) is None
    assert not BusinessUnit.objects.filter(pk=spare.pk).exists()
    assert not type(made.group).objects.filter(pk=made.group_id).exists()


def _product(business: Business) -> None:
    ProductFactory.create(producer=business)


def _member(business: Business) -> None:
    MembershipFactory.create(organisation=business.unit.organisation, role="viewer", units=[business.unit])


def _key(business: Business) -> None:
    role = Role.objects.get(organisation=None, key="owner")
    ApiKey.objects.create(
        organisation=business.unit.organisation, name="Till", secret_hash="0" * 64, role=role, all_units=False
    ).units.add(business.unit)


def _given(business: Business) -> None:
    grant(business, hub("Partner"))


def _held(business: Business) -> None:
    grant(producer("Partner"), business)


@pytest.mark.parametrize(
    ("refer", "named"),
    [
        (_product, ["products"]),
        (_member, ["memberships"]),
        (_key, ["API keys"]),
        (_given, ["grants"]),
        (_held, ["grants"]),
    ],
)
def test_a_unit_to_which_something_refers_is_put_away(her: Access, farm: Business, refer: Any, named: Any) -> None:
    refer(farm)
    found = units.removal_preview(her, unit=farm.unit)
    assert (found["outcome"], found["referred_to_by"]) == ("archived", named)
    row = units.remove_unit(her, unit=farm.unit, version=1)
    assert row is not None
    assert row.is_archived


def test_what_is_over_holds_nothing_back(her: Access, farm: Business) -> None:
    partner = hub("Partner")
    grant(farm, partner)
    withdraw(farm, partner)
    assert not Grant.objects.exists()
    assert units.remove_unit(her, unit=farm.unit) is None


def test_removing_is_refused_as_editing_is(farm: Business) -> None:
    with pytest.raises(Refused) as refused:
        units.remove_unit(member(farm.unit.organisation, "viewer"), unit=farm.unit)
    assert refused.value.decision.code == "R1"
    with pytest.raises(NotFound):
        units.removal_preview(member(OrganisationFactory.create()), unit=farm.unit)
    assert BusinessUnit.objects.filter(pk=farm.pk).exists()


@pytest.mark.parametrize(
    ("normal", "typed", "kept"),
    [
        (normal_company_number, " 0123\u00a04567 ", "01234567"),
        (normal_company_number, "1234567", "01234567"),
        (normal_company_number, "123456", "00123456"),
        (normal_company_number, "12345", "12345"),
        (normal_company_number, "sc 123456", "SC123456"),
        (normal_company_number, "SC12345", "SC12345"),
        (normal_vat_number, "gb 123.456-789", "GB123456789"),
        (normal_vat_number, "123 4567 89", "GB123456789"),
        (normal_vat_number, "123456789012", "GB123456789012"),
        (normal_vat_number, "gd123", "GBGD123"),
        (normal_vat_number, "12345678", "12345678"),
        (normal_vat_number, "FR123456789", "FR123456789"),
        (normal_postcode, " ex4  3pq", "EX4 3PQ"),
    ],
)
def test_numbers_are_kept_in_one_form(normal: Callable[[str], str], typed: str, kept: str) -> None:
    assert normal(typed) == kept
    assert normal(kept) == kept
