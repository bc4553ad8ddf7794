"""The staff's desk for customers: what waits, search, one customer's page, taking one on, recovery, the switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from customers.domain.mode import mode
from customers.enums import InvitationKind, RequestState
from customers.models import AccessRequest, Invitation, SignUpMode, User
from mails.models import Mail
from organisations.enums import OrganisationKind
from organisations.models import Business, Connection, Organisation
from permissions.models import Membership
from tests.admin.conftest import Desk, make_desk
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    StaffFactory,
    UnitFactory,
    UserFactory,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db
WHY = "They rang"
PAGES = ("search", "onboard", "ownerless", "duplicates")
TYPED = {
    "organisation_name": "Ottery Orchards Ltd",
    "organisation_company_number": "01234567",
    "unit_name": "Home orchard",
    "unit_postcode": "ex111aa",
    "business_kind": "farm",
    "business_hectares": "12.5",
    "business_certifications": ["organic"],
    "owner_name": "Olive Otter",
    "owner_email": "olive@ottery.example",
    "reason": WHY,
}


@pytest.fixture
def builder() -> Callable[[], Desk]:
    """What is on it is each test's own."""
    return make_desk


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def statements(desk: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(address).status_code == 200
    return len(seen)


def company(number: int) -> Organisation:
    """A customer with something of everything."""
    made: Organisation = hub(
        f"Twin {number}", organisation=OrganisationFactory.create(name="Twin Ltd")
    ).unit.organisation
    fill(made, number)
    return made


def fill(made: Organisation, number: int) -> None:
    """One more of everything in it."""
    UnitFactory.create(organisation=made)
    producer(f"Twin farm {number}", organisation=made)
    MembershipFactory.create(organisation=made, role="viewer")
    Invitation.objects.create(
        kind=InvitationKind.MEMBER, organisation=made, email=f"i{number}@x.example", expires_at=clock.now()
    )
    Connection.objects.create(organisation=made, other=OrganisationFactory.create(name=f"Other {number}"))
    Mail.objects.create(kind="welcome", recipient="a@x.example", organisation=made, status="failed")
    ask(made)


def ask(made: Organisation | None = None) -> AccessRequest:
    return AccessRequest.objects.create(
        kind="access", company_name="Otter Ales", name="Otto", email="otto@otter.example", organisation=made
    )


def test_nobody_else_opens_them(client: Client) -> None:
    made = company(1)
    addresses = [reverse(f"admin:{name}") for name in PAGES]
    addresses += [reverse(f"admin:{name}", args=[made.public_id]) for name in ("customer", "recover")]
    for signed_in in (False, True):
        if signed_in:
            client.force_login(MembershipFactory.create(organisation=made).user)
        for one in addresses:
            answer = client.get(one)
            assert answer.status_code in (302, 403)
            assert "Twin" not in text(answer)


def test_the_desk_counts_what_waits(desk: Client) -> None:
    def waits() -> dict[str, int]:
        return {str(one["label"]): one["count"] for one in desk.get("/admin/").context["waits"]}

    assert set(waits().values()) == {0}
    for number in range(2):
        company(number)
    MembershipFactory.create(organisation=OrganisationFactory.create(name="Fine Ltd"))
    counts = waits()
    assert counts == {
        "requests for access": 2,
        "invitations failed or expired": 2,
        "invitations waiting": 0,
        # Both, and those that they know.
        "customers without an active account owner": 4,
        "names that several companies have": 1,
        "mails that failed": 2,
        "jobs that failed": 0,
        "imports checked, not applied": 0,
        "removals under way": 0,
    }
    assert reverse("admin:ownerless") in text(desk.get("/admin/"))
    assert "/admin/customers/invitation/?state=undelivered" in text(desk.get("/admin/"))


def test_statements_do_not_grow(desk: Client) -> None:
    made, _ = company(0), company(1)
    page = reverse("admin:customer", args=[made.public_id])
    addresses = {
        "/admin/": 15,
        reverse("admin:search") + "?q=twin": 8,
        reverse("admin:ownerless"): 6,
        reverse("admin:duplicates"): 8,
        page: 28,
    }
    desk.get("/admin/")
    user = UserFactory.create(name="Twin Twain")
    MembershipFactory.create(user=user, organisation=made)
    one = {address: statements(desk, address) for address in addresses}
    for number in (1, 2):
        fill(made, number)
        company(number + 10)
        MembershipFactory.create(user=UserFactory.create(name=f"Twin Twain {number}"), organisation=made)
    assert {address: statements(desk, address) for address in addresses} == one
    assert one == addresses


@pytest.mark.parametrize(
    "typed",
    [
        "culm dai",
        "01234567",
        "gb 123456789",
        "EX157AA",
        "anna@culm",
        "Parlour",
        "{org}",
        "{unit}",
        "{user}",
        "{membership}",
    ],
)
def test_one_box_finds_a_customer_by_whatever_one_knows(desk: Client, typed: str) -> None:
    made = OrganisationFactory.create(name="Culm Dairy", company_number="01234567", vat_number="GB123456789")
    unit = UnitFactory.create(organisation=made, name="The Parlour", postcode="EX15 7AA")
    anna = UserFactory.create(email="anna@culm.example", name="Anna Ash")
    membership = MembershipFactory.create(organisation=made, user=anna)
    ids: dict[str, Any] = {"org": made, "unit": unit, "user": anna, "membership": membership}
    asked = typed.format(**{name: row.public_id for name, row in ids.items()})
    answer = desk.get(reverse("admin:search"), {"q": asked})
    if answer.status_code == 302:
        assert answer["Location"] == reverse("admin:customer", args=[made.public_id])
    else:
        assert [row.public_id for row in answer.context["customers"]] == [made.public_id]
        assert [row.public_id for row in answer.context["people"]] == [anna.public_id]
    nothing = desk.get(reverse("admin:search"), {"q": "nothing like it"})
    assert "Nothing is like" in text(nothing)


def test_one_page_of_a_customer(desk: Client) -> None:
    made = company(3)
    page = text(desk.get(reverse("admin:customer", args=[made.public_id])))
    for said in ("No active account owner", "Twin 3", "Twin farm 3", "i3@x.example", "Other 3", "Grants given"):
        assert said in page
    assert "Order cycles coordinated" in page
    assert " style=" not in page
    assert desk.get(reverse("admin:customer", args=["org_none"])).status_code == 404


def test_taking_on_shows_what_is_like_it_first(desk: Client) -> None:
    there = OrganisationFactory.create(name="Ottery Orchards")
    page = reverse("admin:onboard")
    assert desk.get(page).status_code == 200
    first = desk.post(page, TYPED)
    assert first.status_code == 200
    assert there.public_id in text(first)
    assert "it is another company" in text(first)
    assert Organisation.objects.count() == 1
    done = desk.post(page, {**TYPED, "confirmed": "yes"})
    made = Organisation.objects.get(name="Ottery Orchards Ltd")
    assert (done.status_code, done["Location"]) == (302, reverse("admin:customer", args=[made.public_id]))
    farm = made.units.get().business
    assert (str(farm.hectares), farm.certifications) == ("12.50", ["organic"])
    assert Membership.objects.get(organisation=made).user.email == "olive@ottery.example"
    assert [one.kind for one in Mail.objects.all()] == ["welcome"]


def test_a_store_with_all_that_it_says_of_itself(desk: Client) -> None:
    farm = {"business_hectares", "business_certifications"}
    said = {
        "business_kind": "store",
        "business_is_producer": "yes",
        "business_description": "Bread.",
        "business_website": "ottery.example",
        "business_contact_email": "shop@ottery.example",
        "business_opening_hours": "monday: 9-12.30, 13:30 to 17\r\nSat: 10-16",
    }
    typed = {name: value for name, value in TYPED.items() if name not in farm} | said
    assert desk.post(reverse("admin:onboard"), typed).status_code == 302
    store = Business.objects.get(unit__name="Home orchard")
    assert (store.is_producer, store.description, store.website) == (True, "Bread.", "https://ottery.example")
    hours = {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "sat": [["10:00", "16:00"]]}
    assert store.opening_hours == hours
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["contact_confirmation", "welcome"]
    # In the admin as it is read, and not changed by saving something else.
    change = reverse("admin:organisations_business_change", args=[store.pk])
    form = desk.get(change).context["adminform"].form
    assert form["opening_hours"].value() == "Monday: 09:00–12:30, 13:30–17:00\nSaturday: 10:00–16:00"
    assert not form.fields["opening_hours"].has_changed(hours, form["opening_hours"].value())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"business_opening_hours": "Someday: 9-17"}, "business_opening_hours"),
        ({"business_opening_hours": "mon: 9-17\nMonday: 9-12"}, "business_opening_hours"),
        ({"organisation_name": ""}, "organisation_name"),
        ({"organisation_company_number": "12"}, "organisation_company_number"),
        ({"business_kind": ""}, "business_kind"),
        ({"business_store_code": "S1"}, "business_store_code"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Client, changes: dict[str, str], field: str) -> None:
    answer = desk.post(reverse("admin:onboard"), {**TYPED, **changes})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert not Organisation.objects.exists()


