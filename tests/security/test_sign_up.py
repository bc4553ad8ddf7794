"""Attacks on signing up and on what it tells: 10, 46, 57."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.api.customers import NEW_CUSTOMER
from customers.domain.mode import set_mode
from customers.enums import SignUp
from customers.models import PendingSignUp, User
from mails.models import Mail
from mails.tasks import deliver
from organisations.models import Organisation
from tests.api.client import problem
from tests.security.world import World

OPEN = {"organisation_name": "Ottery Orchards", "owner_name": "Olive"}
ASKS = {"company_name": "Otter Ales", "name": "Otto"}
#: Known, unknown, shut out, staff's.
ADDRESSES = ("a_owner@people.example", "nobody@people.example", "deactivated@people.example", "support@hectare.farm")


def test_attack_57_sign_up_while_closed_by_every_door(world: World) -> None:
    set_mode(world.acting("administrator"), mode=SignUp.CLOSED)
    people, companies, stranger = User.objects.count(), Organisation.objects.count(), Client()
    email = {"owner_email": "olive@ottery.example", "email": "otto@otter.example"}
    assert stranger.post("/sign-up/", {**OPEN, **ASKS, **email}).status_code == 409
    assert stranger.post("/accounts/signup/", {"email": "eve@evil.example"})["Location"] == "/sign-up/"
    problem(world.api("support").post("customers/", NEW_CUSTOMER, acting_reason="Why not"), 409, "not_possible_now")
    # A company that is recorded and invited; what was typed stays.
    typed = {"name": "Tofu", "kind": "other", "note": "Late", "invite": "on", "contact_email": "tia@tofu.example"}
    page = world.client("a_owner").post(reverse("company_record", args=[world.ids["a_org"]]), typed)
    assert page.status_code == 409
    for words in ("takes on no customers at present. Rule Q2.", "tia@tofu.example", "Late"):
        assert words in page.content.decode()
    assert (User.objects.count(), Organisation.objects.count()) == (people, companies)
    assert not Mail.objects.exists()
    assert not PendingSignUp.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["closed", "staff", "open"])
def test_attack_57_no_other_way_makes_people(settings: Any, mode: str) -> None:
    settings.CUSTOMER_SIGNUP = mode
    people = User.objects.count()
    request = RequestFactory().get("/")
    assert get_adapter(request).is_open_for_signup(request) is False
    for path in ("config", "auth/signup", "auth/provider/signup", "auth/webauthn/signup"):
        for root in ("/_allauth/browser/v1/", "/_allauth/app/v1/"):
            assert Client().get(f"{root}{path}").status_code == 404
            assert Client().post(f"{root}{path}", {"email": "eve@evil.example"}).status_code in (403, 404)
    assert Client().post("/accounts/3rdparty/signup/", {"email": "eve@evil.example"}).status_code in (302, 404)
    assert User.objects.count() == people


def test_attack_57_no_headless_is_installed() -> None:
    assert "allauth.headless" not in settings.INSTALLED_APPS


def test_attack_57_the_mode_flips_without_a_restart_for_a_link_too(world: World) -> None:
    set_mode(world.acting("administrator"), mode=SignUp.OPEN)
    stranger = Client()
    stranger.post("/sign-up/", {**OPEN, "owner_email": "olive@ottery.example"})
    waits = PendingSignUp.objects.get()
    deliver(Mail.objects.get(about=waits.public_id).public_id)
    set_mode(world.acting("administrator"), mode=SignUp.CLOSED)
    from django.core import mail

    url = str(mail.outbox[-1].body).partition("http://testserver")[2].split()[0]
    given = {"password1": "seven brown hens 1", "password2": "seven brown hens 1"}
    assert stranger.post(url, given).status_code == 409
    assert not User.objects.filter(email="olive@ottery.example").exists()


@pytest.mark.parametrize(("mode", "typed", "field"), [("open", OPEN, "owner_email"), ("staff", ASKS, "email")])
def test_attack_46_the_form_says_and_does_the_same_for_every_address(
    world: World, settings: Any, mode: str, typed: dict[str, str], field: str
) -> None:
    settings.CUSTOMER_SIGNUP = mode
    told = set()
    for number, email in enumerate(ADDRESSES[: 4 if mode == "open" else 3]):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        stranger.get("/sign-up/")
        with CaptureQueriesContext(connection) as seen:
            answer = stranger.post("/sign-up/", {**typed, field: email})
        done = tuple(query["sql"].partition(" ")[0] for query in seen)
        told.add((answer.status_code, answer["Location"], answer.content, done))
    assert len(told) == 1


def test_attack_46_an_address_is_not_flooded_and_that_is_not_told(world: World, settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "open"
    for number in range(6):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        answer = stranger.post("/sign-up/", {**OPEN, "owner_email": "a_owner@people.example"})
        assert answer["Location"] == "/sign-up/sent/"
    assert Mail.objects.filter(recipient="a_owner@people.example").count() == 3


def test_attack_46_one_network_is_held_up(world: World, settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "open"
    stranger = Client(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.9")
    for number in range(10):
        stranger.post("/sign-up/", {**OPEN, "owner_email": f"x{number}@people.example"})
    answer = stranger.post("/sign-up/", {**OPEN, "owner_email": "y@people.example"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    # What was typed stays.
    assert "y@people.example" in answer.content.decode()
    assert "Too many came from your network" in answer.content.decode()


def test_attack_46_exists_says_the_same_for_every_address(world: World) -> None:
    told = set()
    for email in ADDRESSES:
        answer = world.api("b_owner").get(f"customers/exists/?email={email}")
        told.add((answer.status_code, answer.content))
    assert told == {(200, b'{"exists":null,"matches":[]}')}


def test_attack_10_numbers_of_others_are_not_told_by_signing_up(world: World, settings: Any) -> None:
    """Neither on the page nor in the mail: who signs up a number that somebody has learns no name and no address."""
    settings.CUSTOMER_SIGNUP = "open"
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="01234567")
    answers = []
    for number in ("01234567", "76543210"):
        typed = {**OPEN, "organisation_company_number": number, "owner_email": "eve@evil.example"}
        answer = Client().post("/sign-up/", typed)
        answers.append((answer.status_code, answer["Location"], answer.content))
    assert answers[0] == answers[1]
    from django.core import mail

    for row in Mail.objects.filter(recipient="eve@evil.example"):
        deliver(row.public_id)
    for message in mail.outbox:
        said = f"{message.subject} {message.body}"
        assert "Bickleigh" not in said
        assert "b_owner" not in said


def test_attack_10_numbers_of_others_are_not_told_to_tenants_by_editing(world: World) -> None:
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="01234567")
    api, address = world.api("a_owner"), f"organisations/{world.a.organisation.public_id}/"
    told = []
    for number in ("01234567", "76543210"):
        answer = api.patch(address, {"company_number": number}, if_match="*")
        body = answer.json()
        told.append((answer.status_code, body["errors"]))
    assert told[0] == told[1]
    assert told[0][0] == 400
