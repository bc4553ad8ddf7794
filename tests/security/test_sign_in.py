"""Attacks on signing in: 46 to 49.

Time is compared by the work that is done: statements sent to the database, and passwords hashed. What a clock says of a
busy machine is chance; equal work is equal time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config.settings import base
from customers import links
from customers.models import User
from mails.models import Mail
from mails.tasks import deliver
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

WRONG = "something else altogether"


@pytest.fixture
def throttled(settings: Any) -> None:
    """The limits of production, which other tests do without."""
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS


@pytest.fixture
def known(db: None) -> dict[str, str]:
    """An e-mail of each sort."""
    UserFactory.create(email="known@culm.example")
    unverified = UserFactory.create(email="unverified@culm.example")
    EmailAddress.objects.filter(user=unverified).update(verified=False)
    UserFactory.create(email="inactive@culm.example", is_active=False)
    User.objects.create_user("no-password@culm.example", name="Nell New")
    StaffFactory.create(email="staff@hectare.farm")
    names = ("known", "unverified", "inactive", "no-password", "unknown")
    return {**{name: f"{name}@culm.example" for name in names}, "staff": "staff@hectare.farm"}


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is hashed, for whatever reason."""
    seen: list[str] = []
    hasher = type(hashers.get_hasher())
    original = hasher.encode

    def encode(self: Any, password: str, *args: Any, **kwargs: Any) -> str:
        seen.append(password)
        return str(original(self, password, *args, **kwargs))

    monkeypatch.setattr(hasher, "encode", encode)
    return seen


def _answer(response: Any, email: str) -> tuple[int, str, str]:
    """What its sender sees: status, where to, and the page without what differs every time."""
    text = response.content.decode().replace(email, "EMAIL")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    return response.status_code, response.headers.get("Location", ""), text


def _compared(emails: dict[str, str], ask: Callable[[Client, str], Any], hashed: list[str]) -> list[Any]:
    """Answer, statements and hashed passwords for each sort of e-mail."""
    found = []
    for email in emails.values():
        cache.clear()
        hashed.clear()
        with CaptureQueriesContext(connection) as statements:
            response = ask(Client(), email)
        shapes = [re.sub(r"'(?:[^']|'')*'|\b\d+\b|_x\d+", "?", one["sql"]) for one in statements.captured_queries]
        found.append((_answer(response, email), shapes, len(hashed)))
    return found


def test_attack_46_signing_in_tells_nothing(known: dict[str, str], hashed: list[str], throttled: None) -> None:
    def ask(client: Client, email: str) -> Any:
        return client.post("/accounts/login/", {"login": email, "password": WRONG})

    first, *others = _compared(known, ask, hashed)
    assert first[0][0] == 200
    assert first[2] == 1
    assert others == [first] * len(others)


def test_attack_46_a_closed_account_is_no_more_than_a_wrong_password(known: dict[str, str]) -> None:
    answers = {
        _answer(Client().post("/accounts/login/", {"login": email, "password": password}), email)
        for email, password in ((known["inactive"], PASSWORD), (known["known"], WRONG), (known["unknown"], WRONG))
    }
    assert len(answers) == 1


def test_attack_46_a_forgotten_password_tells_nothing(
    known: dict[str, str], hashed: list[str], throttled: None
) -> None:
    def ask(client: Client, email: str) -> Any:
        return client.post("/accounts/password/reset/", {"email": email})

    first, *others = _compared(known, ask, hashed)
    assert first[0][:2] == (302, "/accounts/password/reset/done/")
    assert first[2] == 0
    assert others == [first] * len(others)
    # The job finds out, and tells the mailbox alone.
    rows = {row.recipient: row for row in Mail.objects.all()}
    assert {(row.kind, row.about, str(row.data)) for row in rows.values()} == {("password_reset", "", "{}")}
    assert {tuple(job.args) for job in ProcrastinateJob.objects.filter(task_name="mails.send")} == {("public_id",)}
    subjects = {}
    for name, email in known.items():
        deliver(rows[email].public_id)
        subjects[name] = mail.outbox[-1].subject
    assert subjects == {
        "known": "Set a new password",
        "unverified": "Set a new password",
        "inactive": "Your account is closed",
        "no-password": "Set a new password",
        "unknown": "No account with this address",
        "staff": "Set a new password",
    }


def test_attack_46_changing_ones_e_mail_tells_nothing(known: dict[str, str], hashed: list[str]) -> None:
    def ask(client: Client, email: str) -> Any:
        user = UserFactory.create()
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.post("/accounts/email/", {"action_add": "", "email": email})
        page = client.get("/accounts/email/")
        page.content = page.content.replace(user.email.encode(), b"ME").replace(user.name.encode(), b"ME")
        page.content = page.content.replace(user.get_short_name().encode(), b"ME")
        return page

    # Every address of our own domain is refused, whoever has it: that tells of the domain, and of no account.
    ours = {"staff": known.pop("staff"), "nobody": "nobody@hectare.farm"}
    for emails in (known, ours):
        assert len({one[0] for one in _compared(emails, ask, hashed)}) == 1