def test_nobody_is_taken_on_while_it_is_closed(desk: Client, settings: Any) -> None:
    settings.CUSTOMER_SIGNUP = "closed"
    answer = desk.post(reverse("admin:onboard"), TYPED)
    assert "Q2" in str(answer.context["form"].errors)
    assert not Organisation.objects.exists()


def test_a_request_is_taken_on_with_what_it_said(desk: Client) -> None:
    row = ask()
    shown = desk.get(reverse("admin:customers_accessrequest_change", args=[row.pk]))
    address = f"{reverse('admin:onboard')}?request={row.public_id}"
    assert address in text(shown)
    form = desk.get(address).context["form"]
    assert (form.initial["organisation_name"], form.initial["owner_email"]) == ("Otter Ales", "otto@otter.example")
    assert desk.post(address, TYPED).status_code == 302
    row.refresh_from_db()
    assert (row.status, str(row.organisation)) == (RequestState.APPROVED, "Ottery Orchards Ltd")
    answered = text(desk.get(reverse("admin:customers_accessrequest_change", args=[row.pk])))
    assert address not in answered
    assert desk.get(f"{reverse('admin:onboard')}?request=acr_none").status_code == 404


def test_a_request_is_refused_or_invited_to_claim(desk: Client) -> None:
    def act(row: AccessRequest, name: str, **data: Any) -> Any:
        return desk.post(reverse("admin:customers_accessrequest_act", args=[row.pk, name]), {"reason": WHY, **data})

    refused, claimed = ask(), ask()
    assert act(refused, "refuse", answer="Devon only.").status_code == 302
    shell = OrganisationFactory.create(kind=OrganisationKind.SHELL)
    assert act(claimed, "claim", organisation=shell.pk).status_code == 302
    assert act(claimed, "refuse", answer="No").status_code == 200
    assert sorted(AccessRequest.objects.values_list("status", flat=True)) == ["approved", "refused"]
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["access_request_refused", "claim"]


