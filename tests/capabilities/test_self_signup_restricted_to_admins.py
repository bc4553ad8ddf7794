"""Self sign-up is restricted to Hectare's staff, until staff administrators turn the switch: on every way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from common import clock
from common.tokens import hash_of, new_token
from customers.api.customers import NEW_CUSTOMER
from customers.domain import answers, companies, invitations, requests
from customers.domain.imports.batches import Reading, apply_import, check_import
from customers.domain.mode import mode, set_mode
from customers.enums import ImportKind, InvitationKind, SignUp
from customers.models import AccessRequest, Invitation, PendingSignUp, User
from organisations.models import Organisation
from permissions.access import Access
from permissions.decisions import Refused
from tests.capabilities.companies import WHY, text
from tests.security.world import World

pytestmark = pytest.mark.django_db

COMPANY = {"organisation_name": "Ottery Orchards", "owner_name": "Olive", "owner_email": "olive@ottery.example"}
ASKS = {"company_name": "Otter Ales", "name": "Otto", "email": "otto@otter.example"}


def test_staff_only_is_what_is_installed() -> None:
    assert mode() == SignUp.STAFF


@pytest.mark.parametrize(
    ("set_to", "by_form", "by_request", "by_staff"),
    [
        (SignUp.CLOSED, False, False, False),
        (SignUp.STAFF, False, True, True),
        (SignUp.OPEN, True, False, True),
    ],
)
def test_it_holds_on_every_way_in(
    world: World, set_to: SignUp, by_form: bool, by_request: bool, by_staff: bool
) -> None:
    set_mode(world.acting("administrator"), mode=set_to)
    people, stranger = User.objects.count(), Client()
    # The page.
    stranger.post("/sign-up/", COMPANY)
    stranger.post("/sign-up/", ASKS)
    asked = AccessRequest.objects.filter(email=ASKS["email"])
    assert (PendingSignUp.objects.exists(), asked.exists()) == (by_form, by_request)
    # allauth's own form.
    given = {"email": "eve@evil.example", "password1": "seven brown hens 1", "password2": "seven brown hens 1"}
    assert stranger.post("/accounts/signup/", given)["Location"] == "/sign-up/"
    # The API and the staff's site, by staff and by an account owner.
    for persona, status in (("support", 201 if by_staff else 409), ("a_owner", 403)):
        answer = world.api(persona).post("customers/", NEW_CUSTOMER, acting_reason=WHY)
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["rule"] == "Q2"
        alone = world.api(persona).post("organisations/", {"name": "Lone Ltd"}, acting_reason=WHY)
        assert alone.status_code == status
    assert User.objects.count() == people + by_staff
    assert Organisation.objects.filter(name="Ottery Orchards Ltd").exists() is by_staff


#: Whether each other way is open while nobody is taken on. While staff or anybody may, all of them are.
WAYS = {
    "staff invite a company": False,
    "staff invite to take a record over": False,
    "a customer invites to take its record over": False,
    "such an invitation is sent again": False,
    "such an invitation is accepted": False,
    "such an invitation is declined": True,
    "a customer records a company and invites it": False,
    "a customer records a company": True,
    "a request is answered by an invitation": False,
    "customers are imported": False,
    "another system's organisations are imported": False,
    "another system's people are imported": True,
    "somebody joins who was invited": True,
}


@pytest.mark.parametrize("set_to", list(SignUp))
def test_no_other_way_brings_a_customer_while_it_is_closed(world: World, set_to: SignUp) -> None:
    ways = _ways(world)
    assert ways.keys() == WAYS.keys()
    set_mode(world.acting("administrator"), mode=set_to)
    told = {}
    for name, act in ways.items():
        with transaction.atomic():
            try:
                act()
            except Refused as problem:
                told[name] = problem.decision.code
            transaction.set_rollback(True)
    assert told == {name: "Q2" for name, is_open in WAYS.items() if set_to == SignUp.CLOSED and not is_open}


def _ways(world: World) -> dict[str, Callable[[], Any]]:
    """Each way in, with what it begins with made while staff take customers on."""
    owner, staff, shell = world.access("a_owner"), world.acting("administrator"), world.shell
    token = new_token()
    claim = Invitation.objects.create(
        kind=InvitationKind.CLAIM,
        organisation=shell,
        email="sil@silverton.example",
        role=world.roles["owner"],
        invited_by=world.people["a_owner"],
        invited_for=world.a.organisation,
        token_hash=hash_of(token),
        expires_at=clock.now() + timedelta(days=1),
    )
    asks = AccessRequest.objects.create(kind="claim", company_name="S", name="Sil", email="s@silverton.example")
    person = {"name": "Sil", "password": "seven brown hens 1"}
    files = {
        "customers": (ImportKind.CUSTOMERS, "csv", b"name\nImported Ltd\n"),
        "organisations": (ImportKind.LOGISTICS, "jsonl", b'{"type": "organisation", "id": "1", "name": "Imported"}'),
        "people": (ImportKind.LOGISTICS, "jsonl", b'{"type": "user", "id": "1", "email": "i@i.example", "name": "I"}'),
    }
    batches = {
        name: check_import(staff, kind=kind, source="x", content=content, reading=Reading(form=form))
        for name, (kind, form, content) in files.items()
    }
    new: dict[str, Any] = {"email": "new@silverton.example"}
    tofu: dict[str, Any] = {"name": "Tiverton Tofu", "contact_email": "tia@tofu.example"}
    return {
        "staff invite a company": lambda: companies.invite_company(staff, name="Tofu", **new),
        "staff invite to take a record over": lambda: invitations.invite_to_claim(staff, organisation=shell, **new),
        "a customer invites to take its record over": lambda: invitations.invite_to_claim(
            owner, organisation=shell, **new
        ),
        "such an invitation is sent again": lambda: invitations.resend(owner, invitation=claim),
        "such an invitation is accepted": lambda: answers.accept(Access.none(), token=token, **person),
        "such an invitation is declined": lambda: answers.decline(Access.none(), token=token),
        "a customer records a company and invites it": lambda: companies.record_company(
            owner, organisation=world.a.organisation, invite=True, **tofu
        ),
        "a customer records a company": lambda: companies.record_company(
            owner, organisation=world.a.organisation, **tofu
        ),
        "a request is answered by an invitation": lambda: requests.invite_to_claim(
            staff, request=asks, organisation=shell
        ),
        "customers are imported": lambda: apply_import(staff, batch=batches["customers"]),
        "another system's organisations are imported": lambda: apply_import(staff, batch=batches["organisations"]),
        "another system's people are imported": lambda: apply_import(staff, batch=batches["people"]),
        "somebody joins who was invited": lambda: answers.accept(Access.none(), token=world.a.token, **person),
    }


def test_turning_it_needs_no_restart(world: World) -> None:
    browser, stranger = world.client("administrator"), Client()
    said = {"closed": "takes on no companies", "staff": "Ask for access", "open": "Sign up your company"}
    add = reverse("admin:customers_signupmode_add")
    assert browser.post(add, {"mode": "closed", "reason": WHY}).status_code == 302
    for wanted in ("open", "staff", "closed", "open"):
        set_mode(world.acting("administrator"), mode=SignUp(wanted))
        assert said[wanted] in text(stranger.get("/sign-up/"))


@pytest.mark.parametrize("persona", ["support", "a_owner", "anonymous"])
def test_only_administrators_turn_it(world: World, persona: str) -> None:
    answer: Any = world.client(persona).post(reverse("admin:customers_signupmode_add"), {"mode": "open", "reason": WHY})
    assert answer.status_code in (200, 302, 403)
    assert mode() == SignUp.STAFF
