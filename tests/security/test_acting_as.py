"""Attack 64: staff who act as a customer's person. Who may, what ends it, what stays hers, and what the trail says."""

from __future__ import annotations

import csv as reader
import io
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common import clock
from common.errors import Conflict, ReauthenticationRequired
from customers.domain import accounts, answers, erasure, exports, staff, users
from customers.domain import impersonation as verbs
from customers.domain.ownership import give_ownership
from customers.models import Export, Impersonation, User
from customers.tasks import end_acting
from mails.models import Mail
from mails.tasks import deliver
from organisations.domain import organisations
from permissions import engine, impersonation, trail
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Refused
from permissions.domain import members
from permissions.models import Membership, Role
from permissions.policies import of_organisation
from permissions.trail import Filters
from tests.api.client import Api, problem
from tests.factories import PASSWORD, UserFactory
from tests.security.matrix import SIGN_IN, addresses
from tests.security.world import World, build, furnish
from tests.worlds import kept, once_more

pytestmark = pytest.mark.django_db

WHY: Final = "Cannot find her fees, asked by telephone"
ANNA: Final = "a_owner"
SECOND: Final = "second"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, Client]]:
    """One world, and the browser of a second administrator who acts as A's owner, for tables."""

    def make() -> tuple[World, Client]:
        world = furnish(build())
        # The database's clock stands still in a transaction: they have belonged to it since yesterday.
        Membership.objects.update(created_at=clock.now() - timedelta(days=1))
        world.people[SECOND] = UserFactory.create(
            email=f"{SECOND}@hectare.farm", name="Second", is_staff=True, is_superuser=True
        )
        return world, acting(world, by=SECOND)

    with kept(django_db_blocker, make) as one:
        yield one


@pytest.fixture
def world(made: tuple[World, Client], db: None) -> World:
    """As it was made."""
    return deepcopy(made[0])


@pytest.fixture
def browsing(made: tuple[World, Client]) -> Client:
    """The browser in which somebody acts as A's owner already."""
    return once_more(made[1])


def ours() -> Any:
    """What the administrator of the tests has begun."""
    return Impersonation.objects.exclude(staff__email__startswith=SECOND)


def signed_in(world: World, persona: str = "administrator") -> Client:
    """A browser in which somebody has just typed her password."""
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": world.people[persona].email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def page_for(world: World, persona: str = ANNA) -> str:
    """The page on which one begins to act as somebody."""
    return reverse("admin:customers_user_act", args=[world.people[persona].pk, "act-as"])


def acting(world: World, persona: str = ANNA, by: str = "administrator") -> Client:
    """The browser of an administrator who acts as somebody."""
    browser = signed_in(world, by)
    answer = browser.post(page_for(world, persona), {"reason": WHY})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return browser


def who(browser: Client) -> str:
    """Who a browser is taken for, by the API; nobody: the code of the refusal."""
    told = browser.get("/api/v1/me/").json()
    return str(told.get("id") or told.get("user", {}).get("id") or told["code"])


def impersonated(world: World, persona: str = ANNA) -> Access:
    """The access of a person whom the administrator acts as."""
    boss = world.people["administrator"]
    row = Impersonation(staff=boss, user=world.people[persona], reason=WHY)
    return world.access(persona).acted_as_by(verbs.impersonator(row))


def ended() -> str:
    """How the only one that there is ended; empty while it runs."""
    return str(ours().get().ended_by)


# --- beginning ------------------------------------------------------------------------------------------------------


def test_attack_64_an_administrator_acts_as_a_person_and_is_herself_again(world: World) -> None:
    anna, boss = world.people[ANNA], world.people["administrator"]
    browser = signed_in(world)
    asked = browser.get(page_for(world)).content.decode()
    for words in (
        "Act as this user",
        "Reason",
        "What cannot be done while you act as somebody else",
        *impersonation.labels(),
    ):
        assert words[1:] in asked.replace("&#x27;", "'"), words
    assert who(browser) == boss.public_id
    assert browser.post(page_for(world), {"reason": WHY})["Location"] == "/"
    home = browser.get("/")
    assert "You act as A Owner now, until" in home.content.decode()
    assert who(browser) == anna.public_id
    # She sees and does what Anna may, and no more.
    assert browser.get(f"/organisations/{world.ids['a_org']}/").status_code == 200
    assert browser.get(f"/organisations/{world.ids['b_org']}/").status_code == 404
    stopped = browser.post(reverse("stop_acting"))
    assert stopped["Location"] == reverse("admin:customers_user_change", args=[anna.pk])
    assert "You have stopped acting as A Owner" in browser.get(stopped["Location"]).content.decode()
    assert (who(browser), ended()) == (boss.public_id, "stopped")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_attack_64_without_a_reason_nothing_begins(world: World, reason: str) -> None:
    browser = signed_in(world)
    assert browser.post(page_for(world), {"reason": reason}).status_code == 200
    assert browser.get(page_for(world)).status_code == 200
    assert (who(browser), ours().count()) == (world.people["administrator"].public_id, 0)


