"""Settings are read in one place, and say plainly what is wrong with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment, services
from tools.check import PLACEHOLDERS
from tools.postgres import ROOT


def test_a_missing_setting_is_named_with_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured) as problem:
        environment.text("SITE_URL")
    assert str(problem.value) == (
        "The environment variable SITE_URL is not set. The address that mails and webhooks give, without a slash "
        "at the end. For example: SITE_URL=https://customers.hectare.example"
    )


@pytest.mark.parametrize(
    ("said", "meant"), [("true", True), ("Yes", True), ("1", True), ("off", False), ("0", False), ("", True)]
)
def test_flags(monkeypatch: pytest.MonkeyPatch, said: str, meant: bool) -> None:
    monkeypatch.setenv("EMAIL_USE_TLS", said)
    assert environment.flag("EMAIL_USE_TLS") is meant


def test_a_flag_that_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_USE_TLS", "maybe")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_USE_TLS must be true or false, not 'maybe'"):
        environment.flag("EMAIL_USE_TLS")


def test_a_choice_is_one_of_those_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_SIGNUP", " Open ")
    assert environment.choice("CUSTOMER_SIGNUP", ("staff", "open")) == "open"
    monkeypatch.setenv("CUSTOMER_SIGNUP", "yes")
    with pytest.raises(ImproperlyConfigured, match="CUSTOMER_SIGNUP must be one of staff, open, not 'yes'"):
        environment.choice("CUSTOMER_SIGNUP", ("staff", "open"))


@pytest.mark.parametrize("said", ["-1", "1.5", "many"])
def test_a_number_that_is_none(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("EMAIL_PORT", said)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_PORT must be a whole number"):
        environment.number("EMAIL_PORT")


@pytest.mark.parametrize("said", ["0", "61", "-1"])
def test_a_number_beyond_what_it_may_be(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Nobody acts as somebody for longer than an hour, by a setting neither (attack 64)."""
    monkeypatch.setenv("ACT_AS_MINUTES", said)
    with pytest.raises(ImproperlyConfigured, match="ACT_AS_MINUTES must be a whole number from 1 to 60"):
        environment.number("ACT_AS_MINUTES", least=1, most=60)
    monkeypatch.setenv("ACT_AS_MINUTES", "60")
    assert environment.number("ACT_AS_MINUTES", least=1, most=60) == 60


def test_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,")
    assert environment.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_database_with_a_socket_folder_and_options() -> None:
    url = "postgresql://hectare:p%40ss@/shop?host=%2Frun%2Fpg&port=5433&sslmode=require"
    assert services.database(url, pool_size=4, statement_timeout=30) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "hectare",
        "PASSWORD": "p@ss",
        "HOST": "/run/pg",
        "PORT": "5433",
        "OPTIONS": {
            "sslmode": "require",
            "options": "-c jit=off -c statement_timeout=30000",
            "pool": {"min_size": 1, "max_size": 4, "timeout": 10},
        },
    }


@pytest.mark.parametrize(
    ("url", "complaint"),
    [("mysql://x/y", "cannot be read"), ("postgresql://host/?nonsense=1", "cannot be read"), ("", "names no database")],
)
def test_a_database_that_cannot_be(url: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint):
        services.database(url)


def test_caches() -> None:
    assert services.cache("database://rates")["LOCATION"] == "rates"
    assert "LOCATION" not in services.cache("memory://")
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL must be"):
        services.cache("memcache://somewhere")


def production(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in environment.VARIABLES}
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); from django.conf import settings; {code}"],
        cwd=ROOT,
        env={k: v for k, v in (kept | PLACEHOLDERS | changes).items() if v},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", [v.name for v in environment.VARIABLES.values() if v.default is None])
def test_production_does_not_start_without(name: str) -> None:
    done = production("pass", **{name: ""})
    assert done.returncode == 1
    assert f"The environment variable {name} is not set." in done.stderr


def test_production_cookies_and_transport() -> None:
    names = [
        "DEBUG",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "X_FRAME_OPTIONS",
    ]
    done = production(f"print([getattr(settings, n) for n in {names}])")
    assert done.stdout == "[False, '__Host-session', True, True, True, True, 31536000, 'DENY']\n", done.stderr


def test_no_other_module_reads_the_environment() -> None:
    reads = re.compile(r"os\.environ\b|os\.getenv")
    found = {
        str(path.relative_to(ROOT))
        for app in ("common", "permissions", "organisations", "customers", "ordercycles", "config")
        for path in (ROOT / app).rglob("*.py")
        if reads.search(path.read_text(encoding="utf-8"))
    }
    # wsgi.py names the settings module, which no setting can.
    assert found == {"config/settings/environment.py", "config/wsgi.py"}
