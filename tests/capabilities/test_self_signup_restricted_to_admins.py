"""Self sign-up is restricted to Hectare's staff, until staff administrators turn the switch: on every way in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.api.customers import NEW_CUSTOMER
from customers.domain.mode import mode, set_mode
from customers.enums import SignUp
from customers.models import AccessRequest, PendingSignUp, User
from organisations.models import Organisation
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
    assert (PendingSignUp.objects.exists(), AccessRequest.objects.exists()) == (by_form, by_request)
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
