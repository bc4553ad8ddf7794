"""The Logistics service's organisations, units and users move here: by command, API and admin, with their passwords."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pghistory.models
import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.errors import Conflict
from customers.domain import erasure, removal
from customers.domain.imports import batches
from customers.domain.imports.batches import Reading, apply_import, check_import
from customers.domain.imports.forgetting import forget_rows
from customers.domain.imports.reads import get_import, reconcile
from customers.enums import ImportKind, ImportStatus
from customers.models import ExternalId, Forgotten, ImportBatch, User
from customers.models.lifecycle import STRANDED
from mails.models import Mail
from organisations.models import Business, BusinessUnit, Organisation
from permissions.access import Access
from permissions.models import Membership
from tests import logistics
from tests.api.client import Api, problem
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
WHY = "The Logistics service moves here"


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


ASH: dict[str, Any] = {
    "type": "organisation",
    "id": "L-1",
    "name": "Ash Ltd",
    "company_number": "01234567",
    "postcode": "ex43pq",
}
FARM: dict[str, Any] = {"type": "unit", "id": "U-1", "organisation": "L-1", "name": "Ash Farm", "business": "farm"}
ANN: dict[str, Any] = {
    "type": "user",
    "id": 7,
    "email": "Ann@Ash.example",
    "name": "Ann",
    "memberships": [{"organisation": "L-1", "role": "manager", "units": ["U-1"]}],
}


@pytest.fixture
def boss(db: None) -> User:
    return StaffFactory.create(name="Sam")


@pytest.fixture
def actor(boss: User) -> Access:
    return Access.for_user(boss).acting(WHY)


def check(actor: Access, content: bytes, **values: Any) -> ImportBatch:
    reading = Reading(form=values.pop("form", "jsonl"))
    return check_import(
        actor, kind=ImportKind.LOGISTICS, source="logistics", content=content, reading=reading, **values
    )


def notes(batch: ImportBatch) -> list[tuple[int, str, list[str]]]:
    """Line, outcome and codes of every row that has any, or is not new."""
    found = [(row["line"], row["outcome"], [note["code"] for note in row["notes"]]) for row in batch.rows]
    return [one for one in found if one[1] != "new" or one[2]]


def everything() -> dict[str, int]:
    models: Any = (Organisation, BusinessUnit, Business, User, Membership, ExternalId, EmailAddress, Mail)
    return {model.__name__: model.objects.count() for model in models}


def sign_in(email: str, password: str) -> bool:
    """Through the real form."""
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in client.session


@pytest.fixture(scope="class")
def moved(django_db_setup: None, django_db_blocker: Any) -> Iterator[ImportBatch]:
    """200 users of 20 organisations, moved once for the tests of one class."""
    with django_db_blocker.unblock(), transaction.atomic():
        actor = Access.for_user(StaffFactory.create()).acting(WHY)
        batch = check(actor, logistics.batch(200, 20, 40))
        yield apply_import(actor, batch=batch)
        transaction.set_rollback(True)


class TestTheBatch:
    def test_everybody_is_here(self, moved: ImportBatch) -> None:
        assert moved.status == ImportStatus.APPLIED
        assert {name: number for name, number in moved.counts.items() if number} == {
            "rows": 260,
            "new": 260,
            "organisation_new": 20,
            "unit_new": 40,
            "user_new": 200,
            "makes_organisations": 20,
            "makes_units": 40,
            "makes_businesses": 27,
            "makes_users": 200,
            "makes_memberships": 200,
            "passwords_kept": 180,
        }
        user = User.objects.get(email=logistics.email_of(3))
        membership = user.memberships.get()
        assert (user.is_staff, user.is_superuser, membership.role.key, membership.all_units) == (
            False,
            False,
            "viewer",
            False,
        )
        (unit,) = membership.units.all()
        assert unit.external_ids.get().external_id == "U-4"
        assert unit.organisation == membership.organisation
        assert user.external_ids.get().source == "logistics"
        assert not User.objects.get(email=logistics.email_of(7)).is_active
        farm = Business.objects.get(unit__external_ids__external_id="U-1")
        assert (farm.kind, farm.is_producer, farm.group.name) == ("farm", True, f"enterprise:{farm.public_id}")

    @pytest.mark.parametrize("kind", [*logistics.HASHES])
    def test_they_sign_in_with_their_old_passwords(self, moved: ImportBatch, kind: str) -> None:
        number = next(one for one in range(1, 200) if logistics.secret_of(one)[0] == kind and one % 50 != 7)
        email, password = logistics.email_of(number), logistics.secret_of(number)[1]
        assert not User.objects.get(email=email).password.startswith("md5$")
        assert not sign_in(email, "wrong")
        assert sign_in(email, password)
        # Hashed anew with the preferred hasher (in tests: MD5), and the new hash is good, too.
        assert User.objects.get(email=email).password.startswith("md5$")
        assert sign_in(email, password)

    def test_who_was_deactivated_there_does_not_get_in(self, moved: ImportBatch) -> None:
        assert not sign_in(logistics.email_of(7), logistics.secret_of(7)[1])

    def test_a_weak_hash_is_no_password(self, moved: ImportBatch) -> None:
        user = User.objects.get(email=logistics.email_of(10))
        assert not user.has_usable_password()
        assert not sign_in(user.email, logistics.secret_of(10)[1])
        (row,) = [row for row in moved.rows if row["public_id"] == user.public_id]
        assert [note["code"] for note in row["notes"]] == ["password_not_kept"]

    def test_a_second_run_changes_nothing(self, moved: ImportBatch, actor: Access) -> None:
        before, events = everything(), pghistory.models.Events.objects.count()
        again = check(actor, logistics.batch(200, 20, 40))
        assert {row["outcome"] for row in again.rows} == {"same"}
        done = apply_import(actor, batch=again)
        assert (done.status, done.counts["same"], done.counts["new"]) == (ImportStatus.APPLIED, 260, 0)
        assert everything() == before
        written = pghistory.models.Events.objects.exclude(pgh_obj_model="customers.ImportBatch").count()
        assert written <= events

    def test_there_and_here_agree(self, moved: ImportBatch) -> None:
        found = {one.kind: one for one in reconcile(moved)}
        assert all(one.agrees for one in found.values())
        users = found["user"]
        assert (users.there, users.there_active, users.here, users.here_active) == (200, 196, 200, 196)
        ExternalId.objects.filter(external_id="1", user__isnull=False).delete()
        User.objects.filter(external_ids__external_id="2").update(is_active=False)
        extra = ExternalId.objects.create(
            source="logistics", external_id="P-new", user=User.objects.get(email=logistics.email_of(1))
        )
        users = next(one for one in reconcile(moved) if one.kind == "user")
        assert (users.missing_here, users.missing_there, users.state_differs) == (["1"], [extra.external_id], ["2"])
        assert not users.agrees

    def test_the_size_of_a_batch_does_not_show_in_statements(self, actor: Access) -> None:
        def statements(users: int) -> int:
            batch = check(actor, logistics.batch(users, 2, 4))
            with CaptureQueriesContext(connection) as seen:
                apply_import(actor, batch=batch)
                transaction.set_rollback(False)
            return len(seen)

        with transaction.atomic():
            few = statements(3)
            transaction.set_rollback(True)
        with transaction.atomic():
            many = statements(60)
            transaction.set_rollback(True)
        assert few == many


class TestRows:
    def test_csv_says_the_same(self, actor: Access) -> None:
        rows = [
            "type,id,name,organisation,email,role,units,company_number,business,user,active",
            "organisation,L-1,Ash Ltd,,,,,01234567,,,",
            'unit,U-1,"Ash Farm",L-1,,,,,farm,,',
            "unit,U-2,Ash Shop,L-1,,,,,store,,",
            "organisation,L-2,Bram,,,,,,,,no",
            "user,7,Ann,L-1,ann@ash.example,manager,U-1|U-2,,,,yes",
            "membership,,,L-2,,viewer,,,,7,no",
        ]
        batch = check(actor, "\ufeff".encode() + "\r\n".join(rows).encode(), form="csv")
        assert notes(batch) == []
        apply_import(actor, batch=batch)
        ann = User.objects.get(email="ann@ash.example")
        first, second = ann.memberships.order_by("pk")
        assert (first.role.key, sorted(unit.name for unit in first.units.all())) == (
            "manager",
            ["Ash Farm", "Ash Shop"],
        )
        assert (second.organisation.name, second.is_active, second.all_units) == ("Bram", False, True)
        assert second.organisation.is_archived

    def test_what_is_here_stays_as_it_is(self, actor: Access) -> None:
        apply_import(actor, batch=check(actor, lines(ASH, FARM, ANN)))
        ann = User.objects.get(email="ann@ash.example")
        Membership.objects.filter(user=ann).delete()
        moved = [{**ASH, "name": "Ash & Sons", "town": "Exeter"}, FARM, {**ANN, "name": "Anna", "active": False}]
        batch = check(actor, lines(*moved))
        assert [(row["outcome"], row["differs"]) for row in batch.rows] == [
            ("different", ["name", "town"]),
            ("same", []),
            ("different", ["active", "memberships", "name"]),
        ]
        apply_import(actor, batch=batch)
        ann.refresh_from_db()
        assert (ann.name, ann.is_active, ann.memberships.count()) == ("Ann", True, 0)
        assert Organisation.objects.get().name == "Ash Ltd"

    def test_collisions_are_left_out_with_what_rests_on_them(self, actor: Access) -> None:
        Organisation.objects.create(name="Ash", company_number="01234567")
        other = User.objects.create_user("old@bea.example", "secret-secret", name="Old")
        EmailAddress.objects.create(user=other, email="second@bea.example", verified=True)
        bea = {"type": "organisation", "id": "L-2", "name": "Bea", "vat_number": "GB123456789"}
        at_bea = {"memberships": [{"organisation": "L-2", "role": "viewer"}]}
        batch = check(
            actor,
            lines(
                ASH,
                FARM,
                ANN,
                bea,
                {**bea, "id": "L-3"},
                {**ANN, "id": 8, "email": "OLD@bea.example", **at_bea},
                {**ANN, "id": 9, "email": "second@bea.example", **at_bea},
                {**ANN, "id": 10, "email": "new@bea.example", **at_bea},
                {**ANN, "id": 11, "email": "new@bea.example ", **at_bea},
                {**ANN, "id": 12, "email": "x@hectare.farm", **at_bea},
                {**ANN, "id": 13, "email": "both@bea.example"}
                | {"memberships": [*ANN["memberships"], *at_bea["memberships"]]},
            ),
        )
        assert notes(batch) == [
            (1, "collision", ["company_number_taken"]),
            (2, "collision", ["rests_on_collision"]),
            (3, "collision", ["rests_on_collision", "rests_on_collision", "no_membership_left"]),
            (5, "collision", ["vat_number_twice"]),
            (6, "collision", ["email_taken"]),
            (7, "collision", ["email_taken"]),
            (9, "collision", ["email_twice"]),
            (10, "collision", ["staff_address"]),
            (11, "new", ["rests_on_collision", "rests_on_collision"]),
        ]
        done = apply_import(actor, batch=batch)
        assert (done.status, done.counts["makes_users"]) == (ImportStatus.APPLIED, 2)
        assert set(User.objects.filter(is_staff=False).values_list("email", flat=True)) == {
            "old@bea.example",
            "new@bea.example",
            "both@bea.example",
        }
        assert Membership.objects.filter(user=other).count() == 0

    def test_an_id_that_was_linked_is_found(self, actor: Access, boss: User) -> None:
        ash = Organisation.objects.create(name="Ash Ltd", company_number="01234567", postcode="EX4 3PQ")
        client = Client()
        client.force_login(boss)
        data = {"source": "Logistics", "external_id": "L-1", "organisation": ash.pk, "reason": WHY}
        assert client.post(reverse("admin:customers_externalid_add"), data).status_code == 302
        wrong = client.post(
            reverse("admin:customers_externalid_add"),
            {"source": "logistics", "external_id": "9", "user": boss.pk, "reason": WHY},
        )
        assert "come from no other system" in wrong.content.decode()
        batch = check(actor, lines(ASH, FARM))
        assert [row["outcome"] for row in batch.rows] == ["same", "new"]
        apply_import(actor, batch=batch)
        assert ash.units.get().name == "Ash Farm"
        linked = ExternalId.objects.get(organisation=ash)
        url = reverse("admin:customers_externalid_act", args=[linked.pk, "unlink"])
        assert client.post(url, {"reason": WHY}).status_code == 302
        assert not ExternalId.objects.filter(pk=linked.pk).exists()

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"type": "firm"}, "type"),
            ({"type": "organisation", "id": "L-9"}, "required"),
            ({"type": "organisation", "id": True, "name": "X"}, "wrong_type"),
            ({**ASH, "id": "L-9", "company_number": "12"}, "company_number"),
            ({**ASH, "name": "Ash\nLtd", "id": "L-9"}, "one_line"),
            ({**ASH}, "id_twice"),
            ({**FARM, "id": "U-9", "organisation": "L-404"}, "organisation_unknown"),
            ({**FARM, "id": "U-9"}, "name_twice"),
            ({**FARM, "id": "U-9", "name": "X", "business": "mill"}, "business"),
            ({**ANN, "id": 9, "email": "nobody"}, "invalid"),
            ({**ANN, "id": 9, "email": ""}, "required"),
            ({**ANN, "id": 9, "active": "perhaps"}, "wrong_type"),
            ({**ANN, "id": 9, "password_hash": 5}, "wrong_type"),
            ({**ANN, "id": 9, "memberships": [{"organisation": "L-1", "role": "king"}]}, "role"),
            (
                {**ANN, "id": 9, "memberships": [{"organisation": "L-1", "role": "viewer", "units": ["U-404"]}]},
                "unit_unknown",
            ),
            (
                {**ANN, "id": 9, "memberships": [{"organisation": "L-2", "role": "viewer", "units": ["U-1"]}]},
                "unit_elsewhere",
            ),
            ({**ANN, "id": 9, "memberships": [{"role": "viewer"}]}, "required"),
            ({**ANN, "id": 9, "memberships": "all"}, "memberships"),
            ({**ANN, "id": 9, "memberships": ["L-1"]}, "memberships"),
            ({**ANN, "id": 9, "memberships": 2 * ANN["memberships"]}, "membership_twice"),
            ({**ANN, "id": 9, "memberships": [{"organisation": "L-1", "role": "viewer", "owner": True}]}, "role"),
            ({"type": "membership", "user": "404", "organisation": "L-1", "role": "viewer"}, "user_unknown"),
        ],
    )
    def test_a_wrong_row_keeps_everything_out(self, actor: Access, row: dict[str, Any], code: str) -> None:
        good = [ASH, {"type": "organisation", "id": "L-2", "name": "Bea"}, FARM, {**ANN, "email": "ok@ash.example"}]
        batch = check(actor, lines(*good, row))
        assert batch.counts["wrong"] == 1
        assert code in [note["code"] for note in batch.rows[-1]["notes"]]
        with pytest.raises(Conflict, match="mend them"):
            apply_import(actor, batch=batch)
        assert not Organisation.objects.exists()

    def test_a_line_that_is_no_json(self, actor: Access) -> None:
        batch = check(actor, b'{"type": "user"\n\n[1]\n{"id": 1, "id": 2}\n{"id": NaN}\n{"a": "\\ud800"}')
        assert [(row["line"], row["notes"][0]["code"]) for row in batch.rows] == [
            (line, "unreadable") for line in (1, 3, 4, 5, 6)
        ]

    def test_what_differs_is_told_in_every_field(self, actor: Access) -> None:
        """Named units, a business of another kind, an address that is not confirmed: there and here do not agree."""
        shop = {**FARM, "id": "U-2", "name": "Ash Shop"}
        del shop["business"]
        apply_import(actor, batch=check(actor, lines(ASH, FARM, shop, ANN)))
        everywhere = [{"organisation": "L-1", "role": "manager"}]
        other = [{"organisation": "L-1", "role": "manager", "units": ["U-2"]}]
        for row, differs in (
            ({**ANN, "memberships": everywhere}, ["memberships"]),
            ({**ANN, "memberships": other}, ["memberships"]),
            ({**ANN, "email_verified": False}, ["email_verified"]),
            ({**ANN, "email_verified": True}, []),
            ({**FARM, "business": "store"}, ["business"]),
            ({**shop, "business": "farm"}, ["business"]),
        ):
            batch = check(actor, lines(row))
            assert (batch.rows[0]["outcome"], batch.rows[0]["differs"]) == (
                ("different" if differs else "same"),
                differs,
            )
            assert all(not one.differing for one in reconcile(batch)) == (not differs)

    def test_nothing_is_put_into_a_customer_that_is_being_removed(self, actor: Access) -> None:
        """It would be purged with it. Who is here stays as she is."""
        apply_import(actor, batch=check(actor, lines(ASH, FARM, ANN)))
        removal.remove(actor, organisation=Organisation.objects.get())
        shop = {**FARM, "id": "U-2", "name": "Ash Shop"}
        bea = {**ANN, "id": 8, "email": "bea@ash.example"}
        batch = check(actor, lines(FARM, shop, ANN, bea))
        assert notes(batch) == [
            (1, "same", []),
            (2, "collision", ["being_removed"]),
            (3, "same", []),
            (4, "collision", ["being_removed", "no_membership_left"]),
        ]
        listed = check_import(
            actor,
            kind=ImportKind.CUSTOMERS,
            source="list",
            content=b"name,company number,unit\nAsh Ltd,01234567,Mill\n",
            reading=Reading(form="csv"),
        )
        assert notes(listed) == [(2, "collision", ["being_removed"])]

    def test_the_unconfirmed_confirm_their_address(self, actor: Access) -> None:
        apply_import(actor, batch=check(actor, lines(ASH, FARM, {**ANN, "email_verified": False})))
        assert not EmailAddress.objects.get(email="ann@ash.example").verified

    def test_a_link_goes_to_those_without_a_password(self, actor: Access) -> None:
        kept = logistics.hash_of("bcrypt 2b", logistics.PASSWORDS[0])
        bea = {**ANN, "id": 8, "email": "bea@ash.example", "password_hash": kept}
        shut = {**ANN, "id": 9, "email": "cat@ash.example", "active": False}
        apply_import(actor, batch=check(actor, lines(ASH, FARM, ANN, bea, shut)), welcome=True)
        mail = Mail.objects.get()
        assert (mail.kind, mail.recipient, mail.about) == (
            "welcome",
            "ann@ash.example",
            User.objects.get(name="Ann", email="ann@ash.example").public_id,
        )

    def test_the_links_go_out_afterwards_and_once(self, actor: Access, boss: User) -> None:
        """When nobody asked for them as the batch was applied; to those of the batch alone."""
        kept = logistics.hash_of("bcrypt 2b", logistics.PASSWORDS[0])
        bea = {**ANN, "id": 8, "email": "bea@ash.example", "password_hash": kept}
        shut = {**ANN, "id": 9, "email": "cat@ash.example", "active": False}
        batch = check(actor, lines(ASH, FARM, ANN, bea, shut))
        with pytest.raises(Conflict, match="not been applied"):
            batches.send_links(actor, batch=batch)
        apply_import(actor, batch=batch)
        apply_import(actor, batch=check(actor, lines({**ANN, "id": 10, "email": "dan@ash.example"})))
        assert not Mail.objects.exists()
        client, api = Client(), Api(boss)
        client.force_login(boss)
        url = reverse("admin:customers_importbatch_act", args=[batch.pk, "links"])
        assert "People without a password" in client.get(url).content.decode()
        assert client.post(url, {"reason": WHY}).status_code == 302
        assert [(one.recipient, one.organisation) for one in Mail.objects.all()] == [
            ("ann@ash.example", Organisation.objects.get())
        ]
        where = f"customers/imports/{batch.public_id}/"
        problem(api.post(f"{where}links/", acting_reason=WHY), 409, "welcomed_already")
        assert api.get(where).json()["welcomed_at"] is not None
        assert Mail.objects.count() == 1

    def test_the_owners_of_a_list_get_theirs(self, actor: Access) -> None:
        content = b"name,owner e-mail,owner name\nAsh,ann@ash.example,Ann\nBea,,\n"
        batch = check_import(
            actor, kind=ImportKind.CUSTOMERS, source="list", content=content, reading=Reading(form="csv")
        )
        apply_import(actor, batch=batch)
        assert batches.send_links(actor, batch=batch) == 1
        assert Mail.objects.get().recipient == "ann@ash.example"

    def test_owners_only_when_the_batch_may(self, actor: Access) -> None:
        owner = {**ANN, "memberships": [{"organisation": "L-1", "owner": True}]}
        refused = check(actor, lines(ASH, owner))
        assert notes(refused) == [(2, "wrong", ["owner_not_allowed"])]
        apply_import(actor, batch=check(actor, lines(ASH, owner), may_make_owners=True))
        assert Membership.objects.get().role.key == "owner"


class TestLife:
    def test_the_file_is_emptied(self, actor: Access) -> None:
        batch = check(actor, lines(ASH))
        assert ImportBatch.objects.get().content is not None
        assert batches.forget_old_uploads() == 0
        assert apply_import(actor, batch=batch).content is None
        with pytest.raises(Conflict, match="applied already"):
            apply_import(actor, batch=batch)

    def test_a_day_later_it_is_gone(self, actor: Access) -> None:
        batch = check(actor, lines(ASH))
        with clock.at(clock.now() + batches.KEPT + batches.KEPT):
            assert batches.forget_old_uploads() == 1
        with pytest.raises(Conflict, match="Check it again"):
            apply_import(actor, batch=batch)

    def test_who_is_erased_or_removed_is_in_no_row(self, actor: Access) -> None:
        """What they are called there could tell who they were: some systems use e-mails as ids."""
        done = apply_import(actor, batch=check(actor, lines(ASH, FARM, {**ANN, "id": "ann@ash.example"})))
        ann, farm = User.objects.get(email="ann@ash.example"), BusinessUnit.objects.get()
        assert forget_rows([]) == 0
        assert forget_rows([ann.public_id, farm.public_id, farm.organisation.public_id]) == 3
        kept = json.dumps(ImportBatch.objects.get(pk=done.pk).rows)
        assert [word for word in ("Ash", "ann@", "L-1", "U-1", ann.public_id) if word in kept] == []
        assert ImportBatch.objects.get().counts["new"] == 3

    @pytest.mark.parametrize("whose", ["person", "customer"])
    def test_what_is_erased_does_not_come_back(self, actor: Access, whose: str) -> None:
        """By a file that was checked before, or by the same one afterwards; nor does what rests on it."""
        ann = {**ANN, "id": "ann@ash.example", "email": "Ann@Ash.example"}
        bob = {**ANN, "id": 8, "email": "bob@ash.example"}
        more = {"type": "membership", "user": "ann@ash.example", "organisation": "L-1", "role": "viewer"}
        content = lines(ASH, FARM, ann, bob)
        done = apply_import(actor, batch=check(actor, content))
        waits, user = check(actor, content), User.objects.get(email="ann@ash.example")
        # Of another system: she is in it by her address alone, which is written as JSON may.
        other = check_import(
            actor,
            kind=ImportKind.LOGISTICS,
            source="other",
            content=json.dumps({**ANN, "id": 1}).replace("@", "\\u0040").encode(),
            reading=Reading(),
        )
        if whose == "person":
            erasure.erase_person(actor, user=user)
        else:
            removal.purge(actor, removal=removal.remove(actor, organisation=Organisation.objects.get()))
        for pending in (waits, other):
            pending.refresh_from_db()
            assert (pending.content, "erased" in pending.problem) == (None, True)
            with pytest.raises(Conflict, match="this one is gone"):
                apply_import(actor, batch=pending)
        again = check(actor, lines(*([ASH, FARM] if whose == "person" else []), ann, more, bob))
        told = {row["line"]: row["outcome"] for row in again.rows}
        assert told == (
            {1: "same", 2: "same", 3: "erased", 4: "erased", 5: "same"}
            if whose == "person"
            else {1: "erased", 2: "erased", 3: "erased"}
        )
        for batch in ImportBatch.objects.all():
            assert "ann@" not in json.dumps([batch.rows, batch.filename, batch.problem]).lower()
        apply_import(actor, batch=again)
        assert not User.objects.filter(email__icontains="ann@").exists()
        assert done.counts["user_new"] == 2
        kept = set(Forgotten.objects.values_list("digest", flat=True))
        assert len(kept) == (1 if whose == "person" else 4)
        # What rests on a customer that was purged is left out, and is nobody's mistake.
        if whose == "customer":
            rest = [ASH, FARM, {**ANN, "id": 9, "email": "cat@ash.example"}, {**FARM, "id": "U-3", "name": "New"}]
            for rows in (rest, rest[2:]):
                outcomes = [row["outcome"] for row in check(actor, lines(*rows)).rows]
                assert outcomes == [*["erased"] * (len(rows) - 2), "collision", "collision"]
            # Staff may say that it is back.
            back = Organisation.objects.create(name="Ash Ltd")
            ExternalId.objects.create(source="logistics", external_id="L-1", organisation=back)
            assert check(actor, lines(ASH)).rows[0]["outcome"] == "different"

    def test_a_failure_leaves_nothing(self, actor: Access, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody takes the number between the look and the write: as a race would have it."""
        batch = check(actor, lines(ASH, FARM, ANN))
        look = batches._looked_over

        def late(row: ImportBatch) -> Any:
            found = look(row)
            Organisation.objects.create(name="Quick", company_number="01234567")
            return found

        monkeypatch.setattr(batches, "_looked_over", late)
        done = apply_import(actor, batch=batch)
        assert done.status == ImportStatus.FAILED
        assert (User.objects.filter(is_staff=False).count(), BusinessUnit.objects.count()) == (0, 0)
        monkeypatch.undo()
        again = apply_import(actor, batch=done)
        assert (again.status, again.counts["collision"]) == (ImportStatus.APPLIED, 3)

    def test_a_large_one_is_applied_by_a_job(self, boss: User, actor: Access, monkeypatch: pytest.MonkeyPatch) -> None:
        from customers import tasks

        monkeypatch.setattr(batches, "AT_ONCE", 2)
        batch = batches.queue_import(actor, batch=check(actor, lines(ASH, FARM, ANN)))
        assert batch.status == ImportStatus.QUEUED
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'customers.tasks.apply_import'")
            ((arguments,),) = cursor.fetchall()
        arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
        assert arguments["reason"] == WHY
        tasks.apply_import(**arguments)
        batch.refresh_from_db()
        assert batch.status == ImportStatus.APPLIED
        tasks.apply_import(**arguments)
        batch.refresh_from_db()
        assert batch.status == ImportStatus.APPLIED

    def test_who_is_staff_no_more_applies_nothing(self, boss: User, actor: Access) -> None:
        from customers import tasks

        batch = check(actor, lines(ASH))
        User.objects.filter(pk=boss.pk).update(is_active=False)
        tasks.apply_import(batch.public_id, boss.pk, WHY, welcome=False)
        assert not Organisation.objects.exists()
        batch.refresh_from_db()
        assert batch.status == ImportStatus.FAILED

    def test_a_job_that_dies_leaves_no_batch_waiting(
        self, boss: User, actor: Access, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of whatever: it is written down, without the file's words, and the job is seen to have failed."""
        from customers import tasks

        def broken(*args: Any, **values: Any) -> None:
            raise ValueError("ann@ash.example")

        monkeypatch.setattr(batches, "AT_ONCE", 0)
        batch = batches.queue_import(actor, batch=check(actor, lines(ASH)))
        with monkeypatch.context() as patched, pytest.raises(ValueError, match="ann"):
            patched.setattr(batches, "write", broken)
            tasks.apply_import(batch.public_id, boss.pk, WHY, welcome=False)
        batch.refresh_from_db()
        assert (batch.status, "ValueError" in batch.problem, "ann" in batch.problem) == (
            ImportStatus.FAILED,
            True,
            False,
        )
        # When not even that could be written: it is taken for lost after a time, and can be applied again.
        batch = batches.queue_import(actor, batch=batch)
        for late in (False, True):
            with clock.at(clock.now() + late * STRANDED + timedelta(minutes=1)):
                assert batch.is_open is late
                if not late:
                    with pytest.raises(Conflict, match="being applied"):
                        batches.queue_import(actor, batch=batch)
                else:
                    assert batches.queue_import(actor, batch=batch).status == ImportStatus.QUEUED


class TestDoors:
    def test_command(self, boss: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file, result = tmp_path / "batch.jsonl", tmp_path / "result.csv"
        file.write_bytes(lines({**ASH, "name": "=Ash"}, FARM, ANN))
        options = {"source": "logistics", "staff": boss.email, "reason": WHY}
        call_command("import_logistics", str(file), **options)
        assert not Organisation.objects.exists()
        assert "checked, nothing written" in capsys.readouterr().out
        call_command("import_logistics", str(file), **options, apply=True, result=result)
        assert Organisation.objects.get().name == "=Ash"
        rows = list(csv.DictReader(io.StringIO(result.read_text(encoding="utf-8"))))
        assert [(row["external_id"], row["label"], row["outcome"]) for row in rows] == [
            ("L-1", "'=Ash", "new"),
            ("U-1", "Ash Farm", "new"),
            ("7", "", "new"),
        ]
        for wrong in ({"staff": "nobody@x.example"}, {"reason": " "}):
            with pytest.raises(CommandError, match="--as"):
                call_command("import_logistics", str(file), **(options | wrong))
        file.write_bytes(lines({**ASH, "id": "L-2", "company_number": "12"}))
        capsys.readouterr()
        with pytest.raises(CommandError, match="cannot be used"):
            call_command("import_logistics", str(file), **options, apply=True, result=result)
        assert "line 1: cannot be used: company_number: " in capsys.readouterr().out
        assert "cannot be used" in result.read_text(encoding="utf-8")
        assert ImportBatch.objects.order_by("-pk")[0].content is None
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_logistics", str(tmp_path / "none"), **options)
        file.write_bytes(b"PK\x03\x04")
        with pytest.raises(CommandError, match="ZIP"):
            call_command("import_logistics", str(file), **options)

    def test_api(self, boss: User) -> None:
        api = Api(boss)
        body = {"source": "logistics", "content": lines(ASH, FARM, ANN).decode()}
        problem(api.post("customers/imports/", body), 400, "reason_required")
        made = api.post("customers/imports/", body, acting_reason=WHY)
        assert (made.status_code, made.json()["status"], made.json()["counts"]["new"]) == (201, "checked", 3)
        assert made.json()["can_be_applied"]
        assert not Organisation.objects.exists()
        where = made["Location"]
        page = api.get(f"{where}rows/?page_size=2").json()
        assert [row["external_id"] for row in page["results"]] == ["L-1", "U-1"]
        rest = api.get(page["next"]).json()
        assert [row["external_id"] for row in rest["results"]] == ["7"]
        assert api.get(rest["previous"]).json()["results"] == page["results"]
        assert api.get(f"{where}rows/?kind=user&outcome=new&search=7").json()["results"] == rest["results"]
        assert api.get(f"{where}rows/?outcome=wrong").json()["results"] == []
        missing = api.get(f"{where}reconciliation/").json()["kinds"][0]
        assert (missing["there"], missing["here"], missing["missing_here"]) == (1, 0, ["L-1"])
        applied = api.post(f"{where}apply/", {"welcome": True}, acting_reason=WHY, if_match="*")
        assert (applied.status_code, applied.json()["status"]) == (200, "applied")
        assert all(one["agrees"] for one in api.get(f"{where}reconciliation/").json()["kinds"])
        assert [one["id"] for one in api.get("customers/imports/").json()["results"]] == [made.json()["id"]]
        problem(api.post(f"{where}apply/", {}, acting_reason=WHY), 409, "applied_already")
        again = api.post("customers/imports/", {**body, "dry_run": False}, acting_reason=WHY).json()
        assert (again["status"], again["counts"]["same"]) == ("applied", 3)

    def test_admin(self, boss: User) -> None:
        client = Client()
        client.force_login(boss)
        file = SimpleUploadedFile("batch.jsonl", lines(ASH, {**FARM, "name": "<img src=x>"}, ANN))
        data = {"kind": "logistics", "source": "logistics", "file": file, "reason": WHY}
        answer = client.post(reverse("admin:customers_importbatch_add"), data)
        batch = ImportBatch.objects.get()
        rows = reverse("admin:customers_importbatch_rows", args=[batch.pk])
        assert answer["Location"] == rows
        page = client.get(rows).content.decode()
        assert "&lt;img src=x&gt;" in page
        assert "<img src=x>" not in page
        assert "U-1" not in client.get(rows, {"q": "ash ltd"}).content.decode()
        assert "No row is so" in client.get(rows, {"outcome": "wrong"}).content.decode()
        url = reverse("admin:customers_importbatch_act", args=[batch.pk, "apply"])
        assert b"Customers to make" in client.get(url).content
        assert client.post(url, {}).status_code == 200
        assert not Organisation.objects.exists()
        assert client.post(url, {"reason": WHY, "welcome": "on"}).status_code == 302
        assert Organisation.objects.get().name == "Ash Ltd"
        assert Mail.objects.get().recipient == "ann@ash.example"
        result = client.get(reverse("admin:customers_importbatch_result", args=[batch.pk])).content.decode("utf-8-sig")
        assert result.splitlines()[1].startswith("1,organisation,L-1,Ash Ltd,new,org_")
        there = client.get(reverse("admin:customers_importbatch_reconciliation", args=[batch.pk]))
        assert b"Missing here" in there.content
        file_of = reverse("admin:customers_importbatch_reconciliation_file", args=[batch.pk])
        assert client.get(file_of).content.decode("utf-8-sig") == "kind,external_id,what,fields\r\n"
        assert client.get(reverse("admin:customers_importbatch_columns", args=[batch.pk])).status_code == 404
        (context,) = pghistory.models.Context.objects.filter(metadata__verb="customers.queue_import")
        assert (context.metadata["actor"], context.metadata["reason"]) == (boss.public_id, WHY)

    def test_lists_cost_the_same_at_one_and_three(self, boss: User, actor: Access) -> None:
        api, client, seen = Api(boss), Client(), []
        client.force_login(boss)
        for more in (1, 2):
            for _ in range(more):
                batch = check(actor, lines(ASH, FARM, ANN))
            pages: list[tuple[Any, str]] = [
                (api, "/api/v1/customers/imports/"),
                (api, f"/api/v1/customers/imports/{batch.public_id}/rows/"),
                (api, f"/api/v1/customers/imports/{batch.public_id}/reconciliation/"),
                (client, reverse("admin:customers_importbatch_changelist")),
                (client, reverse("admin:customers_importbatch_rows", args=[batch.pk])),
            ]
            found = []
            for who, address in pages:
                with CaptureQueriesContext(connection) as queries:
                    assert who.get(address).status_code == 200
                found.append(len(queries))
            seen.append(found)
        assert seen == [[3, 3, 6, 6, 5]] * 2

    def test_what_is_read_has_no_file(self, actor: Access) -> None:
        batch = get_import(actor, check(actor, lines(ASH)).public_id)
        assert "content" in batch.get_deferred_fields()
