"""Create a customer from sign-up: by staff through the API and the admin, by the company itself where that is open."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from customers.api.customers import NEW_CUSTOMER
from customers.models import AccessRequest, Invitation, User
from mails.models import Mail
from mails.tasks import deliver
from organisations.models import Business, Organisation
from permissions.access import Access
from permissions.models import Membership
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY, text
from tests.factories import UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

PASSWORD = "seven brown hens 1"
TYPED = {
    "organisation_name": "Ottery Orchards Ltd",
    # As people write them.
    "organisation_company_number": "0123 4567",
    "organisation_vat_number": "123 4567 89",
    "unit_postcode": " ex11   1aa ",
    "business_kind": "farm",
    "owner_name": "Olive Otter",
    "owner_email": "Olive@Ottery.example",
}


def newest() -> Any:
    """The newest mail that waits, sent."""
    deliver(Mail.objects.filter(status="queued").latest("pk").public_id)
    return mail.outbox[-1]


def link_in(message: Any, path: str) -> str:
    found = re.search(rf"http://testserver({path}\S+)", message.body)
    assert found
    return found.group(1)


def test_staff_through_the_api(world: World) -> None:
    api = world.api("support")
    made = api.post("customers/", NEW_CUSTOMER, acting_reason=WHY)
    assert made.status_code == 201
    body = made.json()
    company = Organisation.objects.get(public_id=body["organisation"]["id"])
    owner = User.objects.get(public_id=body["owner"])
    assert (company.name, owner.email, body["invitation"], body["is_enterprise"]) == (
        "Ottery Orchards Ltd",
        "olive@ottery.example",
        None,
        True,
    )
    assert Business.objects.get(unit__public_id=body["unit"]).certifications == ["organic"]
    read = api.get(made["Location"]).json()
    assert (read["has_owner"], [one["email"] for one in read["people"]]) == (True, ["olive@ottery.example"])
    assert [one["business"] for one in read["units"]] == ["farm"]
    # The link in her mail sets the password; then she signs in and acts for all of it.
    url = link_in(newest(), "/set-password/")
    browser = Client()
    assert browser.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    signed_in = browser.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    assert signed_in.status_code == 302
    owner.refresh_from_db()
    assert Access.for_user(owner).organisation_ids("manage_organisation") == {company.pk}


def test_companies_like_it_are_shown_first(world: World) -> None:
    api = world.api("support")
    there = Organisation.objects.create(name="Ottery Orchard Limited")
    told = problem(api.post("customers/", NEW_CUSTOMER, acting_reason=WHY), 409, "confirmation_needed")
    assert [(one["id"], one["because"]) for one in told["preview"]["matches"]] == [(there.public_id, ["name"])]
    numbers = {"company_number": "0123 4567", "vat_number": "GB 123 4567 89", "postcode": "ex11  1aa"}
    body = {**NEW_CUSTOMER, "organisation": {"name": "Ottery Orchards Ltd", **numbers}, "confirm": True}
    made = api.post("customers/", body, acting_reason=WHY).json()["organisation"]
    assert [made[name] for name in numbers] == ["01234567", "GB123456789", "EX11 1AA"]
    # And to be changed by staff.
    back = {"company_number": "7654321", "vat_number": "987654321"}
    address = f"organisations/{made['id']}/"
    changed = api.patch(address, back, if_match="*", acting_reason=WHY).json()
    assert [changed[name] for name in back] == ["07654321", "GB987654321"]


def test_who_has_an_account_is_invited(world: World) -> None:
    owner = {"name": "Whoever", "email": world.people["a_viewer"].email.upper()}
    body = {**NEW_CUSTOMER, "owner": owner, "confirm": True}
    made = world.api("support").post("customers/", body, acting_reason=WHY).json()
    assert made["owner"] is None
    invitation = Invitation.objects.get(public_id=made["invitation"])
    assert invitation.email == world.people["a_viewer"].email
    assert not Membership.objects.filter(organisation=invitation.organisation).exists()


def test_what_is_wrong_is_named(world: World) -> None:
    api = world.api("support")
    problem(api.post("customers/", NEW_CUSTOMER), 400, "reason_required")
    wrong: dict[str, Any] = {
        "organisation": {"name": "", "size": 3},
        "unit": {},
        "business": {"kind": "barn"},
        "owner": {"name": "O"},
    }
    assert sorted(errors(api.post("customers/", wrong, acting_reason=WHY))) == [
        ("/business/kind", "invalid_choice"),
        ("/organisation/name", "blank"),
        ("/organisation/size", "unknown_field"),
        ("/owner/email", "required"),
        ("/unit/name", "required"),
    ]
    late = {**NEW_CUSTOMER, "business": {"kind": "store", "certifications": ["organic"]}}
    assert errors(api.post("customers/", late, acting_reason=WHY)) == [("/business/certifications", "farm_only")]
    assert not Organisation.objects.filter(name="Ottery Orchards Ltd").exists()


@pytest.mark.parametrize(("persona", "status"), [("a_owner", 403), ("a_viewer", 403), ("a_key", 404)])
def test_nobody_else_through_the_api(world: World, persona: str, status: int) -> None:
    answer = world.api(persona).post("customers/", NEW_CUSTOMER, acting_reason=WHY)
    assert answer.status_code == status


def test_staff_through_the_admin(world: World) -> None:
    browser = world.client("administrator")
    answer = browser.post(reverse("admin:onboard"), {**TYPED, "reason": WHY})
    assert answer.status_code == 302
    company = Organisation.objects.get(name="Ottery Orchards Ltd")
    assert (company.company_number, company.vat_number) == ("01234567", "GB123456789")
    assert Membership.objects.get(organisation=company).user.email == "olive@ottery.example"
    assert company.units.get().name == "Ottery Orchards Ltd"


def test_the_company_itself_where_that_is_open(settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "open"
    browser = Client()
    form = browser.get("/sign-up/")
    assert "Sign up your company" in text(form)
    sent = browser.post("/sign-up/", TYPED)
    assert (sent.status_code, sent["Location"]) == (302, "/sign-up/sent/")
    assert "Check your mail" in text(browser.get("/sign-up/sent/"))
    assert not User.objects.exists()
    url = link_in(newest(), "/sign-up/")
    shown = browser.get(url)
    assert "Ottery Orchards Ltd" in text(shown)
    assert shown["Referrer-Policy"] == "no-referrer"
    assert not User.objects.exists()
    companys = {"password1": "ottery orchards", "password2": "ottery orchards"}
    for wrong in (
        {"password1": "short", "password2": "short"},
        {"password1": PASSWORD, "password2": "other"},
        companys,
    ):
        assert browser.post(url, wrong).status_code == 400
    done = browser.post(url, {"password1": PASSWORD, "password2": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/accounts/login/")
    assert browser.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 410
    assert browser.post("/accounts/login/", {"login": TYPED["owner_email"], "password": PASSWORD}).status_code == 302
    company = Organisation.objects.get()
    unit = company.units.get()
    assert (unit.name, unit.postcode, unit.business.kind, company.postcode) == (
        "Ottery Orchards Ltd",
        "EX11 1AA",
        "farm",
        "EX11 1AA",
    )
    assert (company.company_number, company.vat_number) == ("01234567", "GB123456789")
    assert Membership.objects.get().organisation == company


def test_what_is_wrong_stands_at_its_field(settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "open"
    answer = Client().post("/sign-up/", {**TYPED, "organisation_company_number": "12", "unit_postcode": "nowhere"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"organisation_company_number", "unit_postcode"}
    assert not Mail.objects.exists()


def test_a_company_that_came_between_is_looked_into(settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "open"
    browser = Client()
    browser.post("/sign-up/", TYPED)
    url = link_in(newest(), "/sign-up/")
    Organisation.objects.create(name="First come", company_number="01234567")
    answer = browser.post(url, {"password1": PASSWORD, "password2": PASSWORD})
    assert "Hectare looks into it" in text(answer)
    assert AccessRequest.objects.count() == 1
    assert not User.objects.exists()


def test_where_staff_do_it_a_company_asks(world: World) -> None:
    browser = Client()
    assert "Ask for access" in text(browser.get("/sign-up/"))
    typed = {"company_name": "Otter Ales", "name": "Otto", "email": "otto@otter.example", "message": "We brew."}
    typed |= {"company_number": "sc 12 34 56", "postcode": "ex11  1aa"}
    assert browser.post("/sign-up/", typed)["Location"] == "/sign-up/sent/"
    assert newest().subject == "We have your request for Otter Ales"
    row = AccessRequest.objects.get(email="otto@otter.example")
    api = world.api("support")
    waiting = api.get("customers/access-requests/?status=waiting").json()["results"]
    (listed,) = [one for one in waiting if one["id"] == row.public_id]
    assert (listed["company_number"], listed["postcode"], listed["message"]) == ("SC123456", "EX11 1AA", "We brew.")
    address = f"customers/access-requests/{row.public_id}/refuse/"
    refused = api.post(address, {"answer": "Devon only."}, acting_reason=WHY)
    assert refused.json()["status"] == "refused"
    assert "Devon only." in newest().body
    problem(api.post(address, {"answer": "Again."}, acting_reason=WHY), 409, "answered")
    # Approved there, too: it becomes a customer, or takes its record over.
    other = AccessRequest.objects.create(kind="access", company_name="Ottery", name="O", email="o@ottery.example")
    address = f"customers/access-requests/{other.public_id}/"
    made = api.post(f"{address}approve/", NEW_CUSTOMER, acting_reason=WHY)
    assert (made.status_code, made.json()["organisation"]["name"]) == (201, "Ottery Orchards Ltd")
    other.refresh_from_db()
    assert (other.status, other.organisation and other.organisation.name) == ("approved", "Ottery Orchards Ltd")
    problem(api.post(f"{address}approve/", {**NEW_CUSTOMER, "confirm": True}, acting_reason=WHY), 409, "answered")
    other = AccessRequest.objects.create(kind="claim", company_name="Silverton", name="S", email="s@silv.example")
    address = f"customers/access-requests/{other.public_id}/invite-to-claim/"
    wrong = api.post(address, {"organisation": world.ids["a_org"]}, acting_reason=WHY)
    assert errors(wrong) == [("/organisation", "customer_already")]
    sent = api.post(address, {"organisation": world.ids["shell"]}, acting_reason=WHY)
    assert (sent.status_code, sent.json()["email"], sent.json()["kind"]) == (201, "s@silv.example", "claim")
    other.refresh_from_db()
    assert other.status == "approved"
    # The other door: one asks, and is taken on with what it said.
    other = AccessRequest.objects.create(kind="access", company_name="Ales", name="O", email="o@ales.example")
    page = f"{reverse('admin:onboard')}?request={other.public_id}"
    company = {"organisation_name": "Sidmouth Ales Ltd", "owner_name": "Otto", "owner_email": "otto@ales.example"}
    done = world.client("support").post(page, {**company, "unit_postcode": "EX10 8AA", "reason": WHY})
    assert done.status_code == 302
    other.refresh_from_db()
    assert other.status == "approved"


def test_nobody_is_made_twice(world: World) -> None:
    """A person who is known by another spelling of her address."""
    UserFactory.create(email="olive@ottery.example")
    made = world.api("support").post("customers/", {**NEW_CUSTOMER, "confirm": True}, acting_reason=WHY)
    assert made.json()["owner"] is None
    assert User.objects.filter(email__iexact="olive@ottery.example").count() == 1
