"""People's accounts, and whether anybody may make one."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from common.errors import Invalid
from customers.domain import users
from customers.models import User
from permissions.access import Access
from permissions.decisions import Refused
from tests.factories import PASSWORD, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Access:
    return Access.for_user(StaffFactory.create()).acting("Asked by phone")


def test_staff_make_an_account_that_can_sign_in(staff: Access, client: Client) -> None:
    made = users.create_user(staff, email=" Ann@Ash.example ", name="Ann", password=PASSWORD)
    assert made.email == "ann@ash.example"
    assert EmailAddress.objects.get(user=made).verified
    assert client.login(username="ann@ash.example", password=PASSWORD)


def test_without_a_password_none_works(staff: Access, client: Client) -> None:
    made = users.create_user(staff, email="ann@ash.example", name="Ann")
    assert not made.has_usable_password()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"email": "nonsense"}, "/email"),
        ({"email": "TAKEN@ash.example"}, "/email"),
        ({"name": ""}, "/name"),
        ({"password": "short"}, "/password"),
    ],
)
def test_what_is_wrong_is_told(staff: Access, values: dict[str, str], pointer: str) -> None:
    UserFactory.create(email="taken@ash.example")
    given: dict[str, Any] = {"email": "ann@ash.example", "name": "Ann", "password": PASSWORD, **values}
    with pytest.raises(Invalid) as problem:
        users.create_user(staff, **given)
    assert pointer in {one.pointer for one in problem.value.errors}
    assert not User.objects.filter(name="Ann").exists()


def test_nobody_else_makes_accounts() -> None:
    for actor in (Access.for_user(MembershipFactory.create().user), Access.for_user(StaffFactory.create())):
        with pytest.raises(Refused) as refused:
            users.create_user(actor, email="ann@ash.example", name="Ann")
        assert refused.value.decision.code == "S1"


def test_everybody_changes_her_own_name_and_not_more() -> None:
    user = UserFactory.create()
    her = Access.for_user(user)
    assert users.edit_user(her, user=user, name="New").name == "New"
    with pytest.raises(Refused) as refused:
        users.edit_user(her, user=user, is_active=False)
    assert refused.value.decision.code == "S1"
    owner = MembershipFactory.create()
    colleague = MembershipFactory.create(organisation=owner.organisation).user
    with pytest.raises(Refused) as refused:
        users.edit_user(Access.for_user(owner.user), user=colleague, name="Mine")
    assert refused.value.decision.code == "U3"


def test_staff_shut_out_whom_an_organisation_can_spare(staff: Access) -> None:
    owner = MembershipFactory.create()
    with pytest.raises(Refused) as refused:
        users.edit_user(staff, user=owner.user, is_active=False)
    assert refused.value.decision.code == "U7"
    MembershipFactory.create(organisation=owner.organisation)
    assert not users.edit_user(staff, user=owner.user, is_active=False).is_active
    with pytest.raises(Invalid):
        users.edit_user(staff, user=User.objects.get(is_staff=True), is_active=False)


@pytest.mark.parametrize("mode", ["staff", "closed", "open"])
def test_nobody_makes_a_bare_account(client: Client, settings: Any, mode: str) -> None:
    settings.CUSTOMER_SIGNUP = mode
    given = {"email": "eve@evil.example", "password1": PASSWORD, "password2": PASSWORD}
    for page in (client.get("/accounts/signup/"), client.post("/accounts/signup/", given)):
        assert (page.status_code, page["Location"]) == (302, "/sign-up/")
    assert not User.objects.filter(email="eve@evil.example").exists()
