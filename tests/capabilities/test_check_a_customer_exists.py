"""Check a customer exists: staff get what is like it; tenants yes or no to a number, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from customers.domain import questions
from organisations.models import Organisation
from tests.api.client import errors, problem
from tests.security.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(world: World) -> World:
    """B with numbers; a shell, an archived customer and a removed one with numbers of their own."""
    Organisation.objects.filter(pk=world.b.organisation.pk).update(
        company_number="01234567", vat_number="GB123456789", postcode="EX16 9AA"
    )
    Organisation.objects.filter(pk=world.shell.pk).update(company_number="11111111")
    Organisation.objects.create(name="Gone", company_number="22222222", archived_at=world.shell.created_at)
    Organisation.objects.create(
        name="Twin", company_number="33333333", archived_at=world.shell.created_at, merged_into=world.b.organisation
    )
    return world


def asked(world: World, persona: str, query: str) -> Any:
    answer = world.api(persona).get(f"customers/exists/?{query}")
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    return answer.json()


@pytest.mark.parametrize(
    ("query", "because"),
    [
        ("company_number=01234567", ["company_number"]),
        ("vat_number=GB 123 4567 89", ["vat_number"]),
        ("name=Bickleigh&postcode=ex169aa", ["name_and_postcode", "name"]),
        ("email=b_viewer@people.example", ["email"]),
        ("email=B_VIEWER@PEOPLE.EXAMPLE", ["email"]),
        ("company_number=76543210", None),
        ("email=nobody@people.example", None),
    ],
)
def test_staff_get_the_matches(known: World, query: str, because: list[str] | None) -> None:
    told = asked(known, "support", query)
    assert told["exists"] is (because is not None)
    assert [(one["id"], one["because"]) for one in told["matches"]] == (
        [(known.b.organisation.public_id, because)] if because else []
    )


@pytest.mark.parametrize("persona", ["a_owner", "a_key", "b_owner", "conn_owner"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("company_number=01234567", True),
        ("company_number=0123 4567", True),
        ("company_number=1234567", True),
        ("vat_number=123456789", True),
        ("vat_number=GB 123-4567.89", True),
        ("vat_number=gb123456789", True),
        ("company_number=76543210", False),
        # Of a record that was merged into a customer with another number.
        ("company_number=33333333", True),
        # A record that a customer made is no customer; one that was put away is none any more.
        ("company_number=11111111", False),
        ("company_number=22222222", False),
        ("name=Bickleigh Foods&postcode=EX16 9AA", None),
        ("name=Nobody&postcode=EX16 9AA", None),
        ("email=b_viewer@people.example", None),
        ("email=nobody@people.example", None),
        ("email=no address", None),
    ],
)
def test_tenants_get_yes_or_no_to_a_number(known: World, persona: str, query: str, told: bool | None) -> None:
    assert asked(known, persona, query) == {"exists": told, "matches": []}


@pytest.mark.parametrize(
    ("persona", "status", "code"),
    [
        ("a_viewer", 403, "refused"),
        ("a_manager", 403, "refused"),
        ("a_contributor", 403, "refused"),
        ("a_left", 404, "not_found"),
        ("anonymous", 401, "unauthenticated"),
    ],
)
def test_others_get_nothing(known: World, persona: str, status: int, code: str) -> None:
    told = problem(known.api(persona).get("customers/exists/?company_number=01234567"), status, code)
    if status == 403:
        assert told["rule"] == "Q1"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "name=Bickleigh",
        "postcode=EX16 9AA",
        "company_number=01234567&vat_number=GB123456789",
        "email=a@b.example&name=A&postcode=B",
    ],
)
def test_one_question_at_a_time(known: World, query: str) -> None:
    answer = known.api("a_owner").get(f"customers/exists/?{query}")
    assert errors(answer) == [("company_number", "one_of")]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("company_number=rubbish", "company_number"),
        ("company_number=12", "company_number"),
        ("vat_number=12345678", "vat_number"),
        ("vat_number=FR123456789", "vat_number"),
        ("company_number=", "blank"),
    ],
)
def test_what_can_be_no_number_is_no_question(known: World, query: str, code: str) -> None:
    for persona in ("a_owner", "support"):
        answer = known.api(persona).get(f"customers/exists/?{query}")
        (told,) = problem(answer, 400, "invalid")["errors"]
        assert (told["parameter"], told["code"]) == (query.partition("=")[0], code)


def test_how_often(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "IN_A_DAY", 3)
    api = known.api("a_owner")
    # Whichever is asked, and by whomever of the organisation.
    for query in ("company_number=01234567", "email=a@b.example"):
        assert api.get(f"customers/exists/?{query}").status_code == 200
    assert known.api("a_key").get("customers/exists/?vat_number=GB123456780").status_code == 200
    limited = api.get("customers/exists/?company_number=01234567")
    problem(limited, 429, "too_many")
    assert int(limited["Retry-After"]) > 80_000
    assert known.api("b_owner").get("customers/exists/?company_number=01234567").status_code == 200
    assert known.api("support").get("customers/exists/?company_number=01234567").status_code == 200