def test_recovery(desk: Client) -> None:
    viewer = MembershipFactory.create(role="viewer")
    page = reverse("admin:recover", args=[viewer.organisation.public_id])
    assert viewer.user.email in text(desk.get(page))
    assert desk.post(page, {"reason": WHY}).status_code == 200
    assert desk.post(page, {"membership": viewer.pk, "email": "a@b.example", "reason": WHY}).status_code == 200
    assert desk.post(page, {"membership": viewer.pk}).status_code == 200
    assert desk.post(page, {"membership": viewer.pk, "reason": WHY}).status_code == 302
    viewer.refresh_from_db()
    assert viewer.role.key == "owner"
    assert desk.post(page, {"email": "new@farm.example", "reason": WHY}).status_code == 302
    assert Invitation.objects.get().email == "new@farm.example"


def test_the_switch(desk: Client, client: Client) -> None:
    add = reverse("admin:customers_signupmode_add")
    assert desk.get(add).context["adminform"].form.initial["mode"] == "staff"
    assert desk.post(add, {"mode": "open", "reason": WHY}).status_code == 302
    assert mode() == "open"
    row = SignUpMode.objects.get()
    assert desk.get(add).status_code == 403
    change = reverse("admin:customers_signupmode_change", args=[row.pk])
    assert desk.post(change, {"mode": "closed", "reason": WHY, "seen": 1}).status_code == 302
    assert mode() == "closed"
    support = StaffFactory.create(is_superuser=False)
    client.force_login(support)
    answer = client.post(change, {"mode": "open", "reason": WHY, "seen": 2})
    assert "S2" in str(answer.context["adminform"].form.errors)
    assert mode() == "closed"


def test_companies_that_are_called_the_same(desk: Client) -> None:
    first, second = OrganisationFactory.create(name="A & B Ltd"), OrganisationFactory.create(name="a and b")
    page = text(desk.get(reverse("admin:duplicates")))
    assert first.public_id in page
    assert second.public_id in page
    assert "1 name that several companies have." in page
    merge = f"{reverse('admin:customers_merge_add')}?loser={second.pk}&amp;winner={first.pk}"
    assert merge in page
    OrganisationFactory.create(name="C", kind="shell")
    for number in range(26):
        OrganisationFactory.create_batch(2, name=f"D {number:02}")
    pages = [text(desk.get(reverse("admin:duplicates"), {"page": number})) for number in (1, 2)]
    assert ["Page 2 of 2, 27 in all" in one for one in pages] == [False, True]
    Organisation.objects.filter(name__startswith="D ").delete()
    second.delete()
    assert "No two companies" in text(desk.get(reverse("admin:duplicates")))


def test_who_is_in_the_list_of_companies(desk: Client) -> None:
    made = MembershipFactory.create(user=UserFactory.create(email="anna@culm.example")).organisation
    UnitFactory.create(organisation=made, name="The Parlour")
    listed = reverse("admin:organisations_organisation_changelist")
    for typed in ("anna@culm", "Parlour", made.public_id, User.objects.get(email="anna@culm.example").public_id):
        assert [row.pk for row in desk.get(listed, {"q": typed}).context["cl"].result_list] == [made.pk]
    page = text(desk.get(listed))
    assert reverse("admin:customer", args=[made.public_id]) in page
    assert reverse("admin:onboard") in page
    assert desk.get(reverse("admin:organisations_organisation_add")).status_code == 403
