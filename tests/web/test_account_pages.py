"""The pages of signing in and of one's own account: all of them in our words, none of them an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.template.loader import get_template
from django.test import Client

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

#: Allauth's own pages that nothing leads to: sign-in by code, by telephone, and trust of a browser are not on.
UNUSED = {
    "account/base_confirm_code.html",
    "account/confirm_email_verification_code.html",
    "account/confirm_password_reset_code.html",
    "account/confirm_phone_verification_code.html",
    "account/email.html",
    "account/phone_change.html",
    "account/request_login_code.html",
    "account/signup.html",
    "account/signup_by_passkey.html",
    "mfa/trust.html",
    "mfa/webauthn/signup_form.html",
}
OURS = Path(settings.BASE_DIR) / "templates"


def _allauths() -> list[str]:
    import allauth

    root = Path(str(allauth.__file__)).parent / "templates"
    found = [path.relative_to(root).as_posix() for app in ("account", "mfa") for path in (root / app).rglob("*.html")]
    return sorted(name for name in found if name not in UNUSED and "/base" not in name and "/snippets/" not in name)


@pytest.mark.parametrize("name", _allauths())
def test_every_page_that_can_be_reached_is_ours(name: str) -> None:
    assert Path(str(get_template(name).origin.name)).is_relative_to(OURS)  # type: ignore[attr-defined]


def _signed_in(*, second_factor: bool = False) -> Client:
    user = UserFactory.create()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    if second_factor:
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    return client


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/accounts/login/", "Sign in"),
        ("/accounts/password/reset/", "Set a new password"),
        ("/accounts/password/reset/done/", "Check your mail"),
        ("/accounts/password/reset/key/1-nothing/", "no longer works"),
        ("/accounts/password/reset/key/done/", "Your password is set"),
        ("/accounts/confirm-email/", "Confirm your e-mail"),
        ("/accounts/confirm-email/nothing/", "it has expired"),
        ("/accounts/inactive/", "Your account is closed"),
    ],
)
def test_pages_for_everybody(path: str, words: str) -> None:
    response = Client().get(path)
    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("path", "words", "second_factor"),
    [
        ("/account/", "Signing in", False),
        ("/accounts/logout/", "Sign out", False),
        ("/accounts/password/change/", "Present password", False),
        ("/accounts/email/", "Your address", False),
        ("/accounts/reauthenticate/", "Is it you?", False),
        ("/accounts/sessions/", "Where you are signed in", False),
        ("/accounts/2fa/", "You have none yet", False),
        ("/accounts/2fa/totp/activate/", "scan this picture", False),
        ("/accounts/2fa/webauthn/add/", "Add a passkey", False),
        ("/accounts/2fa/webauthn/", "You have added none", False),
        ("/accounts/2fa/", "10 codes are left", True),
        ("/accounts/2fa/totp/deactivate/", "Remove the authenticator app", True),
        ("/accounts/2fa/recovery-codes/", "Codes that you have not used", True),
        ("/accounts/2fa/recovery-codes/generate/", "do not work any more", True),
        ("/accounts/2fa/reauthenticate/", "Is it you?", True),
    ],
)
def test_pages_of_somebody_signed_in(path: str, words: str, second_factor: bool) -> None:
    response = _signed_in(second_factor=second_factor).get(path)
    assert response.status_code == 200, response.headers
    text = response.content.decode()
    assert words in text
    assert "Two-Factor" not in text
    assert "placeholder=" not in text


def test_the_second_factor_is_asked_for() -> None:
    user = UserFactory.create()
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert "recovery codes" in client.get("/accounts/2fa/authenticate/").content.decode()
    assert client.get("/account/").status_code == 302


def test_an_address_that_waits_is_shown_and_can_be_given_up() -> None:
    client = _signed_in()
    client.post("/accounts/email/", {"action_add": "", "email": "new@culm.example"})
    assert "Until it is opened and confirmed" in client.get("/accounts/email/").content.decode()
    client.post("/accounts/email/", {"action_remove": "", "email": "new@culm.example"})
    assert not EmailAddress.objects.filter(email="new@culm.example").exists()
