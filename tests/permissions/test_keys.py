"""API keys: shown once, hashed at rest, never more than their maker."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from common.errors import Invalid, NotFound
from organisations.models import Organisation
from permissions import reads
from permissions.access import Access
from permissions.actions import Permission
from permissions.decisions import Refused
from permissions.domain import keys
from permissions.models import ApiKey, Membership, Role
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    StaffFactory,
    archive,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db
SCOPES = [Permission.VIEW, Permission.TAKE_PART]


def role(key: str) -> Role:
    return Role.objects.get(organisation=None, key=key)


@pytest.fixture
def organisation() -> Organisation:
    return hub("Exe Hub").unit.organisation


@pytest.fixture
def owner(organisation: Organisation) -> Membership:
    return MembershipFactory.create(organisation=organisation)


def make(owner: Membership, **values: Any) -> keys.NewKey:
    given: dict[str, Any] = {
        "organisation": owner.organisation,
        "name": "Shop",
        "role": role("manager"),
        "scopes": SCOPES,
    } | values
    return keys.make_key(Access.for_user(owner.user), **given)


def test_the_text_is_shown_once_and_kept_nowhere(owner: Membership) -> None:
    key, text = make(owner)
    assert re.fullmatch(r"hct_[0-9a-z]{26}_[0-9a-f]{40}", text)
    assert f"key_{text.split('_')[1]}" == key.public_id
    secret = text.split("_")[2]
    assert not any(secret in str(value) for row in ApiKey.objects.values() for value in row.values())
    assert keys.find_key(text) == key
    assert make(owner).secret != text


def test_what_is_not_a_live_key_is_none(owner: Membership) -> None:
    key, text = make(owner)
    _, other = make(owner)
    mixed = "_".join((*text.split("_")[:2], other.split("_")[2]))
    wrong = ["", "hct_", "hct__", text[:-1], text.upper(), f"x{text}", mixed, key.public_id, "hct_" + "0" * 26 + "_x"]
    assert [keys.find_key(one) for one in wrong] == [None] * len(wrong)


def test_it_ends(owner: Membership) -> None:
    _, text = make(owner, expires_at=timezone.now() + timedelta(days=1))
    assert keys.find_key(text)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert keys.find_key(text) is None


def test_it_is_revoked_for_good(owner: Membership) -> None:
    key, text = make(owner)
    her = Access.for_user(owner.user)
    revoked = keys.revoke_key(her, key=key)
    assert keys.find_key(text) is None
    assert keys.revoke_key(her, key=key).revoked_at == revoked.revoked_at
    assert reads.get_key(her, key.public_id).revoked_at


@pytest.mark.parametrize("end", ["membership", "user", "role", "units", "organisation"])
def test_it_dies_with_its_makers_rights(owner: Membership, end: str) -> None:
    _, text = make(owner)
    match end:
        case "membership":
            Membership.objects.update(is_active=False)
        case "user":
            type(owner.user).objects.update(is_active=False)
        case "role":
            Membership.objects.update(role=role("manager"))
        case "units":
            Membership.objects.update(all_units=False)
        case "organisation":
            archive(owner.organisation)
    assert keys.find_key(text) is None


def test_it_may_what_role_scopes_and_maker_have_in_common(owner: Membership) -> None:
    hubs = Access.for_user(owner.user).ids(Permission.VIEW)
    other = producer(organisation=owner.organisation)
    key, _ = make(owner, scopes=[Permission.VIEW, Permission.MANAGE_FEES], units=[other.unit])
    access = Access.for_key(key)
    assert access.ids(Permission.VIEW) == access.ids(Permission.MANAGE_FEES) == {other.pk}
    assert access.ids(Permission.TAKE_PART) == frozenset()
    assert not hubs & access.ids(Permission.VIEW)
    assert access.organisation_ids(Permission.VIEW) == frozenset()
    own = Role.objects.create(organisation=owner.organisation, name="Keys", permissions=["view", "manage_api_keys"])
    Membership.objects.update(role=own)
    assert Access.for_key(key).ids(Permission.MANAGE_FEES) == frozenset()
    assert Access.for_key(key).ids(Permission.VIEW) == {other.pk}


def test_what_cannot_be_made(owner: Membership) -> None:
    foreign = Role.objects.create(organisation=OrganisationFactory.create(), name="Theirs", permissions=["view"])
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"name": ""}, "/name", "blank"),
        ({"scopes": []}, "/scopes", "empty"),
        ({"scopes": ["view", "manage_roles"]}, "/scopes/1", "not_in_role"),
        ({"scopes": ["nonsense"]}, "/scopes/0", "not_in_role"),
        ({"role": foreign, "scopes": ["view"]}, "/role", "not_found"),
        ({"units": []}, "/units", "empty"),
        ({"units": [producer().unit]}, "/units/0", "not_found"),
        ({"expires_at": timezone.now()}, "/expires_at", "past"),
    ]
    for values, pointer, code in wrong:
        with pytest.raises(Invalid) as problem:
            make(owner, **values)
        assert [(one.pointer, one.code) for one in problem.value.errors] == [(pointer, code)]
    assert not ApiKey.objects.exists()


def test_who_makes_and_revokes(owner: Membership) -> None:
    key, _ = make(owner)
    manager = MembershipFactory.create(organisation=owner.organisation, role="manager")
    with pytest.raises(Refused) as refused:
        make(manager)
    assert refused.value.decision.code == "K1"
    with pytest.raises(NotFound):
        reads.get_key(Access.for_user(manager.user), key.public_id)
    with pytest.raises(NotFound):
        keys.revoke_key(Access.for_user(MembershipFactory.create().user), key=key)
    staff = Access.for_user(StaffFactory.create()).acting("Leaked")
    with pytest.raises(Refused):
        keys.make_key(staff, organisation=owner.organisation, name="x", role=role("viewer"), scopes=["view"])
    assert keys.revoke_key(staff, key=key).revoked_at


def test_a_key_makes_no_keys(owner: Membership) -> None:
    key, _ = make(owner, role=role("owner"), scopes=[Permission.VIEW, Permission.MANAGE_API_KEYS])
    with pytest.raises(Refused) as refused:
        keys.make_key(
            Access.for_key(key), organisation=owner.organisation, name="x", role=role("viewer"), scopes=["view"]
        )
    assert refused.value.decision.code == "K1"


def test_last_use_is_kept_to_the_minute(owner: Membership) -> None:
    key, _ = make(owner)
    keys.record_use(key)
    key.refresh_from_db()
    first = key.last_used_at
    assert first
    keys.record_use(key)
    with time_machine.travel(first + timedelta(seconds=90)):
        key.refresh_from_db()
        assert key.last_used_at == first
        keys.record_use(key)
        key.refresh_from_db()
        assert key.last_used_at > first
