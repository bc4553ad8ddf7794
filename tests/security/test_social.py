"""Attack 58, and the social and headless side of 57: signing in with an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from customers.adapters import SocialAccountAdapter
from customers.models import User
from tests.factories import PASSWORD
from tests.security import provider
from tests.security.provider import CLAIMS, come_back
from tests.security.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def key() -> str:
    return provider.private_key()


@pytest.fixture
def on(settings: Any, monkeypatch: pytest.MonkeyPatch, key: str, world: World) -> User:
    """The provider is on; somebody is signed in there."""
    settings.ROOT_URLCONF = "tests.security.provider"
    settings.IDP_OIDC_PRIVATE_KEY = key
    settings.IDP_OIDC_ADAPTER = "tests.security.provider.Claims"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [provider.app("sso"), provider.app("other")], "OAUTH_PKCE_ENABLED": True}
    }
    monkeypatch.setattr(SocialAccountAdapter, "get_requests_session", provider.session)
    for name in ("sso", "other"):
        provider.party(name)
    return world.people["conn_owner"]


def _says(email: str, *, verified: Any = True, sub: str = "7") -> None:
    CLAIMS.clear()
    CLAIMS.update({"sub": sub, "email": email, "email_verified": verified, "name": "Somebody"})


def _is_in(browser: Client) -> str:
    """The address of who is signed in; empty for nobody."""
    user = User.objects.filter(pk=browser.session.get("_auth_user_id", 0)).first()
    return user.email if user else ""


def test_off_by_default_there_is_no_button_and_no_address(client: Client) -> None:
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    for where in ("/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"):
        assert (client.get(where).status_code, client.post(where).status_code) == (404, 404)


def test_on_there_is_a_button(on: User) -> None:
    assert "/accounts/oidc/sso/login/" in Client().get("/accounts/login/").content.decode()


@pytest.mark.parametrize("mode", ["closed", "staff", "open"])
def test_attack_57_nobody_signs_up_by_a_provider(on: User, settings: Any, mode: str) -> None:
    """Whatever the mode: a bare person without a company is made by no door. There is no headless one."""
    settings.CUSTOMER_SIGNUP = mode
    _says("new@people.example")
    before = User.objects.count()
    browser = Client()
    assert come_back(browser, on).status_code == 403
    assert browser.post("/accounts/3rdparty/signup/", {"email": "new@people.example"}).status_code == 302
    for where in ("auth/signup", "auth/provider/token", "auth/provider/signup", "auth/login", "config"):
        for client in ("browser", "app"):
            assert browser.post(f"/_allauth/{client}/v1/{where}", {}).status_code == 404
    assert (User.objects.count(), SocialAccount.objects.count(), _is_in(browser)) == (before, 0, "")


@pytest.mark.parametrize("email", ["a_owner@people.example", "support@hectare.farm"])
@pytest.mark.parametrize("verified", [False, None, "false", 0])
def test_attack_58_an_unverified_address_neither_links_nor_signs_in(on: User, email: str, verified: Any) -> None:
    _says(email, verified=verified)
    browser = Client()
    assert come_back(browser, on).status_code == 403
    assert (_is_in(browser), SocialAccount.objects.count()) == ("", 0)


def test_attack_58_the_answer_is_the_same_with_and_without_an_account(on: User) -> None:
    pages = []
    for email in ("a_owner@people.example", "deactivated@people.example", "nobody@people.example"):
        _says(email)
        answer = come_back(Client(), on)
        pages.append((answer.status_code, answer.content))
    assert len({status for status, _ in pages}) == 1
    assert len({len(content) for _, content in pages}) == 1


def test_a_customers_person_connects_first_and_signs_in_then(on: User, world: World) -> None:
    """While she is signed in; not by her address, however sure the provider is of it."""
    _says("a_owner@people.example")
    assert come_back(Client(), on).status_code == 403
    browser = Client()
    browser.post("/accounts/login/", {"login": "a_owner@people.example", "password": PASSWORD})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert come_back(browser, on, process="connect").status_code == 302
    assert SocialAccount.objects.get().user == world.people["a_owner"]
    page = browser.get("/accounts/3rdparty/").content.decode()
    assert "Disconnect" in page
    assert "Connect Hectare" in page
    another = Client()
    assert come_back(another, on).status_code == 302
    assert _is_in(another) == "a_owner@people.example"


def test_attack_58_two_providers_with_one_subject_are_two_people(on: User, world: World) -> None:
    SocialAccount.objects.create(user=world.people["a_owner"], provider="sso", uid="7")
    _says("mallory@people.example", sub="7")
    browser = Client()
    assert come_back(browser, on, provider_id="other").status_code == 403
    assert _is_in(browser) == ""
    SocialAccount.objects.create(user=world.people["b_owner"], provider="other", uid="7")
    assert come_back(browser, on, provider_id="other").status_code == 302
    assert _is_in(browser) == "b_owner@people.example"


def test_staff_sign_in_by_their_confirmed_address(on: User, world: World) -> None:
    _says("Support@Hectare.Farm")
    browser = Client()
    assert come_back(browser, on).status_code == 302
    assert _is_in(browser) == "support@hectare.farm"
    # Nothing is kept: next time it is shown anew.
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("wrong", ["unconfirmed here", "shut out", "no account", "another domain"])
def test_staff_do_not_sign_in_otherwise(on: User, world: World, wrong: str) -> None:
    user = world.people["support"]
    _says(user.email)
    match wrong:
        case "unconfirmed here":
            EmailAddress.objects.filter(user=user).update(verified=False)
        case "shut out":
            User.objects.filter(pk=user.pk).update(is_active=False)
        case "no account":
            _says("else@hectare.farm")
        case _:
            # Linked by whatever way, and the provider does not say that the address is ours.
            SocialAccount.objects.create(user=user, provider="sso", uid="7")
            _says("support@hectare.farm.evil.example")
    browser = Client()
    assert come_back(browser, on).status_code == 403
    assert _is_in(browser) == ""


def test_staff_connect_nothing(on: User, world: World) -> None:
    _says("mine@people.example")
    browser = Client()
    browser.post("/accounts/login/", {"login": "support@hectare.farm", "password": PASSWORD})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert come_back(browser, on, process="connect").status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_provider_is_no_second_factor(on: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    _says("support@hectare.farm")
    browser = Client()
    come_back(browser, on)
    assert browser.get("/admin/")["Location"] == "/accounts/2fa/"
