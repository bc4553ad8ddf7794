"""Pages of one organisation: opening hours as people write them, keys that are shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from organisations import hours
from organisations.models import Organisation
from permissions.models import ApiKey, Role
from tests.api.client import Api
from tests.factories import MembershipFactory, hub


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        ("  ", []),
        ("09:00–17:30", [["09:00", "17:30"]]),
        ("9-17", [["09:00", "17:00"]]),
        ("9.30 to 12, 13:00 - 17.45", [["09:30", "12:00"], ["13:00", "17:45"]]),
        ("00:00—24:00", [["00:00", "24:00"]]),
        ("9-12; 13-15;", [["09:00", "12:00"], ["13:00", "15:00"]]),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, read: list[list[str]]) -> None:
    assert hours.from_text(typed) == read
    assert hours.from_text(hours.as_text(read)) == read


@pytest.mark.parametrize("typed", ["mornings", "9", "25-26", "09:60-10", "9-12-15", "9–12 and 13–15"])
def test_what_is_no_time_is_told(typed: str) -> None:
    with pytest.raises(ValidationError, match="09:00–12:30"):
        hours.from_text(typed)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return hub("Exe Hub").unit.organisation


@pytest.fixture
def browser(organisation: Organisation) -> Client:
    client = Client()
    client.force_login(MembershipFactory.create(organisation=organisation, role="owner").user)
    return client


def test_a_key_is_shown_once_and_revoked(browser: Client, organisation: Organisation) -> None:
    unit = organisation.units.get()
    pages = f"/organisations/{organisation.public_id}/api-keys/"
    sent = {
        "name": "Stock system",
        "role": Role.objects.get(organisation=None, key="viewer").public_id,
        "scopes": ["view"],
        "units": [unit.public_id],
        "expires_on": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}",
    }
    made = browser.post(f"{pages}new/", sent)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    found = re.search(r"hct_[0-9a-z]{26}_[0-9a-f]{40}", made.content.decode())
    assert found is not None
    assert Api(key=found[0]).get("me/").json()["memberships"][0]["units"] == [{"id": unit.public_id, "name": unit.name}]
    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert timezone.localtime(key.expires_at).hour == 0
    listed = browser.get(pages).content.decode()
    assert "Stock system" in listed
    assert "see everything of the units" in listed
    assert found[0] not in listed
    assert browser.post(f"{pages}{key.public_id}/revoke/")["Location"] == pages
    assert Api(key=found[0]).get("me/").status_code == 401
    assert "revoked" in browser.get(pages).content.decode()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"scopes": ["view", "manage_roles"]}, {"scopes"}),
        ({"scopes": ["everything"]}, {"scopes"}),
        ({"expires_on": "2020-01-01"}, {"expires_on"}),
        ({"scope": ""}, {"scope"}),
        ({"units": ["bu_00000000000000000000000000"]}, {"units"}),
        ({"role": "rol_00000000000000000000000000"}, {"role"}),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    browser: Client, organisation: Organisation, changes: dict[str, object], fields: set[str]
) -> None:
    role = Role.objects.get(organisation=None, key="viewer").public_id
    sent = {
        "name": "Till",
        "role": role,
        "scopes": ["view"],
        "scope": "named" if "units" in changes else "all",
        **changes,
    }
    answer = browser.post(f"/organisations/{organisation.public_id}/api-keys/new/", sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == fields
    assert not ApiKey.objects.exists()
