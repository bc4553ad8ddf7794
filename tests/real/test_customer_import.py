"""The register goes through the staff's import of customers: every row is a customer, a unit of one, or told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.domain.imports import reads
from customers.domain.imports.batches import Reading, apply_import, check_again, check_import
from customers.domain.imports.register import SEPARATE
from customers.enums import ImportKind, ImportStatus
from customers.models import ExternalId, ImportBatch
from organisations.models import Business, BusinessUnit, Organisation
from permissions.access import Access
from tests.factories import StaffFactory
from tests.real.register import PLACE, place
from tests.worlds import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def content() -> bytes:
    """The file, as it was published."""
    path = place()
    if not path.exists():
        pytest.skip(f"The register of establishments is not at {path} ({PLACE}); HECTARE_REGISTER can name it.")
    return path.read_bytes()


@pytest.fixture
def actor() -> Access:
    return _actor()


def _actor() -> Access:
    return Access.for_user(StaffFactory.create()).acting("The register of the Food Standards Agency")


Checked = tuple[Access, ImportBatch]


@pytest.fixture(scope="module")
def read_in(content: bytes, django_db_setup: None, django_db_blocker: Any) -> Iterator[Checked]:
    """The whole register checked, once: two tests go on from there."""

    def begin() -> Checked:
        actor = _actor()
        return actor, check(actor, content)

    with kept(django_db_blocker, begin) as made:
        yield made


@pytest.fixture
def checked(read_in: Checked, db: None) -> Checked:
    actor, batch = read_in
    return actor, ImportBatch.objects.get(pk=batch.pk)


def check(actor: Access, content: bytes) -> ImportBatch:
    return check_import(
        actor, kind=ImportKind.CUSTOMERS, source="FSA", content=content, reading=Reading(form="csv"), filename="fsa.csv"
    )


def kinds(batch: ImportBatch) -> Counter[tuple[str, str]]:
    return Counter((row["kind"], row["outcome"]) for row in batch.rows)


def codes(batch: ImportBatch) -> Counter[str]:
    return Counter(note["code"] for row in batch.rows for note in row["notes"])


def here() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Organisation, BusinessUnit, Business, ExternalId))


def test_every_row_is_a_customer_or_a_unit_or_told_of_and_a_second_run_changes_nothing(
    checked: Checked, content: bytes
) -> None:
    actor, batch = checked
    assert batch.mapping == {
        "CompetentAuthority": "group",
        "TradingName": "name",
        "AppNo": "external_id",
        "Address1": "address",
        "Address2": "address",
        "Address3": "address",
        "Town": "town",
        "Postcode": "postcode",
        "AllActivities": "activities",
    }
    first = {("customer", "new"): 1529, ("unit", "new"): 14, ("customer", "collision"): 17, ("customer", "wrong"): 1}
    assert kinds(batch) == first
    assert sum(first.values()) == 1561
    assert codes(batch) == {
        "near_duplicate": 17,
        "further_unit": 14,
        "lost_character": 6,
        "id_twice": 1,
        "no_business": 1,
    }
    assert all(row["notes"][0]["detail"] for row in batch.rows if row["outcome"] in ("collision", "wrong"))
    assert here() == (0, 0, 0, 0)
    done = apply_import(actor, batch=batch)
    assert (done.status, kinds(done)) == (ImportStatus.APPLIED, first)
    assert all(
        row["public_id"].startswith("org_") for row in done.rows if (row["kind"], row["outcome"]) == ("customer", "new")
    )
    assert here() == (1529, 1543, 1542, 1529 + 1543)

    again = check(actor, content)
    rest = {("customer", "collision"): 17, ("customer", "wrong"): 1}
    assert kinds(again) == {("customer", "same"): 1529, ("unit", "same"): 14, **rest}
    assert apply_import(actor, batch=again).counts["makes_organisations"] == 0
    assert here() == (1529, 1543, 1542, 1529 + 1543)

    (compared,) = reads.reconcile(again)
    assert (compared.there, compared.here, len(compared.missing_here)) == (1560, 1543, 17)


def test_names_that_come_again_as_customers_of_their_own(checked: Checked) -> None:
    """What staff say of the whole file, on the page of its columns."""
    actor, first = checked
    batch = check_again(actor, batch=first, reading=Reading(form="csv", same_name=SEPARATE))
    assert kinds(batch) == {("customer", "new"): 1546, ("unit", "new"): 14, ("customer", "wrong"): 1}
    apply_import(actor, batch=batch)
    assert BusinessUnit.objects.filter(name="Falfish Ltd", organisation__name="Falfish Limited").exists()


HEADING = "Company,Ref,Company No,Street,Town,Post code,Type,E-mail,Contact,Phone"


def small(actor: Access, *rows: str, **values: Any) -> ImportBatch:
    content = "\n".join([HEADING, *rows]).encode()
    return check_import(
        actor, kind=ImportKind.CUSTOMERS, source="Sales", content=content, reading=Reading(form="csv", **values)
    )


def told(batch: ImportBatch) -> list[tuple[str, str, list[str]]]:
    return [(row["kind"], row["outcome"], [note["code"] for note in row["notes"]]) for row in batch.rows]


def test_owners_numbers_and_dirt(actor: Access) -> None:
    Organisation.objects.create(name="Old Mill Ltd", company_number="00000001", postcode="EX4 3PQ")
    Organisation.objects.create(name="Shelly Ltd", kind="shell", postcode="EX4 3PQ")
    known = StaffFactory.create(email="known@people.example", is_staff=False, is_superuser=False)
    batch = small(
        actor,
        "Ash Ltd,1,01234567,1 Lane,Exeter,ex43pq,farm,ANN@ash.example,Ann,01392 1",
        "ASH LIMITED,2,01234567,2 Lane,Exeter,EX4 3PQ,store,,,",
        "Bram Ltd,3,01234567,3 Lane,Exeter,EX4 3PQ,farm,,,",
        "Ash Ltd.,4,,4 Lane,Bath,BA1 1AA,farm,,,",
        "Old  Mill Limited,5,00000001,5 Lane,Exeter,EX4 3PQ,store,,,",
        "Old Mill Ltd,6,,6 Lane,Exeter,EX4 3PQ,store,,,",
        "Shelly Ltd,7,,7 Lane,Exeter,EX4 3PQ,store,,,",
        ",8,,,,,,,,",
        "Cam Ltd,9,12,,,,,,,",
        "Dee Ltd,10,,,,NOWHERE,mill,known@people.example,,",
        "Eve Ltd,11,,,,,farm,x@hectare.farm,,",
        "Fay Ltd,12,,,,,farm,nobody,,",
        "Gus Ltd,12,,,,,farm,,,",
    )
    assert told(batch) == [
        ("customer", "new", []),
        ("unit", "new", ["further_unit"]),
        ("customer", "collision", ["company_number_taken"]),
        ("customer", "collision", ["near_duplicate"]),
        ("unit", "new", ["further_unit"]),
        ("customer", "collision", ["near_duplicate"]),
        ("customer", "collision", ["recorded"]),
        ("customer", "wrong", ["no_name"]),
        ("customer", "wrong", ["company_number"]),
        ("customer", "new", ["postcode", "kind", "owner_has_account"]),
        ("customer", "new", ["owner_staff"]),
        ("customer", "new", ["owner_email"]),
        ("customer", "wrong", ["id_twice"]),
    ]
    apply_import(actor, batch=batch, welcome=True)
    ash = Organisation.objects.get(name="Ash Ltd")
    assert [unit.name for unit in ash.units.order_by("pk")] == ["Ash Ltd", "ASH LIMITED"]
    (owner,) = ash.memberships.all()
    assert (owner.user.email, owner.user.name, owner.role.key, owner.user.has_usable_password()) == (
        "ann@ash.example",
        "Ann",
        "owner",
        False,
    )
    assert not known.memberships.exists()
    dee = Organisation.objects.get(name="Dee Ltd")
    assert (dee.postcode, dee.memberships.count(), hasattr(dee.units.get(), "business")) == ("", 0, False)
    assert {row["outcome"] for row in small(actor, "Ash Ltd,1,01234567,1 Lane,Exeter,ex43pq,farm,,,01392 1").rows} == {
        "same"
    }
    changed = small(actor, "Ash Ltd,1,01234567,9 Lane,Bath,ex43pq,farm,,,01392 1").rows[0]
    assert (changed["outcome"], changed["differs"]) == ("different", ["address", "town"])


def test_without_ids_a_row_is_known_by_what_it_says(actor: Access) -> None:
    content = b"name,postcode,address\nAsh Ltd,EX4 3PQ,1 Lane\nAsh Ltd,EX4 3PQ,2 Lane\nAsh Ltd,EX4 3PQ,2 Lane\n"
    batch = check(actor, content)
    assert told(batch) == [
        ("customer", "new", []),
        ("unit", "new", ["further_unit"]),
        ("customer", "wrong", ["id_twice"]),
    ]
    apply_import(actor, batch=batch)
    assert sorted(unit.name for unit in BusinessUnit.objects.all()) == ["Ash Ltd", "Ash Ltd (EX4 3PQ)"]
    assert [row["outcome"] for row in check(actor, content).rows] == ["same", "same", "wrong"]


def test_columns_are_corrected_on_their_page_and_kept_for_the_source(actor: Access, client: Client) -> None:
    content = b"Wer,Wo\nAsh Ltd,Exeter\n"
    batch = check(actor, content)
    assert told(batch) == [("customer", "wrong", ["no_name_column"])]
    client.force_login(StaffFactory.create())
    url = reverse("admin:customers_importbatch_columns", args=[batch.pk])
    assert b"Wer" in client.get(url).content
    data = {"column_0": "name", "column_1": "name", "same_name": "ask", "reason": "German"}
    assert b"cannot both be" in client.post(url, data).content
    assert client.post(url, {**data, "column_1": "town", "reason": ""}).status_code == 200
    assert client.post(url, {**data, "column_1": "town"}).status_code == 302
    batch.refresh_from_db()
    assert (told(batch)[0][:2], batch.version) == (("customer", "new"), 2)
    assert check(actor, content).mapping == {"Wer": "name", "Wo": "town"}
