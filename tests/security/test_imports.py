"""Attacks by way of imports: accounts that are somebody's, rights that nobody gave, files that are none."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from common import csv as ours
from common.errors import Conflict, DomainError, Invalid
from customers.domain.imports import batches, reading, writing
from customers.domain.imports.batches import Reading, apply_import, check_import
from customers.domain.imports.reads import result_file
from customers.enums import ImportKind, ImportStatus
from customers.models import ExternalId, ImportBatch, User
from organisations.models import Organisation
from permissions.access import Access
from permissions.decisions import Refused
from permissions.models import Membership
from tests import logistics
from tests.api.client import problem
from tests.security.world import World

pytestmark = pytest.mark.django_db
WHY = "Asked by telephone"
IMPORTS = "customers/imports/"
BCRYPT = logistics.hash_of("bcrypt 2b", logistics.PASSWORDS[0])


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def user(email: str, **values: Any) -> dict[str, Any]:
    return {"type": "user", "id": "P-1", "email": email, "name": "Eve", "password_hash": BCRYPT, **values}


def check(world: World, content: bytes, persona: str = "administrator", **values: Any) -> ImportBatch:
    form = Reading(form=values.pop("form", "jsonl"), encoding=values.pop("encoding", "utf-8"))
    return check_import(
        world.acting(persona),
        kind=values.pop("kind", ImportKind.LOGISTICS),
        source="logistics",
        content=content,
        reading=form,
        **values,
    )


def codes(batch: ImportBatch) -> set[str]:
    return {note["code"] for row in batch.rows for note in row["notes"]}


@pytest.mark.parametrize("whose", ["b_owner", "support", "deactivated", "second"])
def test_attack_88_an_account_is_neither_taken_over_nor_linked(world: World, whose: str) -> None:
    """By its e-mail in other letters, or by a second address of hers."""
    victim = world.people["b_owner" if whose == "second" else whose]
    email = victim.email.upper()
    if whose == "second":
        EmailAddress.objects.create(user=victim, email="second@victim.example", verified=True)
        email = "Second@Victim.Example"
    before = (victim.password, victim.name, Membership.objects.filter(user=victim).count())
    ours_too = {"type": "organisation", "id": "L-1", "name": "Evil Ltd"}
    evil = user(email, memberships=[{"organisation": "L-1", "role": "viewer"}])
    batch = apply_import(world.acting("administrator"), batch=check(world, lines(ours_too, evil)))
    assert batch.rows[1]["outcome"] == "collision"
    victim.refresh_from_db()
    assert (victim.password, victim.name, Membership.objects.filter(user=victim).count()) == before
    assert not ExternalId.objects.filter(user=victim).exists()
    assert victim.email not in json.dumps(batch.rows)


@pytest.mark.parametrize(
    "field",
    [
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
        "permissions",
        "password",
        "erased_at",
        "pk",
        "public_id",
    ],
)
def test_attack_88_nobody_becomes_staff(world: World, field: str) -> None:
    batch = check(world, lines(user("eve@evil.example", **{field: True})))
    assert codes(batch) == {"unknown_field"}
    with pytest.raises(Conflict):
        apply_import(world.acting("administrator"), batch=batch)
    with pytest.raises(Invalid, match="There is no column"):
        check(world, f"type,id,name,email,{field}\nuser,1,Eve,eve@evil.example,true\n".encode(), form="csv")
    assert not User.objects.filter(email="eve@evil.example").exists()


def test_attack_88_owners_only_by_administrators_who_say_so(world: World) -> None:
    owner = user("eve@evil.example", memberships=[{"organisation": "L-1", "role": "owner"}])
    content = lines({"type": "organisation", "id": "L-1", "name": "Evil Ltd"}, owner)
    assert codes(check(world, content, "support")) == {"owner_not_allowed"}
    with pytest.raises(Refused) as refused:
        check(world, content, "support", may_make_owners=True)
    assert refused.value.decision.code == "S2"
    batch = check(world, content, may_make_owners=True)
    with pytest.raises(Refused):
        apply_import(world.acting("support"), batch=batch)
    body = {"source": "logistics", "content": content.decode(), "may_make_owners": True}
    assert problem(world.api("support").post(IMPORTS, body, acting_reason=WHY), 403, "refused")["rule"] == "S2"
    assert apply_import(world.acting("administrator"), batch=batch).status == ImportStatus.APPLIED
    assert Membership.objects.get(user__email="eve@evil.example").role.key == "owner"


@pytest.mark.parametrize("kind", [*logistics.WEAK, "plain", "ldap", "cheap", "dear"])
def test_attack_88_a_weak_or_unknown_hash_is_no_password(world: World, kind: str) -> None:
    password = logistics.PASSWORDS[0]
    made = {
        "plain": password,
        "ldap": "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "cheap": "$2b$04$" + "a" * 53,
        "dear": "$2b$31$" + "a" * 53,
    }
    text = made.get(kind) or logistics.hash_of(kind, password)
    content = lines(
        {"type": "organisation", "id": "L-1", "name": "Ash"},
        user("ann@ash.example", password_hash=text, memberships=[{"organisation": "L-1", "role": "viewer"}]),
    )
    batch = check(world, content)
    assert codes(batch) == {"password_not_kept"}
    apply_import(world.acting("administrator"), batch=batch)
    assert not User.objects.get(email="ann@ash.example").has_usable_password()


def test_attack_88_no_hash_is_told_anywhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Not in rows, results, the API, the admin, the log or the audit trail; nor of rows that cannot be read."""
    caplog.set_level(logging.DEBUG)
    secret = BCRYPT[7:29]
    content = lines(
        {"type": "organisation", "id": "L-1", "name": "Ash"},
        user("ann@ash.example", memberships=[{"organisation": "L-1", "role": "viewer"}]),
    )
    broken = (
        content
        + b'\n{"type": "user", "password_hash": "'
        + BCRYPT.encode()
        + b'"\n'
        + lines(user(BCRYPT, id=BCRYPT * 9))
    )
    told = [json.dumps(check(world, broken).rows)]
    api, client = world.api("administrator"), world.client("administrator")
    made = api.post(IMPORTS, {"source": "logistics", "content": content.decode()}, acting_reason=WHY)
    where = made["Location"]
    told.append(made.content.decode())
    told += [api.get(f"{where}{page}").content.decode() for page in ("", "rows/", "reconciliation/")]
    told.append(api.post(f"{where}apply/", {}, acting_reason=WHY).content.decode())
    batch = ImportBatch.objects.get(public_id=made.json()["id"])
    told.append(result_file(batch))
    for page in ("rows", "result", "reconciliation", "change"):
        told.append(client.get(reverse(f"admin:customers_importbatch_{page}", args=[batch.pk])).content.decode())
    assert User.objects.get(email="ann@ash.example").password.endswith(BCRYPT)
    with connection.cursor() as cursor:
        for table in ("customers_userevent", "customers_importbatchevent", "pghistory_context", "procrastinate_jobs"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            told.append(cursor.fetchone()[0])
    told.append(caplog.text)
    assert [text for text in told if secret in text] == []
    assert batch.content is None


@pytest.mark.parametrize("persona", ["anonymous", "a_owner", "a_manager", "a_viewer", "both", "a_key"])
def test_attack_24_88_nobody_else_imports(world: World, persona: str) -> None:
    """A role above one's own cannot be had by a file either: tenants have no import at all."""
    owner = user("eve@evil.example", memberships=[{"organisation": world.ids.get("a", "A"), "role": "owner"}])
    before = (User.objects.count(), Membership.objects.count())
    body = {"source": "logistics", "content": lines(owner).decode(), "may_make_owners": True, "dry_run": False}
    answer = world.api(persona).post(IMPORTS, body, acting_reason=WHY)
    assert answer.status_code == {"anonymous": 401, "a_key": 404}.get(persona, 403)
    batch = check(world, lines(owner))
    for page in ("", "rows/", "reconciliation/"):
        assert world.api(persona).get(f"{IMPORTS}{batch.public_id}/{page}").status_code in (401, 404)
    assert world.api(persona).post(f"{IMPORTS}{batch.public_id}/apply/", {}).status_code in (401, 404)
    if persona != "a_key":
        for page in ("rows", "result", "columns", "reconciliation", "reconciliation_file", "change"):
            url = reverse(f"admin:customers_importbatch_{page}", args=[batch.pk])
            assert world.client(persona).get(url).status_code in (302, 403)
        assert world.client(persona).post(reverse("admin:customers_importbatch_add"), {}).status_code in (302, 403)
        access = Access.none() if persona == "anonymous" else world.access(persona)
        with pytest.raises(DomainError) as refused:
            check_import(access, kind=ImportKind.LOGISTICS, source="x", content=lines(owner), reading=Reading())
        assert refused.value.code in ("refused", "not_found")
    assert (User.objects.count(), Membership.objects.count()) == before


BAD = {
    "zip": (b"PK\x03\x04rest", "ZIP"),
    "gzip": (b"\x1f\x8brest", "compressed"),
    "workbook": (b"\xd0\xcf\x11\xe0rest", "Excel"),
    "pdf": (b"%PDF-1.7", "PDF"),
    "utf-16": ("type,id\nuser,1\n".encode("utf-16"), "UTF-16"),
    "nul": (b"type,id,name\norganisation,1,A\x00sh\n", "Line 2 holds a NUL"),
    "bad utf-8": (b"type,id,name\norganisation,1,Ash\norganisation,2,Caf\xe9\n", "Line 3 is not UTF-8"),
    "empty": (b" \n", "empty"),
    "only a heading": (b"type,id,name\n", "no row"),
    "open quotation": (b'type,id,name\norganisation,1,Ash\norganisation,2,"Bea\n', "begins on line 3"),
    "a column twice": (b"type,id,id\nuser,1,2\n", "same name"),
    "a column without a name": (b"type,,id\nuser,1,2\n", "no name"),
}


@pytest.mark.parametrize("kind", [ImportKind.LOGISTICS, ImportKind.CUSTOMERS])
@pytest.mark.parametrize("name", BAD)
def test_attack_71_a_file_that_is_none(world: World, name: str, kind: ImportKind) -> None:
    content, told = BAD[name]
    with pytest.raises(Invalid) as refused:
        check(world, content, kind=kind, form="csv")
    assert told in refused.value.detail
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("name", ["zip", "nul", "bad utf-8"])
def test_attack_71_through_every_door(world: World, name: str, tmp_path: Any) -> None:
    content, told = BAD[name]
    client = world.client("administrator")
    data = {"kind": "customers", "source": "x", "file": SimpleUploadedFile("f.csv", content), "reason": WHY}
    page = client.post(reverse("admin:customers_importbatch_add"), data)
    assert page.status_code == 200
    assert told in page.content.decode()
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        call_command(
            "import_logistics", str(path), source="x", staff=world.people["administrator"].email, reason=WHY, apply=True
        )
    body = {"source": "x", "format": "csv", "content": content.decode("latin-1")}
    if name != "bad utf-8":
        problem(world.api("administrator").post(IMPORTS, body, acting_reason=WHY), 400, "invalid")
    assert not ImportBatch.objects.exists()


def test_attack_71_too_much(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows, and a file that is larger than any; the form is not read, the body is read no further."""
    row = b"organisation,1,Ash\n"
    with pytest.raises(Invalid, match="50,000 rows"):
        check(world, b"type,id,name\n" + row * 60_000, form="csv")
    with pytest.raises(Invalid, match="50,000 rows"):
        check(world, b"{}\n" * 60_000)
    with pytest.raises(Invalid, match="larger than 20 MB"):
        check(world, row * (reading.LARGEST // len(row) + 1), form="csv")
    client = world.client("administrator")
    data = {"kind": "customers", "source": "x", "file": SimpleUploadedFile("f.csv", b"name\nAsh\n"), "reason": WHY}
    monkeypatch.setattr("common.uploads.MOST", 100)
    answer = client.post(reverse("admin:customers_importbatch_add"), data)
    assert answer.status_code == 413
    assert b"too large" in answer.content
    monkeypatch.setattr("customers.api.imports.ImportParser.largest", 100)
    body = {"source": "x", "content": "x" * 200}
    problem(world.api("administrator").post(IMPORTS, body, acting_reason=WHY), 413, "too_large")
    assert not ImportBatch.objects.exists()
    assert client.get(reverse("admin:customers_importbatch_changelist")).status_code == 200


def test_attack_71_what_is_only_odd_is_read(world: World) -> None:
    """A byte order mark, quoted line breaks, semicolons, a deep object, a very long line."""
    quoted = check(world, '\ufefftype;id;name\norganisation;1;"Ash\nLtd"\norganisation;2;Bea\n'.encode(), form="csv")
    assert [(row["line"], row["outcome"]) for row in quoted.rows] == [(2, "wrong"), (4, "new")]
    assert codes(quoted) == {"one_line"}
    deep = check(world, b'{"a":' * 3_000 + b"1" + b"}" * 3_000 + b"\n" + b'{"a": "' + b"x" * 60_000 + b'"}')
    assert codes(deep) <= {"unreadable", "type"}
    assert [row["outcome"] for row in deep.rows] == ["wrong", "wrong"]
    latin = check(world, b"type,id,name\norganisation,1,Caf\xe9\n", form="csv", encoding="cp1252")
    assert latin.rows[0]["label"] == "Café"


def test_attack_71_88_a_failed_batch_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last statement fails: everything before it is undone, and that it failed is written down."""
    content = lines(
        {"type": "organisation", "id": "L-1", "name": "Ash", "company_number": "01234567"}, user("e@e.example")
    )
    batch = check(world, content)
    before = (Organisation.objects.count(), User.objects.count(), EmailAddress.objects.count())
    real = writing.write

    def broken(*args: Any, **values: Any) -> None:
        real(*args, **values)
        Organisation.objects.create(name="Other", company_number="01234567")

    monkeypatch.setattr(batches, "write", broken)
    assert apply_import(world.acting("administrator"), batch=batch).status == ImportStatus.FAILED
    assert (Organisation.objects.count(), User.objects.count(), EmailAddress.objects.count()) == before


@pytest.mark.parametrize("name", ["=HYPERLINK(0)", "+Ash", "-Ash", "@Ash", "'=Ash", "\u2019=Ash"])
def test_attack_70_what_is_exported_runs_nothing_and_reads_back(world: World, name: str) -> None:
    batch = check(
        world,
        ours.text(("type", "id", "name"), [{"type": "organisation", "id": "1", "name": name}]).encode(),
        form="csv",
    )
    assert batch.rows[0]["label"] == name
    text = result_file(apply_import(world.acting("administrator"), batch=batch))
    (row,) = ours.read(text)
    assert row["label"] == name == Organisation.objects.get(external_ids__source="logistics").name
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in text.splitlines()[1].split(","))
    url = reverse("admin:customers_importbatch_result", args=[batch.pk])
    assert world.client("support").get(url).content.decode("utf-8-sig") == text