def test_a_stranger_is_not_flooded_with_our_mails() -> None:
    for _ in range(4):
        Client().post("/accounts/password/reset/", {"email": "stranger@elsewhere.example"})
    user = UserFactory.create()
    for _ in range(7):
        Client().post("/accounts/password/reset/", {"email": user.email})
    for row in Mail.objects.order_by("pk"):
        deliver(row.public_id)
    sent = [one.to[0] for one in mail.outbox]
    assert (sent.count("stranger@elsewhere.example"), sent.count(user.email)) == (1, 5)


def test_the_link_goes_to_the_address_that_we_know() -> None:
    UserFactory.create(email="mike@example.org")
    # LATIN SMALL LETTER DOTLESS I, which some case foldings take for an i.
    assert Client().post("/accounts/password/reset/", {"email": "m\u0131ke@example.org"}).status_code in {200, 302}
    Client().post("/accounts/password/reset/", {"email": "MIKE@example.org"})
    for row in Mail.objects.all():
        deliver(row.public_id)
    resets = [one for one in mail.outbox if one.subject == "Set a new password"]
    assert [one.to for one in resets] == [["mike@example.org"]]


# --- 47, 48: guessing is slowed ------------------------------------------------------------------------------------


def _guess(email: str, address: str, password: str = WRONG, **headers: str) -> HttpResponse:
    sent: Any = {"login": email, "password": password}
    return Client(REMOTE_ADDR=address, **headers).post("/accounts/login/", sent)  # type: ignore[return-value, arg-type]


def _is_slowed(response: HttpResponse) -> bool:
    return response.status_code == 429 or "Too many failed" in response.content.decode()


def test_attack_47_one_account_from_many_addresses(throttled: None) -> None:
    user = UserFactory.create()
    slowed = [_is_slowed(_guess(user.email, f"203.0.113.{n}")) for n in range(20)]
    assert slowed == [False] * 5 + [True] * 15
    # Capitals and blanks are no other account, and the right password is held up as well …
    assert _is_slowed(_guess(f" {user.email.upper()} ", "198.51.100.1"))
    assert _is_slowed(_guess(user.email, "198.51.100.2", PASSWORD))
    # … for a while only,
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert _guess(user.email, "198.51.100.3", PASSWORD).status_code == 302


def test_attack_47_the_owner_recovers_at_once(throttled: None) -> None:
    user = UserFactory.create()
    for n in range(8):
        _guess(user.email, f"203.0.113.{n}")
    assert _is_slowed(_guess(user.email, "198.51.100.2", PASSWORD))
    new = "seven brown hens 1"
    path = links.set_password_url(user, links.RESET).removeprefix("http://testserver")
    assert Client(REMOTE_ADDR="198.51.100.2").post(path, {"password1": new, "password2": new}).status_code == 302
    assert _guess(user.email, "198.51.100.2", new).status_code == 302


def test_attack_47_many_accounts_from_one_address(throttled: None) -> None:
    slowed = [_is_slowed(_guess(f"person{n}@elsewhere.example", "203.0.113.1")) for n in range(20)]
    assert slowed == [False] * 10 + [True] * 10
    assert not _is_slowed(_guess("person99@elsewhere.example", "203.0.113.2"))


def test_attack_47_what_the_client_says_of_its_address_is_not_believed(throttled: None) -> None:
    guesses = [
        _guess(
            f"person{n}@elsewhere.example",
            "203.0.113.1",
            HTTP_X_FORWARDED_FOR=f"198.51.100.{n}",
            HTTP_X_REAL_IP="1.1.1.1",
        )
        for n in range(12)
    ]
    assert [_is_slowed(one) for one in guesses] == [False] * 10 + [True] * 2