#: As whom, and what is said.
NOT_AS: Final = {
    "support": ("S3", "account of Hectare staff"),
    "administrator": ("S3", "It is you"),
    "deactivated": ("S3", "Let the person in again first"),
}


@pytest.mark.parametrize("persona", NOT_AS)
def test_attack_64_not_as_staff_oneself_or_a_closed_account(world: World, persona: str) -> None:
    code, words = NOT_AS[persona]
    browser = signed_in(world)
    answer = browser.post(page_for(world, persona), {"reason": WHY})
    text = answer.content.decode().replace("&#x27;", "'")
    assert (answer.status_code, f"{code}: " in text, words in text) == (200, True, True)
    assert (
        "act/act-as/"
        not in browser.get(reverse("admin:customers_user_change", args=[world.people[persona].pk])).content.decode()
    )
    with pytest.raises(Refused) as refused:
        verbs.act_as(world.acting("administrator"), user=world.people[persona], session_key="x", fresh=True)
    assert refused.value.decision.code == code
    assert ours().count() == 0


def test_attack_64_not_as_somebody_erased(world: World) -> None:
    gone = world.people["b_viewer"]
    erasure.erase_person(world.acting("administrator"), user=gone)
    with pytest.raises(Refused, match="was erased"):
        verbs.act_as(world.acting("administrator"), user=gone, session_key="x", fresh=True)


#: Who asks, and what she gets of the page, asking and doing.
OTHERS: Final = {
    "anonymous": (302, 302),
    "a_owner": (302, 302),
    "a_viewer": (302, 302),
    "deactivated": (302, 302),
    "support": (200, 200),
}


@pytest.mark.parametrize("persona", OTHERS)
def test_attack_64_nobody_without_the_permission(world: World, persona: str) -> None:
    browser = world.client(persona)
    found = tuple(
        one.status_code for one in (browser.get(page_for(world)), browser.post(page_for(world), {"reason": WHY}))
    )
    assert found == OTHERS[persona]
    if persona == "support":
        assert "S3: Only staff administrators" in browser.post(page_for(world), {"reason": WHY}).content.decode()
    assert ours().count() == 0


def test_attack_64_no_other_door_begins_it(world: World) -> None:
    """Only by the form, with its token; the API has no address for it."""
    browser = signed_in(world)
    browser.get(page_for(world))
    browser.put(page_for(world), {"reason": WHY})
    assert Client(enforce_csrf_checks=True).post(page_for(world), {"reason": WHY}).status_code == 403
    assert ours().count() == 0
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(page_for(world), {"reason": WHY}).status_code == 403
    assert [one.route for one in addresses() if one.is_api and re.search(r"\bact\b|impersonat", one.route)] == []
    with pytest.raises(Refused):
        verbs.act_as(world.access("administrator"), user=world.people[ANNA], session_key="x", fresh=True)


def test_attack_64_she_has_just_shown_who_she_is(world: World) -> None:
    # Signed in by other ways than her password: nothing says that it was she.
    browser = world.client("administrator")
    for answer in (browser.get(page_for(world)), browser.post(page_for(world), {"reason": WHY})):
        text = answer.content.decode()
        assert (answer.status_code, "confirm who you are" in text) == (200, True)
        assert f"/accounts/reauthenticate/?next={page_for(world).replace('/', '%2F')}" in text
    assert "Confirm who you are first" in text
    with pytest.raises(ReauthenticationRequired):
        verbs.act_as(world.acting("administrator"), user=world.people[ANNA], session_key="x", fresh=False)
    assert ours().count() == 0


