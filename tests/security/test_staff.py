"""Attacks on Hectare's own people and on what they may: 18, 59 to 63 and 65, through every door."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from zeal import zeal_ignore

from common.errors import Invalid
from customers.domain import staff, support, users
from customers.models import User
from permissions.access import Access
from permissions.decisions import Refused, RefusedItems
from permissions.domain.members import add_member
from permissions.models import Membership
from tests.api.client import errors, problem
from tests.factories import PASSWORD
from tests.security.world import World

pytestmark = pytest.mark.django_db

WHY = {"acting_reason": "Joins on Monday"}
STAFF = "customers/admin/"
PEOPLE = "customers/users/"
WRONG = (
    "x@hectare.com.evil.com",
    "x@evil-hectare.com",
    "x@hectare.farm.evil.com",
    "x@evil-hectare.farm",
    "x@evilhectare.farm",
    "x@sub.hectare.farm",
    "x@hectare.farm@evil.com",
    "x@evil.com@hectare.farm",
    '"x@hectare.farm"@evil.com',
    '"x@evil.com"@hectare.farm',
    '"x y"@hectare.farm',
    "x@hect\u0430re.farm",  # a Cyrillic a
    "x@hectare\u3002farm",  # a full stop that IDNA reads as a dot
    "x@\uff48ectare.farm",  # a wide h, which NFKC makes a plain one
    "x@xn--hectre-6nf.farm",
    "\u0445@hectare.farm",  # a Cyrillic x before the @
    "x@hectare.farm.",
    "x@hectare.farm\n",
    "x@hectare.farm\r\nBcc: y@evil.com",
    "x\n@hectare.farm",
    "x@hectare.farm\x00",
    "x@hectare.farm\u200b",
    "x@hectare.far",
    "@hectare.farm",
    "hectare.farm",
    "",
)


# --- 18 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["a_owner", "b_viewer", "a_key", "deactivated", "anonymous"])
def test_attack_18_the_staffs_addresses_are_not_there_for_others(world: World, persona: str) -> None:
    api = world.api(persona)
    person, member = world.ids["usr_a_owner"], world.ids["usr_support"]
    for method, where, body in (
        ("GET", STAFF, None),
        ("POST", STAFF, {"email": "x@hectare.farm", "name": "X"}),
        ("GET", f"{STAFF}{member}/", None),
        ("PATCH", f"{STAFF}{member}/", {"administrator": True}),
        ("DELETE", f"{STAFF}{member}/", None),
        ("GET", PEOPLE, None),
        ("GET", f"{PEOPLE}{person}/", None),
        ("PATCH", f"{PEOPLE}{person}/", {"active": False}),
        ("POST", f"{PEOPLE}{person}/end-sessions/", None),
        ("POST", f"{PEOPLE}{person}/start-reset/", None),
        ("POST", f"{PEOPLE}{person}/clear-second-factor/", None),
    ):
        answer = api.send(method, where, body, **WHY)
        # Her session opens nothing: she is nobody, as one who never signed in.
        assert answer.status_code == (401 if persona in ("deactivated", "anonymous") else 404), (method, where)


# --- 59 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", WRONG)
def test_attack_59_only_our_own_domain_to_the_letter(world: World, email: str) -> None:
    before = User.objects.count()
    with pytest.raises(Invalid) as refused:
        staff.create_staff(world.acting("administrator"), email=email, name="X")
    assert [one.code for one in refused.value.errors] == ["staff_domain"]
    assert User.objects.count() == before


def test_attack_59_through_the_doors(world: World) -> None:
    api, desk = world.api("administrator"), world.client("administrator")
    before = set(User.objects.values_list("email", flat=True))
    for email in WRONG:
        refused = api.post(STAFF, {"email": email, "name": "X"}, **WHY)
        # The field takes off spaces and line breaks around an address, as everywhere; what is left is judged.
        expected = 201 if email == "x@hectare.farm\n" else 400
        assert refused.status_code == expected, email
    page = desk.post("/admin/customers/staffuser/add/", {"email": "x@sub.hectare.farm", "name": "X", "reason": "x"})
    assert (page.status_code, "Hectare staff have an address of @hectare.farm" in page.content.decode()) == (200, True)
    assert set(User.objects.values_list("email", flat=True)) - before == {"x@hectare.farm"}


@pytest.mark.parametrize("email", ["Xenia@Hectare.FARM", " xenia@hectare.farm "])
def test_attack_59_capitals_and_spaces_are_no_other_address(world: World, email: str) -> None:
    made = staff.create_staff(world.acting("administrator"), email=email, name="Xenia")
    assert made.email == "xenia@hectare.farm"
    with pytest.raises(Invalid) as refused:
        staff.create_staff(world.acting("administrator"), email="XENIA@hectare.farm", name="X")
    assert refused.value.errors[0].code == "taken"


def test_attack_59_more_domains_by_setting_and_none_without(world: World, settings: Any) -> None:
    settings.STAFF_EMAIL_DOMAINS = ["hectare.farm", "hectare.com"]
    assert staff.create_staff(world.acting("administrator"), email="x@hectare.com", name="X").is_staff
    settings.STAFF_EMAIL_DOMAINS = []
    with pytest.raises(Invalid):
        staff.create_staff(world.acting("administrator"), email="y@hectare.farm", name="Y")


def test_attack_59_who_has_not_confirmed_her_address_does_not_sign_in(world: World) -> None:
    """Whatever password she got hold of: the link in her mailbox comes first."""
    made = staff.create_staff(world.acting("administrator"), email="x@hectare.farm", name="X")
    User.objects.filter(pk=made.pk).update(password=make_password(PASSWORD))
    browser = Client()
    with zeal_ignore():  # allauth looks the address up more than once
        browser.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
    assert "_auth_user_id" not in browser.session
    assert not EmailAddress.objects.get(user=made).verified


# --- 60 -------------------------------------------------------------------------------------------------------------


def _signed_in(email: str) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    # Whatever changes how she signs in asks for the password once more.
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def test_attack_60_staff_keep_an_address_of_ours(world: World) -> None:
    browser = _signed_in("support@hectare.farm")
    for email in ("support@people.example", "support@hectare.farm.evil.com"):
        browser.post("/accounts/email/", {"email": email, "action_add": ""})
        assert not EmailAddress.objects.filter(email=email).exists()
    browser.post("/accounts/email/", {"email": "sue@hectare.farm", "action_add": ""})
    assert EmailAddress.objects.filter(email="sue@hectare.farm", verified=False).exists()


def test_attack_60_a_tenants_person_gets_no_address_of_ours(world: World) -> None:
    browser = _signed_in("a_viewer@people.example")
    for email in ("viewer@hectare.farm", "viewer@HECTARE.farm", "viewer@hectare.farm."):
        browser.post("/accounts/email/", {"email": email, "action_add": ""})
    assert EmailAddress.objects.filter(user=world.people["a_viewer"]).count() == 1
    with pytest.raises(Invalid, match="address of Hectare staff"):
        users.create_user(world.acting("support"), email="viewer@hectare.farm", name="V")


def test_attack_60_an_address_of_ours_makes_nobody_staff(world: World) -> None:
    user = world.people["a_viewer"]
    User.objects.filter(pk=user.pk).update(email="viewer@hectare.farm")
    access = Access.for_user(User.objects.get(pk=user.pk))
    assert (access.is_staff, access.organisation_ids()) == (False, frozenset({world.a.organisation.pk}))
    # Nor does an administrator make her one.
    for verb in (staff.edit_staff, staff.deactivate_staff, staff.reactivate_staff):
        with pytest.raises(Invalid) as refused:
            verb(world.acting("administrator"), user=user)
        assert refused.value.errors[0].code == "not_staff"
    with pytest.raises(Invalid):
        staff.create_staff(world.acting("administrator"), email="viewer@hectare.farm", name="V")


def test_attack_60_staff_belong_to_no_organisation(world: World) -> None:
    for user in (world.people["support"], world.people["administrator"]):
        with pytest.raises(Invalid):
            add_member(world.acting(), organisation=world.a.organisation, user=user, role=world.roles["viewer"])
    body = {"email": "support@hectare.farm", "name": "S", "role": world.ids["rol_viewer"]}
    for persona in ("a_owner", "administrator"):
        world.api(persona).post(f"organisations/{world.ids['a_org']}/users/", body, **WHY)
    assert not Membership.objects.filter(user__is_staff=True).exists()


# --- 61 -------------------------------------------------------------------------------------------------------------


def test_attack_61_no_account_is_shipped(db: None) -> None:
    assert not User.objects.exists()


def test_attack_61_the_first_one_by_the_command_and_of_our_domain(db: None) -> None:
    given: dict[str, Any] = {"interactive": False, "name": "First", "verbosity": 0}
    with pytest.raises(CommandError, match="Hectare staff have an address of @hectare"):
        call_command("createsuperuser", email="first@people.example", **given)
    call_command("createsuperuser", email="First@hectare.farm", **given)
    user = User.objects.get()
    assert (user.email, user.is_superuser, user.has_usable_password()) == ("first@hectare.farm", True, False)


def test_attack_61_nobody_else_makes_staff(world: World) -> None:
    before = set(User.objects.filter(is_staff=True))
    new = {"email": "x@hectare.farm", "name": "X"}
    for persona in ("a_owner", "a_key", "support"):
        for body in (new, {**new, "is_staff": True}, {**new, "is_superuser": True}, {**new, "administrator": True}):
            assert world.api(persona).post(STAFF, body, **WHY).status_code in (400, 403, 404)
    for actor in (world.access("a_owner"), world.access("administrator"), world.acting("support")):
        with pytest.raises(Refused) as refused:
            staff.create_staff(actor, email="x@hectare.farm", name="X")
        assert refused.value.decision.code == "S2"
    users_of = f"organisations/{world.ids['a_org']}/users/"
    person = {"email": "x@people.example", "name": "X", "role": world.ids["rol_viewer"], "is_staff": True}
    assert errors(world.api("a_owner").post(users_of, person)) == [("/is_staff", "unknown_field")]
    browser = Client()
    signed = {"email": "x@people.example", "name": "X", "is_staff": "on", "is_superuser": "on", "password1": PASSWORD}
    for page in ("/sign-up/", "/accounts/signup/"):
        browser.post(page, signed)
    assert set(User.objects.filter(is_staff=True)) == before


# --- 62 -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    cache.clear()


def _code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


STAFF_ONLY = ("/admin/", "/admin/customers/user/", "/admin/search/?q=a", "/organisations/", "/account/", "/")


@pytest.mark.usefixtures("asked")
def test_attack_62_without_a_second_factor_staff_see_nothing(world: World) -> None:
    """By no door, however the session came to be; they are led to set one up."""
    for browser in (_signed_in("administrator@hectare.farm"), world.client("administrator")):
        for where in STAFF_ONLY:
            answer = browser.get(where)
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/"), where
        for where in ("me/", "customers/", STAFF, PEOPLE, f"organisations/{world.ids['a_org']}/"):
            assert browser.get(f"/api/v1/{where}").json()["code"] == "second_factor_required"
        assert browser.post("/admin/customers/user/add/", {"email": "n@people.example"}).status_code == 302
    api = world.api("administrator")
    assert problem(api.post(STAFF, {"email": "x@hectare.farm", "name": "X"}, **WHY), 403, "second_factor_required")
    # The wall behind the door: without the middleware she is nobody all the same.
    assert not User.objects.filter(email="x@hectare.farm").exists()


@pytest.mark.usefixtures("asked")
def test_attack_62_the_wall_stands_without_the_door(world: World, settings: Any) -> None:
    gone = "customers.second_factor.StaffSecondFactor"
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != gone]
    browser = world.client("administrator")
    assert browser.get("/admin/").status_code == 302
    assert browser.get(f"/api/v1/{STAFF}").status_code == 404
    assert browser.get(f"/api/v1/organisations/{world.ids['a_org']}/").status_code == 404


@pytest.mark.usefixtures("asked")
def test_attack_62_setting_one_up_lets_her_in_and_signing_in_asks_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = _signed_in("administrator@hectare.farm")
    assert browser.get("/accounts/2fa/").status_code == 200
    browser.get("/accounts/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]
    with monkeypatch.context() as patched:
        # What allauth does when this is committed, it does now: the test's own transaction is never.
        patched.setattr(transaction, "on_commit", lambda run, *_, **__: run())
        browser.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert browser.get("/admin/").status_code == 200
    assert browser.get(f"/api/v1/{STAFF}").status_code == 200
    # Another session: the password alone is no session at all, at the site's sign-in and at the admin's.
    cache.clear()
    another = _signed_in("administrator@hectare.farm")
    assert "_auth_user_id" not in another.session
    assert another.get("/admin/").status_code == 302
    with zeal_ignore():  # allauth looks every session of hers up
        another.post("/accounts/2fa/authenticate/", {"code": _code(secret)})
    assert another.get("/admin/").status_code == 200


@pytest.mark.usefixtures("asked")
def test_attack_62_who_has_one_shows_it_before_she_adds_or_removes_any(world: World) -> None:
    """A session in which it was not shown opens none of the pages that would get round it."""
    user = world.people["administrator"]
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    browser = world.client("administrator")
    for where in (
        "/admin/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/email/",
        "/accounts/password/change/",
    ):
        for answer in (browser.get(where), browser.post(where, {"code": "000000"})):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/accounts/2fa/reauthenticate/"), where
    assert Authenticator.objects.filter(user=user).count() == 1
    browser.post("/accounts/2fa/reauthenticate/", {"code": _code(secret)})
    assert browser.get("/admin/").status_code == 200


@pytest.mark.usefixtures("asked")
def test_attack_62_when_it_is_cleared_she_is_nobody_at_once(world: World) -> None:
    user = world.people["support"]
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    browser = world.client("support")
    browser.post("/accounts/2fa/reauthenticate/", {"code": _code(secret)})
    assert browser.get("/admin/").status_code == 200
    support.clear_second_factor(world.acting("administrator"), user=user)
    assert browser.get("/admin/").status_code == 302
    assert browser.get(f"/api/v1/{STAFF}").status_code in (401, 403)


@pytest.mark.usefixtures("asked")
def test_attack_62_customers_people_are_not_asked(world: World) -> None:
    assert world.client("a_owner").get("/account/").status_code == 200
    assert world.api("a_key").get("me/").status_code == 200


# --- 63 -------------------------------------------------------------------------------------------------------------


def test_attack_63_support_changes_no_rights_and_no_other_staff(world: World) -> None:
    before = list(User.objects.order_by("pk").values("is_superuser", "is_staff", "is_active", "name", "password"))
    api, desk = world.api("support"), world.client("support")
    boss, own = world.people["administrator"], world.people["support"]
    for user in (boss, own):
        for body in ({"administrator": True}, {"name": "X"}, {"active": False}):
            assert problem(api.patch(f"{STAFF}{user.public_id}/", body, **WHY), 403, "refused")["rule"] == "S2"
        for field in ("is_superuser", "groups", "user_permissions", "is_staff"):
            assert api.patch(f"{PEOPLE}{user.public_id}/", {field: True}, **WHY).status_code == 400
        for act in ("end-sessions", "start-reset", "clear-second-factor"):
            assert api.post(f"{PEOPLE}{user.public_id}/{act}/", **WHY).status_code == 403
            page = f"/admin/customers/staffuser/{user.pk}/act/{act}/"
            assert desk.post(page, {"reason": "x"}).status_code == 200
            assert desk.post(page.replace("staffuser", "user"), {"reason": "x"}).status_code == 200
    assert problem(api.patch(f"{PEOPLE}{boss.public_id}/", {"active": False}, **WHY), 403, "refused")
    sent = {"name": "X", "administrator": "on", "is_superuser": "on", "groups": "1", "user_permissions": "1"}
    for model in ("staffuser", "user"):
        for user in (boss, own):
            desk.post(f"/admin/customers/{model}/{user.pk}/change/", {**sent, "reason": "x"})
    boss_and_own = list(User.objects.order_by("pk").values("is_superuser", "is_staff", "is_active", "name", "password"))
    # Her own name is hers to change, in the admin as on her own page.
    assert [{**row, "name": ""} for row in boss_and_own] == [{**row, "name": ""} for row in before]
    assert User.objects.get(pk=boss.pk).name == "Administrator"


def test_attack_63_two_administrators_who_shut_each_other_out_take_turns(world: World) -> None:
    one = world.acting("administrator")
    other = staff.create_staff(one, email="x@hectare.farm", name="X", administrator=True)
    another = Access.for_user(other).acting("Now I")
    staff.edit_staff(one, user=other, administrator=False)
    # She read what she may before it was taken from her.
    with pytest.raises(Refused) as refused:
        staff.deactivate_staff(another, user=world.people["administrator"])
    assert refused.value.decision.code == "S2"
    for values in ({"administrator": False}, {"active": False}):
        with pytest.raises(Invalid):
            staff.change_staff(one, user=world.people["administrator"], **values)  # type: ignore[arg-type]


def test_administrators_help_staff_and_not_themselves(world: World) -> None:
    boss = world.acting("administrator")
    support.end_all_sessions(boss, user=world.people["support"])
    with pytest.raises(Invalid):
        support.end_all_sessions(boss, user=world.people["administrator"])


# --- 65 -------------------------------------------------------------------------------------------------------------


def _many(count: int) -> list[User]:
    return User.objects.bulk_create(User(email=f"n{n}@people.example", name=f"N {n}") for n in range(count))


def _events(user: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_userevent WHERE pgh_obj_id = %s AND NOT is_active", [user.pk])
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def test_attack_65_a_thousand_with_forbidden_ones_among_them_nothing_is_done(world: World) -> None:
    people = _many(998)
    forbidden = [world.people["administrator"], world.people["b_owner"]]
    with pytest.raises(RefusedItems) as refused:
        support.shut_out_many(world.acting(), users=[*people, *forbidden])
    assert {key: one.code for key, one in refused.value.decisions.items()} == {
        world.ids["usr_administrator"]: "S1",
        world.ids["usr_b_owner"]: "U7",
    }
    assert User.objects.filter(is_active=False).count() == 1
    with CaptureQueriesContext(connection) as seen:
        assert support.shut_out_many(world.acting(), users=people) == 998
    assert len(seen) < 998 + 25  # one for each one's sessions
    assert User.objects.filter(is_active=False).count() == 999
    assert {_events(people[0]), _events(people[500]), _events(people[-1])} == {1}


def test_attack_65_in_the_admin_it_says_so(world: World) -> None:
    desk, page = world.client("support"), "/admin/customers/user/"
    sent: dict[str, Any] = {"action": "shut_out", "confirmed": "yes", "reason": "They asked"}
    viewer, owner, boss = (world.people[name].pk for name in ("a_viewer", "b_owner", "administrator"))
    refused = desk.post(page, {**sent, "_selected_action": [viewer, owner]}).content.decode()
    assert "Nothing was done: 1 of the 2 cannot be deactivated." in refused
    assert "U7" in refused
    told = desk.post(page, {**sent, "_selected_action": [viewer, boss]}, follow=True).content.decode()
    assert "Nothing was done." in told
    assert User.objects.get(pk=viewer).is_active
    assert desk.post(page, {**sent, "_selected_action": range(1, 1001)}).status_code == 400
    first = desk.post(page, {"action": "shut_out", "_selected_action": [viewer]})
    assert "All 1 that you chose" in first.content.decode()
    assert desk.post(page, {**sent, "_selected_action": [viewer]}).status_code == 302
    assert not User.objects.get(pk=viewer).is_active
    assert world.client("a_owner").post(page, {**sent, "_selected_action": [viewer]}).status_code == 302
