"""Remove a customer (and their records): by Hectare staff, through the API and the admin; there is no page for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from customers.domain import removal
from customers.enums import RemovalStatus
from customers.models import Removal, User
from customers.tasks import purge_removed
from ordercycles.enums import CycleState
from organisations.models import Organisation
from permissions.models import Membership
from tests.api.client import Api
from tests.factories import PASSWORD, CycleFactory, MembershipFactory, StaffFactory, hub

pytestmark = pytest.mark.django_db
WHY = {"acting_reason": "They left"}


@pytest.fixture
def company(db: None) -> Organisation:
    """A customer with a hub and an owner."""
    business = hub("Exe Hub")
    MembershipFactory.create(organisation=business.unit.organisation, role="owner", user__name="Olive Owner")
    return business.unit.organisation


@pytest.fixture
def staff(db: None) -> User:
    return StaffFactory.create(name="Sam")


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def _send(api: Api, method: str, address: str, body: Any = None, **more: Any) -> Any:
    return api.send(method, address, body, if_match="*", **{**WHY, **more})


# --- API ---------------------------------------------------------------------------------------------------------


def test_by_the_api_preview_remove_restore(company: Organisation, staff: User) -> None:
    api, address = Api(staff), f"customers/{company.public_id}/"
    told = _send(api, "DELETE", f"{address}?preview=true")
    assert told.status_code == 200
    assert told.json()["goes"]["people erased"] == 1
    assert told.json()["coordinates_open"] == []
    assert not Removal.objects.exists()

    answer = _send(api, "DELETE", address)
    assert (answer.status_code, answer.json()["status"]) == (200, "scheduled")
    assert answer.json()["preview"] == told.json()
    assert Organisation.objects.get(pk=company.pk).is_archived
    assert _send(api, "DELETE", address).status_code == 409

    answer = _send(api, "POST", f"{address}restore/", {})
    assert (answer.status_code, answer.json()["status"]) == (200, "restored")
    assert not Organisation.objects.get(pk=company.pk).is_archived
    assert _send(api, "POST", f"{address}restore/", {}).status_code == 409


def test_by_the_api_a_reason_is_needed(company: Organisation, staff: User) -> None:
    answer = Api(staff).send("DELETE", f"customers/{company.public_id}/", None, if_match="*")
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_required")


def test_by_the_api_the_version_is_asked_for(company: Organisation, staff: User) -> None:
    api = Api(staff)
    address = f"customers/{company.public_id}/"
    assert api.send("DELETE", address, None, **WHY).status_code == 428
    assert api.send("DELETE", address, None, if_match='"99"', **WHY).status_code == 412


def test_by_the_api_not_while_it_coordinates_an_open_cycle(company: Organisation, staff: User) -> None:
    CycleFactory.create(coordinator=company.units.get().business, name="Harvest 48", state=CycleState.OPEN)
    answer = _send(Api(staff), "DELETE", f"customers/{company.public_id}/")
    assert (answer.status_code, answer.json()["rule"]) == (409, "D2")
    assert "Harvest 48" in answer.json()["detail"]


def test_by_the_api_an_owner_does_not(company: Organisation) -> None:
    owner = Membership.objects.get(organisation=company).user
    answer = _send(Api(owner), "DELETE", f"customers/{company.public_id}/")
    assert (answer.status_code, answer.json()["rule"]) == (403, "S1")


# --- admin -------------------------------------------------------------------------------------------------------


def _act(row: Any, act: str) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_act"
    return reverse(name, args=[row.pk, act])


def test_by_the_admin_from_preview_to_purge(company: Organisation, desk: Client) -> None:
    page = desk.get(_act(company, "remove"))
    assert "people erased: 1" in page.content.decode()
    assert desk.post(_act(company, "remove"), {}).status_code == 200
    assert not Removal.objects.exists()
    assert desk.post(_act(company, "remove"), {"reason": "They left"}).status_code == 302
    row = Removal.objects.get()
    assert (row.status, row.reason, row.requested_by) == ("scheduled", "They left", User.objects.get(name="Sam"))

    queue = desk.get(reverse("admin:customers_removal_changelist"), {"status": "scheduled"}).content.decode()
    assert company.name in queue
    shown = desk.get(reverse("admin:customers_removal_change", args=[row.pk])).content.decode()
    assert "Purge now" in shown
    wrong = desk.post(_act(row, "purge"), {"reason": "Asked by law", "typed": "org_other"})
    assert "not its id" in wrong.content.decode()
    assert desk.post(_act(row, "purge"), {"reason": "Asked by law", "typed": company.public_id}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.result["goes"]["people erased"]) == ("purged", 1)
    assert not User.objects.filter(name="Olive Owner").exists()


def test_by_the_admin_restore(company: Organisation, desk: Client, staff: User) -> None:
    desk.post(_act(company, "remove"), {"reason": "They left"})
    row = Removal.objects.get()
    assert desk.post(_act(row, "restore"), {"reason": "They stay"}).status_code == 302
    row.refresh_from_db()
    assert row.status == RemovalStatus.RESTORED
    assert "Restore" not in desk.get(reverse("admin:customers_removal_change", args=[row.pk])).context["acts"]


def test_by_the_admin_support_does_not_purge(company: Organisation, staff: User, client: Client) -> None:
    support = StaffFactory.create(is_superuser=False)
    client.force_login(support)
    client.post(_act(company, "remove"), {"reason": "They left"})
    row = Removal.objects.get()
    answer = client.post(_act(row, "purge"), {"reason": "I want", "typed": company.public_id})
    assert "S2" in answer.content.decode()
    row.refresh_from_db()
    assert row.status == RemovalStatus.SCHEDULED


def test_by_the_admin_export_and_erase_a_person(company: Organisation, desk: Client, staff: User) -> None:
    second = MembershipFactory.create(organisation=company, role="viewer", user__name="Vera Viewer").user
    assert desk.post(_act(second, "export"), {"reason": "She asked"}).status_code == 302
    assert desk.post(_act(company, "export"), {"reason": "They asked"}).status_code == 302
    assert staff.exports.count() == 2
    told = desk.get(_act(second, "erase")).content.decode()
    assert second.public_id in told
    assert desk.post(_act(second, "erase"), {"reason": "She asked", "typed": second.public_id}).status_code == 302
    second.refresh_from_db()
    assert second.name == f"Erased person {second.public_id[-4:]}"
    owner = User.objects.get(name="Olive Owner")
    assert "U7" in desk.post(_act(owner, "erase"), {"reason": "x", "typed": owner.public_id}).content.decode()


# --- the job, and the page of one's own account ------------------------------------------------------------------


def test_the_job_purges_on_the_day_and_not_before(company: Organisation, staff: User) -> None:
    from permissions.access import Access

    row = removal.remove(Access.for_user(staff).acting("They left"), organisation=company)
    purge_removed(0)
    row.refresh_from_db()
    assert row.status == RemovalStatus.SCHEDULED
    with clock.at(clock.now() + timedelta(days=30, minutes=1)):
        purge_removed(0)
    row.refresh_from_db()
    assert row.status == RemovalStatus.PURGED


def test_a_person_erases_herself_after_showing_who_she_is(company: Organisation) -> None:
    user = MembershipFactory.create(organisation=company, role="viewer").user
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    page = client.get(reverse("erase_me")).content.decode()
    assert "no way back" in page
    assert client.post(reverse("erase_me"), {}).status_code == 409
    assert client.post(reverse("erase_me"), {"confirmed": "yes"}).status_code == 302
    user.refresh_from_db()
    assert user.erased_at is not None
    assert client.get(reverse("account")).status_code == 302


def test_the_last_owner_is_told_why_not(company: Organisation) -> None:
    owner = Membership.objects.get(organisation=company).user
    client = Client()
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    answer = client.post(reverse("erase_me"), {"confirmed": "yes"})
    assert answer.status_code == 409
    assert "last active account owner" in answer.content.decode()