def test_attack_64_and_her_second_factor_in_this_session(world: World, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    browser = signed_in(world)
    assert browser.post(page_for(world), {"reason": WHY})["Location"] == "/accounts/2fa/"
    assert ours().count() == 0


def test_attack_64_nested_is_refused_at_every_door(world: World) -> None:
    browser = acting(world)
    for persona in ("a_viewer", "support", ANNA):
        answer = browser.post(page_for(world, persona), {"reason": WHY})
        assert (answer.status_code, "Stop acting first" in answer.content.decode()) == (403, True)
    with pytest.raises(Refused) as refused:
        verbs.act_as(impersonated(world), user=world.people["a_viewer"], session_key="x", fresh=True)
    assert refused.value.decision.code == "S4"
    # Nor in a second browser of hers; in the first one nothing changes.
    again = signed_in(world)
    assert "in another browser" in again.post(page_for(world, "b_owner"), {"reason": WHY}).content.decode()
    with pytest.raises(Conflict):
        verbs.act_as(world.acting("administrator"), user=world.people["b_owner"], session_key="x", fresh=True)
    assert (who(browser), ours().count()) == (world.people[ANNA].public_id, 1)


def test_attack_64_the_database_holds_it_too(world: World) -> None:
    boss, anna, now = world.people["administrator"], world.people[ANNA], clock.now()
    hour = {"began_at": now, "ends_at": now + timedelta(minutes=60)}
    good = {"staff": boss, "user": anna, "reason": WHY, "session_hash": "x", **hour}
    Impersonation.objects.create(**good)
    for name, wrong in {
        "acts_as_one_at_a_time": good,
        "acts_as_somebody_else": {**good, "user": boss, "ended_at": now, "ended_by": "time"},
        "acts_an_hour_at_most": {**good, "ends_at": now + timedelta(minutes=60, seconds=1)},
        "acting_ended_somehow": {**good, "ended_at": now},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Impersonation.objects.create(**wrong)


# --- ending ---------------------------------------------------------------------------------------------------------


def _hour(world: World, moved: Any) -> None:
    moved.shift(timedelta(minutes=60, seconds=1))


def _session_hours(world: World, moved: Any) -> None:
    moved.shift(timedelta(hours=25))


def _demoted(world: World, moved: Any) -> None:
    User.objects.filter(pk=world.people["administrator"].pk).update(is_superuser=False)


def _shut_out(world: World, moved: Any) -> None:
    User.objects.create(email="boss@hectare.farm", name="Boss", is_staff=True, is_superuser=True)
    actor = Access.for_user(User.objects.get(email="boss@hectare.farm")).acting("Leaves")
    staff.deactivate_staff(actor, user=world.people["administrator"])


def _sessions_ended(world: World, moved: Any) -> None:
    accounts.end_sessions(world.people["administrator"])


def _new_password(world: World, moved: Any) -> None:
    user = User.objects.get(pk=world.people["administrator"].pk)
    user.set_password("seven brown hens 1")
    user.save()


def _target_closed(world: World, moved: Any) -> None:
    users.edit_user(world.acting("support"), user=world.people["a_viewer"], is_active=False)


def _target_staff(world: World, moved: Any) -> None:
    User.objects.filter(pk=world.people["a_viewer"].pk).update(is_staff=True)


def _said_elsewhere(world: World, moved: Any) -> None:
    row = ours().get()
    verbs.stop_acting(verbs.her_own(row), acting=row)


#: What happens, how it is told to have ended, and whether her own session goes on.
ENDS: Final[dict[str, tuple[Callable[[World, Any], None], str, bool]]] = {
    "an hour": (_hour, "time", True),
    "the hours of the session": (_session_hours, "time", False),
    "no administrator any more": (_demoted, "lapsed", True),
    "shut out": (_shut_out, "session", False),
    "sessions ended": (_sessions_ended, "session", False),
    "a new password": (_new_password, "session", False),
    "the person is shut out": (_target_closed, "lapsed", True),
    "the person becomes staff": (_target_staff, "lapsed", True),
    "stopped elsewhere": (_said_elsewhere, "stopped", True),
}


@pytest.mark.parametrize("what", ENDS)
def test_attack_64_it_ends(world: World, what: str) -> None:
    happens, how, goes_on = ENDS[what]
    with time_machine.travel(timezone.now(), tick=False) as moved:
        browser = acting(world, "a_viewer")
        assert who(browser) == world.people["a_viewer"].public_id
        happens(world, moved)
        # What is sent now is done in nobody's name: neither the person's nor the staff person's own.
        answer = browser.post("/account/name/", {"name": "Somebody"})
        assert answer.status_code == 302
        if goes_on:
            assert answer["Location"].startswith("/admin/customers/user/")
            assert who(browser) == world.people["administrator"].public_id
        else:
            assert answer["Location"].startswith("/accounts/login/")
            assert who(browser) == "unauthenticated"
        assert ended() == how
    assert not User.objects.filter(name="Somebody").exists()


def test_attack_64_the_api_is_told_and_does_nothing(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        browser = acting(world)
        moved.shift(timedelta(minutes=61))
        api = Api()
        api.client = browser
        where = f"organisations/{world.ids['a_org']}/"
        problem(api.patch(where, {"town": "Bude"}, if_match="*"), 403, "acting_ended")
        assert who(browser) == world.people["administrator"].public_id
        world.a.organisation.refresh_from_db()
        assert world.a.organisation.town == "Exeter"


def test_attack_64_a_part_of_a_page_leads_the_whole_page_away(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        browser = acting(world)
        moved.shift(timedelta(minutes=61))
        answer = browser.get("/cycles/", headers={"HX-Request": "true"})
        assert answer["HX-Redirect"].startswith("/admin/customers/user/")


def test_attack_64_signing_out_ends_both(world: World) -> None:
    browser = acting(world)
    old = browser.cookies["sessionid"].value
    assert browser.post("/accounts/logout/").status_code == 302
    assert (who(browser), ended()) == ("unauthenticated", "session")
    replayed = Client()
    replayed.cookies["sessionid"] = old
    assert who(replayed) == "unauthenticated"


def test_attack_64_who_signs_out_too_late_is_signed_out(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        browser = acting(world)
        moved.shift(timedelta(minutes=61))
        browser.post("/accounts/logout/")
        assert (who(browser), ended()) == ("unauthenticated", "time")


def test_attack_64_without_the_second_factor_of_the_session(world: World, settings: Any) -> None:
    """Cleared by a colleague while she acts."""
    browser = acting(world)
    settings.STAFF_SECOND_FACTOR = True
    assert not Authenticator.objects.filter(user=world.people["administrator"]).exists()
    assert browser.get("/cycles/").status_code == 302
    assert (who(browser), ended()) == ("second_factor_required", "lapsed")


def test_attack_64_another_session_of_hers_is_not_it(world: World) -> None:
    """The name of what goes on is of no use in another session, were it put there."""
    acting(world)
    other = signed_in(world)
    session = other.session
    session["hectare_acts_as"] = ours().get().public_id
    session.save()
    other.get("/cycles/")
    assert (who(other), ended()) == (world.people["administrator"].public_id, "")


def test_attack_64_the_setting_makes_it_shorter_and_never_longer(world: World, settings: Any) -> None:
    for minutes, expected in ((5, 5), (600, 60)):
        settings.ACT_AS_MINUTES = minutes
        row = verbs.act_as(world.acting("administrator"), user=world.people[ANNA], session_key="x", fresh=True)
        assert row.ends_at - row.began_at == timedelta(minutes=expected)
        verbs.stop_acting(verbs.her_own(row), acting=row)


def test_attack_64_what_nobody_came_back_to_is_written_down(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        acting(world)
        end_acting(0)
        assert ended() == ""
        moved.shift(timedelta(hours=3))
        end_acting(0)
        row = ours().get()
        assert (row.ended_by, row.ended_at) == ("time", row.ends_at)
        # And who had left it so begins anew.
        verbs.act_as(world.acting("administrator"), user=world.people["b_owner"], session_key="x", fresh=True)


def test_attack_64_an_old_one_makes_room_without_the_job(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        acting(world)
        moved.shift(timedelta(minutes=61))
        verbs.act_as(world.acting("administrator"), user=world.people["b_owner"], session_key="x", fresh=True)
    assert sorted(ours().values_list("ended_by", flat=True)) == ["", "time"]


def test_who_acts_as_nobody_stops_nothing(world: World) -> None:
    for persona, where in (("a_owner", "/"), ("support", "/admin/")):
        assert world.client(persona).post(reverse("stop_acting"))["Location"] == where
    assert world.client("a_owner").get(reverse("stop_acting")).status_code == 405


# --- nothing tells that the person had signed in --------------------------------------------------------------------


def test_attack_64_the_persons_sign_ins_and_sessions_are_untouched(world: World) -> None:
    hers = signed_in(world, ANNA)
    before = User.objects.values_list("last_login", "password", "updated_at").get(pk=world.people[ANNA].pk)
    sessions = set(UserSession.objects.filter(user=world.people[ANNA]).values_list("pk", "session_key", "last_seen_at"))
    browser = acting(world)
    browser.get("/")
    browser.get(f"/organisations/{world.ids['a_org']}/people/")
    browser.post(reverse("stop_acting"))
    assert User.objects.values_list("last_login", "password", "updated_at").get(pk=world.people[ANNA].pk) == before
    after = set(UserSession.objects.filter(user=world.people[ANNA]).values_list("pk", "session_key", "last_seen_at"))
    assert (after, len(after)) == (sessions, 1)
    listed = hers.get("/accounts/sessions/")
    assert [one.user_id for one in listed.context["sessions"]] == [world.people[ANNA].pk]


def test_attack_64_she_is_told_by_mail_and_what_stands_there_cannot_be_clicked(world: World) -> None:
    browser = signed_in(world)
    browser.post(page_for(world), {"reason": "See https://evil.example <b>now</b>"})
    (posted,) = Mail.objects.filter(kind="acted_as", about=ours().get().public_id)
    assert (posted.recipient, posted.data) == (world.people[ANNA].email, {})
    deliver(posted.public_id)
    text = str(mail.outbox[0].body)
    assert "Administrator of Hectare acts as you" in text
    assert "https://evil.example" not in text
    User.objects.filter(pk=world.people[ANNA].pk).update(is_active=False)
    again = Mail.objects.create(kind="acted_as", recipient=posted.recipient, about=posted.about)
    deliver(again.public_id)
    assert len(mail.outbox) == 1


# --- what stays hers --------------------------------------------------------------------------------------------------

#: Pages that are refused besides everything under /accounts/ and /admin/: name, what fills it in, what is sent.
PAGES: Final[list[tuple[str, str, dict[str, Any] | None]]] = [
    ("api_key_create", "a_org", None),
    ("api_key_create", "a_org", {"name": "Till", "role": "{rol_owner}", "scopes": ["view"], "scope": "all"}),
    ("api_key_revoke", "a_org a_key", None),
    ("api_key_revoke", "a_org a_key", {}),
    ("ownership", "a_org", {"recipient": "{a_mem_viewer}", "giver_role": "{rol_manager}"}),
    ("ownership_cancel", "a_org a_otr", {}),
    ("person_change", "a_org a_mem_viewer", {"role": "{rol_owner}", "scope": "all", "confirmed": "yes"}),
    ("person_deactivate", "a_org a_mem_deactivated", {"confirmed": "yes"}),
    ("person_remove", "a_org a_mem_deactivated", {"confirmed": "yes"}),
    ("claim_invite", "a_org shell_con", None),
    ("exports", "a_org", None),
    ("exports", "a_org", {}),
    ("audit_file", "a_org", None),
    ("my_data", "", {}),
    ("export_download", "a_exp", None),
    ("erase_me", "", None),
    ("erase_me", "", {"confirmed": "yes"}),
    ("membership_leave", "a_mem_owner", None),
    ("membership_leave", "a_mem_owner", {"confirmed": "yes"}),
    ("invitation_open", "", None),
    ("invitation_open", "", {"answer": "accept"}),
    ("invitation", "token", None),
    ("sign_up", "", None),
    ("set_password", "token token", None),
]


def _ids(world: World) -> dict[str, str]:
    from organisations.models import Connection

    record = Connection.objects.get(organisation=world.a.organisation, other=world.shell)
    return {**world.ids, "shell_con": record.public_id, "token": "x" * 43}


@pytest.mark.parametrize(("name", "things", "sent"), PAGES, ids=str)
def test_attack_64_pages_of_what_is_hers(
    world: World, browsing: Client, name: str, things: str, sent: dict[str, Any] | None
) -> None:
    ids = _ids(world)
    where = reverse(name, args=[ids[one] for one in things.split()])
    before = _state()
    browser = once_more(browsing)
    data = {key: value.format(**ids) if isinstance(value, str) else value for key, value in (sent or {}).items()}
    answer = browser.get(where) if sent is None else browser.post(where, {"version": 1, **data}, follow=True)
    text = answer.content.decode()
    # A form that offers nothing of it refuses what it did not offer.
    assert answer.status_code == (422 if name in ("ownership", "person_change") else 403), text
    assert name == "person_change" or "Rule S4" in text
    assert "You act as A Owner." in text
    assert _state() == before


def _state() -> Any:
    return (
        list(User.objects.order_by("pk").values_list("email", "password", "is_active")),
        list(Membership.objects.order_by("pk").values_list("role", "is_active")),
        list(Export.objects.order_by("pk").values_list("downloads", "status")),
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_attack_64_everything_that_signs_in_is_refused(world: World, browsing: Client, method: str) -> None:
    """Every address under /accounts/, allauth's and ours, but the way out."""
    found = {}
    for one in addresses():
        if one.route.startswith("accounts/") and one.name != "account_logout":
            where = reverse(one.name, args=["1"] * one.route.count("<"))
            found[one.name] = getattr(once_more(browsing), method)(where).status_code
    assert found == dict.fromkeys(set(SIGN_IN) - {"account_logout"}, 403)


def test_attack_64_the_staffs_site_is_refused(world: World, browsing: Client) -> None:
    for where in (
        "/admin/",
        "/admin/login/",
        "/admin/customers/user/",
        "/admin/audit-trail/?csv=1",
        "/admin/search/?q=a",
    ):
        answer = once_more(browsing).get(where)
        assert (answer.status_code, "Stop acting first" in answer.content.decode()) == (403, True), where


#: Of the API, with the person's session: method, address, what is sent.
API: Final[list[tuple[str, str, Any]]] = [
    ("POST", "organisations/{a_org}/api-keys/", {"name": "Till", "role": "{rol_owner}", "scopes": ["view"]}),
    ("DELETE", "api-keys/{a_key}/", None),
    ("POST", "organisations/{a_org}/ownership-transfers/", {"recipient": "{a_mem_viewer}"}),
    ("POST", "ownership-transfers/{a_otr}/cancel/", None),
    ("PATCH", "organisations/{a_org}/users/{a_mem_viewer}/", {"role": "{rol_owner}"}),
    ("POST", "organisations/{a_org}/users/{a_mem_deactivated}/deactivate/", None),
    ("DELETE", "organisations/{a_org}/users/{a_mem_deactivated}/", None),
    ("DELETE", "organisations/{a_org}/users/{a_mem_owner}/", None),
    ("POST", "organisations/{a_org}/users/", {"email": "n@people.example", "name": "N", "role": "{rol_owner}"}),
    ("POST", "invitations/", {"organisation": "{a_org}", "email": "n@people.example", "role": "{rol_owner}"}),
    ("POST", "invitations/", {"kind": "claim", "organisation": "{shell}", "email": "n@people.example"}),
    ("POST", "invitations/accept/", {"token": "x"}),
    ("POST", "invitations/decline/", {"token": "x"}),
    ("POST", "organisations/{a_org}/exports/", {}),
    ("POST", "me/exports/", {}),
    ("GET", "exports/{a_exp}/download/?token=x", None),
    ("DELETE", "customers/{a_org}/", None),
    ("DELETE", "organisations/{a_org}/", None),
]


@pytest.mark.parametrize(("method", "where", "body"), API, ids=str)
def test_attack_64_the_api_refuses_what_is_hers(
    world: World, browsing: Client, method: str, where: str, body: Any
) -> None:
    ids = _ids(world)
    sent = {k: v.format(**ids) if isinstance(v, str) else v for k, v in body.items()} if body is not None else None
    api, before = Api(), _state()
    api.client = once_more(browsing)
    told = problem(api.send(method, where.format(**ids), sent, if_match="*"), 403, "refused")
    assert (told["rule"], bool(told["remedies"])) == ("S4", True)
    assert _state() == before


def test_attack_64_one_rule_for_lists_decisions_and_explanations(world: World) -> None:
    anna, acted = world.access(ANNA), impersonated(world)
    target = of_organisation(world.a.organisation)
    for action in (Action.API_KEY_MANAGE, Action.OWNERSHIP_GIVE, Action.ORGANISATION_EXPORT):
        assert engine.decide(anna, action, target), action
        refusal = engine.decide(acted, action, target)
        assert (refusal.code, len(refusal.remedies), bool(refusal.reason)) == ("S4", 1, True)
        assert (engine.allowed(anna, action, target).count(), engine.allowed(acted, action, target).count()) == (1, 0)
        assert {one.code for one in engine.decide_each(acted, action, target).values()} == {"S4"}
        explained = engine.explain(acted, action, target)
        assert "S4" in dict(explained.general)
        assert "S4" not in dict(engine.explain(anna, action, target).general)
    # The person herself is decided on as before, and so is all else.
    assert engine.decide(acted, Action.MEMBERSHIP_MANAGE, target)
    # What she may not know of stays unknown.
    assert engine.decide(acted, Action.API_KEY_MANAGE, of_organisation(world.b.organisation)).code == "X2"
    assert {one for kept_ in impersonation.KEPT for one in kept_.actions} == set(impersonation.ACTIONS)


def test_attack_64_verbs_refuse_whoever_calls_them(world: World) -> None:
    acted, owner = impersonated(world), Role.objects.get(organisation=None, key="owner")
    viewer = world.a.members["viewer"]
    deeds: list[Callable[[], Any]] = [
        lambda: members.change_member(acted, membership=viewer, role=owner),
        lambda: members.set_member_active(acted, membership=world.a.members["deactivated"], active=False),
        lambda: members.remove_member(acted, membership=world.a.members["deactivated"]),
        lambda: members.leave(acted, membership=world.a.members["owner"]),
        lambda: give_ownership(acted, organisation=world.a.organisation, recipient=viewer),
        lambda: answers.accept(acted, token=world.b.token),
        lambda: answers.decline(acted, token=world.b.token),
        lambda: exports.export_own(acted),
        lambda: exports.download(acted, export=world.a.export, token=exports.link_token(world.a.export)),
        lambda: erasure.erase_person(acted, user=world.people[ANNA]),
        lambda: trail.every_row(acted, world.a.organisation, Filters()),
    ]
    for deed in deeds:
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.decision.code == "S4"
    # What is not hers alone goes on: another role than the owner's, for somebody who is none.
    manager = Role.objects.get(organisation=None, key="manager")
    assert members.change_member(acted, membership=viewer, role=manager).role == manager


def test_attack_64_what_cannot_be_done_is_greyed_with_its_reason(world: World, browsing: Client) -> None:
    org = world.ids["a_org"]
    for where, label in (
        (f"/organisations/{org}/api-keys/", "New API key"),
        (f"/organisations/{org}/audit/", "Download as CSV"),
        ("/account/data/", "Ask for my data"),
        ("/account/", "Leave"),
        (f"/organisations/{org}/connections/", "Invite"),
    ):
        text = " ".join(once_more(browsing).get(where).content.decode().split())
        assert f"disabled>{label}</button>" in text, where
        assert "Rule S4" in text
    assert "How A Owner signs in is nobody else" in once_more(browsing).get("/account/").content.decode()
    assert "not in their place" in once_more(browsing).get(f"/organisations/{org}/ownership/").content.decode()


def test_attack_64_an_api_key_is_its_organisations_whatever_comes_with_it(world: World, browsing: Client) -> None:
    api = world.api("a_key")
    api.client = once_more(browsing)
    answer = api.patch(f"organisations/{world.ids['a_org']}/", {"town": "Bude"}, if_match="*")
    assert answer.status_code == 200
    (event,) = trail.of_tenant(world.access(ANNA), world.a.organisation, Filters(verb="edit_organisation")).entries
    assert (event.actor, event.impersonator) == (world.a.key.public_id, "")


# --- the banner -------------------------------------------------------------------------------------------------------


def _banner_in(text: str) -> bool:
    return all(
        one in text
        for one in (
            'aria-label="Acting as a user"',
            "You act as A Owner.",
            'action="/account/stop-acting/"',
            "Stop acting",
            "csrfmiddlewaretoken",
            "<title>Acting as A Owner: ",
        )
    )


def test_attack_64_every_page_is_built_on_a_template_with_the_banner() -> None:
    """There are two that a page can be built on, besides the admin's, which is refused, and that of the mails."""
    templates = Path(settings.BASE_DIR) / "templates"
    whole = {str(one.relative_to(templates)): one.read_text() for one in templates.rglob("*.html")}
    bodies = {name for name, text in whole.items() if "<body" in text}
    assert bodies == {"base.html", "mails/base.html", "pages/error.html"}
    for name in bodies - {"mails/base.html"}:
        assert '{% include "components/acting_as.html" %}' in whole[name]


@pytest.mark.parametrize("where", ["/", "/cycles/", "/organisations/{a_org}/people/", "/account/", "/api/v1/docs/"])
def test_attack_64_the_banner_is_on_every_page(world: World, browsing: Client, where: str) -> None:
    answer = browsing.get(where.format(**world.ids))
    assert (answer.status_code, _banner_in(answer.content.decode())) == (200, True)


@pytest.mark.parametrize("where", ["/nowhere/", "/organisations/org_x/", "/accounts/email/", "/accounts/logout/"])
def test_attack_64_and_on_what_went_wrong(world: World, browsing: Client, where: str) -> None:
    assert _banner_in(once_more(browsing).get(where).content.decode())


def test_attack_64_and_on_a_broken_page(world: World, browsing: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from customers.views import Account

    def broken(*args: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(Account, "get", broken)
    browser = once_more(browsing)
    browser.raise_request_exception = False
    answer = browser.get("/account/")
    assert (answer.status_code, _banner_in(answer.content.decode())) == (500, True)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    refused = strict.post("/account/name/", {"name": "X"})
    assert (refused.status_code, _banner_in(refused.content.decode())) == (403, True)


def test_nobody_else_sees_it_or_pays_for_it(world: World) -> None:
    browser = world.client(ANNA)
    browser.get("/account/")
    with CaptureQueriesContext(connection) as asked:
        page = browser.get("/account/")
    assert "acting-as" not in page.content.decode()
    assert not [one for one in asked if "impersonation" in one["sql"]]


# --- the trail --------------------------------------------------------------------------------------------------------


def test_attack_64_every_row_holds_both_people(world: World) -> None:
    anna, boss = world.people[ANNA], world.people["administrator"]
    browser = acting(world)
    org = world.ids["a_org"]
    browser.post("/account/name/", {"name": "Anna A"})
    api = Api()
    api.client = browser
    assert api.patch(f"organisations/{org}/", {"town": "Bude"}, if_match="*").status_code == 200
    browser.post(reverse("stop_acting"))
    organisations.edit_organisation(world.access(ANNA), organisation=world.a.organisation, town="Looe")
    mine, theirs = world.access(ANNA), world.access("support")
    for found in (
        trail.of_tenant(mine, world.a.organisation, Filters(), size=200),
        trail.of_all(theirs, Filters(), size=200),
    ):
        told = {one.verb.partition(".")[2]: one for one in found.entries if one.impersonator == boss.public_id}
        assert told.keys() == {"edit_user", "edit_organisation", "stop_acting"}
        for one in told.values():
            assert (one.actor, one.actor_name, one.impersonator_name, one.reason) == (
                anna.public_id,
                anna.name if one.verb.endswith("edit_user") else "Anna A",
                boss.name,
                WHY,
            )
        assert [told[one].door for one in ("edit_user", "edit_organisation")] == ["page", "api"]
        # Begun by herself, as whom she named; both stand in the row.
        (began,) = [one for one in found.entries if one.verb == "customers.act_as" and one.actor == boss.public_id]
        assert (began.is_staff, began.impersonator, began.reason) == (True, "", WHY)
        assert (began.object_name, began.kind) == (f"{boss.name} – Anna A", "acting_as")
        # That of afterwards is her own.
        alone = [one for one in found.entries if one.verb.endswith("edit_organisation") and not one.impersonator]
        assert [one.actor for one in alone] == [anna.public_id]
    by_boss = trail.of_tenant(mine, world.a.organisation, Filters(person=boss.public_id), size=200).entries
    assert {one.verb for one in by_boss} == {
        "customers.act_as",
        "customers.edit_user",
        "customers.stop_acting",
        "organisations.edit_organisation",
    }
    assert [one.actor for one in by_boss if one.door == "api"] == [anna.public_id]
    by_name = trail.of_all(theirs, Filters(person=boss.name), size=200).entries
    assert {one.id for one in by_boss} <= {one.id for one in by_name}
    assert len(by_boss) == 4


def test_attack_64_owners_read_it_on_the_page_in_the_file_and_by_the_api(world: World) -> None:
    anna, boss = world.people[ANNA], world.people["administrator"]
    browser = acting(world)
    browser.post("/account/name/", {"name": "Anna A"})
    browser.post(reverse("stop_acting"))
    hers = world.client(ANNA)
    org = world.ids["a_org"]
    page = hers.get(reverse("audit", args=[org])).content.decode()
    assert f"in fact {boss.name} of Hectare, acting as this person" in page
    assert f"Why: {WHY}" in page
    (row,) = [
        row
        for row in reader.DictReader(io.StringIO(b"".join(hers.get(reverse("audit_file", args=[org]))).decode()))
        if row["did"] == "Edit user"
    ]
    assert (row["who_id"], row["acted_as_by"], row["acted_as_by_id"]) == (anna.public_id, boss.name, boss.public_id)
    listed = world.api(ANNA).get(f"organisations/{org}/audit-events/").json()["results"]
    (event,) = [one for one in listed if one["verb"] == "customers.edit_user"]
    assert (event["actor"], event["impersonator"], event["impersonator_name"]) == (
        anna.public_id,
        boss.public_id,
        boss.name,
    )
    # Not those of other customers.
    other = trail.of_tenant(world.access("b_owner"), world.b.organisation, Filters(kind="acting_as")).entries
    assert other == []


def test_attack_64_automatic_ends_are_told_with_who_and_why(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as moved:
        browser = acting(world)
        moved.shift(timedelta(minutes=61))
        browser.get("/cycles/")
        entries = trail.of_tenant(world.access(ANNA), world.a.organisation, Filters(kind="acting_as")).entries
    (end,) = [one for one in entries if one.change == "changed"]
    boss = world.people["administrator"]
    assert (end.actor, end.actor_name, end.reason, end.door) == (boss.public_id, boss.name, WHY, "page")
    assert ("How it ended", "its time was over") in {(one.label, one.after) for one in end.changes}


def test_attack_64_erased_names_go_from_it(world: World) -> None:
    browser = acting(world, "a_viewer")
    browser.post("/account/name/", {"name": "Vera Viewer"})
    browser.post(reverse("stop_acting"))
    User.objects.create(email="boss@hectare.farm", name="Boss", is_staff=True, is_superuser=True)
    actor = Access.for_user(User.objects.get(email="boss@hectare.farm")).acting("Has left")
    gone = erasure.erase_person(actor, user=world.people["administrator"])
    told = trail.of_tenant(world.access(ANNA), world.a.organisation, Filters(kind="user"), size=50).entries
    assert {one.impersonator_name for one in told if one.impersonator} == {gone.name}
    exported = dict(exports._of_person(world.people["a_viewer"]))["hectare_acted_as_you"]
    assert [(one["by"], one["reason"]) for one in exported] == [(gone.name, WHY)]


def test_it_is_called_by_both_names(world: World) -> None:
    acting(world)
    assert str(ours().get()) == "Administrator as A Owner"