def test_attack_47_behind_a_proxy_of_ours_only_the_end_is_believed(throttled: None, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    guesses = [
        _guess(f"a{n}@elsewhere.example", "10.0.0.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, 203.0.113.1")
        for n in range(12)
    ]
    assert [_is_slowed(one) for one in guesses] == [False] * 10 + [True] * 2
    assert not _is_slowed(_guess("b@elsewhere.example", "10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.2"))


def test_attack_48_the_staff_site_has_no_sign_in_of_its_own(throttled: None) -> None:
    staff = StaffFactory.create()
    for password in (WRONG, PASSWORD):
        answer = Client().post("/admin/login/", {"username": staff.email, "password": password})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
        assert "sessionid" not in answer.cookies or not User.objects.get(pk=staff.pk).last_login


def test_attack_48_asking_once_more_who_it_is_is_slowed_too(throttled: None) -> None:
    user = UserFactory.create()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    answers = [client.post("/accounts/reauthenticate/", {"password": WRONG}) for _ in range(12)]
    assert [_is_slowed(one) for one in answers][:5] == [False] * 5  # type: ignore[arg-type]
    assert all(_is_slowed(one) for one in answers[5:])  # type: ignore[arg-type]


def test_attack_48_codes_are_not_guessed_and_the_second_factor_is_not_passed_by(throttled: None) -> None:
    user = UserFactory.create()
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    for path in (
        "/account/",
        "/api/v1/me/",
        "/admin/",
        "/accounts/2fa/",
        "/accounts/password/change/",
        "/accounts/email/",
    ):
        assert client.get(path).status_code in {302, 401}, path
    guesses = [client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}) for n in range(12)]
    assert any(_is_slowed(one) for one in guesses)  # type: ignore[arg-type]
    assert client.get("/account/").status_code == 302


def test_attack_48_the_api_takes_no_passwords_and_slows_guesses_of_keys(world: World, settings: Any) -> None:
    user = UserFactory.create()
    import base64

    basic = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()
    assert Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Basic {basic}").status_code == 401
    cache.clear()
    forged = [
        Client(REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").get(
            "/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer hct_{n:026}_guess"
        )
        for n in range(32)
    ]
    assert [one.status_code for one in forged] == [401] * 30 + [429] * 2
    assert int(forged[-1]["Retry-After"]) <= 60
    # A good key from the same address works on: nobody is locked out by a neighbour.
    good = Client(REMOTE_ADDR="203.0.113.1").get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {world.a.secret}")
    assert good.status_code == 200
    assert (
        Client(REMOTE_ADDR="203.0.113.2").get("/api/v1/me/", HTTP_AUTHORIZATION="Bearer hct_x_guess").status_code == 401
    )


# --- 49: the link of a forgotten password --------------------------------------------------------------------------


def _reset_link(user: User, **headers: str) -> str:
    answer = Client(**headers).post("/accounts/password/reset/", {"email": user.email})  # type: ignore[arg-type]
    if answer.status_code != 302:
        return str(answer.status_code)
    deliver(Mail.objects.order_by("-pk")[0].public_id)
    found = re.search(r"(\S+)/set-password/(\S+)", str(mail.outbox[-1].body))
    assert found
    assert found.group(1) == "http://testserver"
    return f"/set-password/{found.group(2)}"


def test_attack_49_the_link_carries_our_own_name() -> None:
    user = UserFactory.create()
    assert _reset_link(user, HTTP_HOST="evil.example") == "400"
    # Another name of ours, and what a proxy is said to have been asked for, change nothing either.
    assert _reset_link(user, HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil" not in str(mail.outbox[-1].body)


def test_attack_49_the_link_works_once_and_for_an_hour() -> None:
    user = UserFactory.create()
    path = _reset_link(user)
    start = timezone.now()
    new = {"password1": "seven brown hens 1", "password2": "seven brown hens 1"}
    with time_machine.travel(start + timedelta(minutes=59)):
        # A scanner of mails follows it, ten times.
        assert {Client().get(path).status_code for _ in range(10)} == {200}
        assert {Client().head(path).status_code for _ in range(10)} == {200}
    with time_machine.travel(start + timedelta(minutes=61)):
        assert Client().get(path).status_code == 410
        assert Client().post(path, new).status_code == 410
    assert Client().post(path, new).status_code == 302
    assert Client().get(path).status_code == 410
    assert Client().post(path, {"password1": "another one 22", "password2": "another one 22"}).status_code == 410


@pytest.mark.parametrize("change", ["password", "email", "sign-in", "closed", "first"])
def test_attack_49_the_link_dies_with_what_it_was_made_for(change: str) -> None:
    user = UserFactory.create()
    path = _reset_link(user)
    if change == "password":
        user.set_password("eight white geese 2")
        user.save()
    elif change == "email":
        User.objects.filter(pk=user.pk).update(email="new@culm.example")
    elif change == "sign-in":
        Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    elif change == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        other = _reset_link(user)
        assert Client().post(other, {"password1": "nine ducks 333", "password2": "nine ducks 333"}).status_code == 302
    assert Client().get(path).status_code == 410


def test_attack_49_allauths_own_links_lead_nowhere() -> None:
    from django.contrib.auth.tokens import default_token_generator
    from django.utils.http import int_to_base36

    user = UserFactory.create()
    token = default_token_generator.make_token(user)
    page = Client().get(f"/accounts/password/reset/key/{int_to_base36(user.pk)}-{token}/")
    assert b"no longer works" in page.content
