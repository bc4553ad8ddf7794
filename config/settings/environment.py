"""Every environment variable that the site reads, with its meaning; read here and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Variable:
    """One environment variable. ``default`` None: production does not start without it."""

    name: str
    meaning: str
    default: str | None
    example: str = ""


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable(
            "DATABASE_URL",
            "The PostgreSQL database, in libpq's notation. In development, when empty, a private server is started.",
            None,
            "postgresql://hectare:secret@db.internal/hectare",
        ),
        Variable(
            "SECRET_KEY",
            "Signs sessions and links. At least 50 random characters, kept secret.",
            None,
            "a-long-random-text",
        ),
        Variable(
            "SECRET_KEY_FALLBACKS",
            "Earlier secret keys, separated by commas: with them what was signed before stays valid, and ids of other "
            "systems that were erased here are still known.",
            "",
        ),
        Variable(
            "ALLOWED_HOSTS",
            "The host names that the site answers to, separated by commas.",
            None,
            "customers.hectare.example",
        ),
        Variable(
            "SITE_URL",
            "The address that mails and webhooks give, without a slash at the end.",
            None,
            "https://customers.hectare.example",
        ),
        Variable(
            "DATABASE_POOL_SIZE",
            "Connections that each web process keeps at most; 0 opens one for each request.",
            "8",
        ),
        Variable(
            "DATABASE_STATEMENT_TIMEOUT",
            "Seconds after which the database gives up a statement; 0 is never.",
            "30",
        ),
        Variable(
            "CACHE_URL",
            "Where rate limits and short-lived values are kept: database://TABLE (shared by all "
            "processes) or memory:// (each process for itself, for one process only).",
            "database://django_cache",
        ),
        Variable(
            "TRUSTED_PROXIES",
            "How many proxies stand before the site. With 1 or more, the last ones' "
            "X-Forwarded-For and X-Forwarded-Proto are believed.",
            "0",
        ),
        Variable(
            "HSTS_SECONDS",
            "How long browsers shall insist on HTTPS; set it low for a first try.",
            "31536000",
        ),
        Variable("EMAIL_HOST", "The SMTP server.", "localhost"),
        Variable("EMAIL_PORT", "The SMTP server's port.", "587"),
        Variable("EMAIL_HOST_USER", "The SMTP account's name; empty for none.", ""),
        Variable("EMAIL_HOST_PASSWORD", "The SMTP account's password.", ""),
        Variable("EMAIL_USE_TLS", "Whether to start TLS with the SMTP server.", "true"),
        Variable(
            "DEFAULT_FROM_EMAIL",
            "The sender of every mail.",
            "Hectare <no-reply@localhost>",
        ),
        Variable(
            "SUPPORT_EMAIL",
            "Where people write to us: named in every mail, and where answers to them go.",
            "support@localhost",
        ),
        Variable(
            "REMOVAL_GRACE_DAYS",
            "For how many days a removed customer can be restored, before its records are purged.",
            "30",
        ),
        Variable("EXPORT_HOURS", "For how many hours an export can be downloaded, before it is emptied.", "24"),
        Variable(
            "CUSTOMER_SIGNUP",
            "Who takes on customers: staff (only Hectare), open (anybody may sign up), closed (nobody).",
            "staff",
        ),
        Variable(
            "SESSION_HOURS",
            "For how many hours a session lasts without use, and in all: 336,720 is 14 days and 30 days.",
            "336,720",
        ),
        Variable(
            "STAFF_SESSION_HOURS",
            "The same for Hectare staff, who see the data of all customers.",
            "8,24",
        ),
        Variable(
            "SET_PASSWORD_HOURS",
            "For how many hours the link works with which the owner of a new account sets her password.",
            "72",
        ),
        Variable("INVITATION_LIFE_DAYS", "For how many days an invitation can be accepted.", "7"),
        Variable(
            "INVITATIONS_PER_HOUR",
            "Invitations that one person, and one organisation, may send in an hour; those sent again count too.",
            "100",
        ),
        Variable("OWNERSHIP_TRANSFER_DAYS", "For how many days an offer to become account owner can be accepted.", "7"),
        Variable(
            "STAFF_EMAIL_DOMAINS",
            "The domains of Hectare's own e-mail addresses, separated by commas: staff have one, nobody else has.",
            "hectare.farm",
        ),
        Variable(
            "ACT_AS_MINUTES",
            "For how many minutes a staff administrator may act as a customer's person at once, from 1 to 60.",
            "60",
        ),
        Variable(
            "STAFF_SECOND_FACTOR",
            "Whether Hectare staff are asked for a second factor before they are shown anything of customers. "
            "Always off in development, where the demo is tried.",
            "true",
        ),
        Variable(
            "OIDC_SERVER_URL",
            "An OpenID Connect provider with which people can sign in, too; empty for none.",
            "",
            "https://accounts.google.com",
        ),
        Variable("OIDC_CLIENT_ID", "What the provider knows this site as. Needed with OIDC_SERVER_URL.", ""),
        Variable("OIDC_CLIENT_SECRET", "The secret for it.", ""),
        Variable("OIDC_NAME", "What the provider is called on the sign-in page.", "Hectare"),
        Variable("LOG_LEVEL", "The least level that is logged: DEBUG, INFO, WARNING.", "INFO"),
    )
}


def text(name: str, fallback: str | None = None) -> str:
    """The value of ``name``; ``fallback`` stands in for a missing default outside production."""
    variable = VARIABLES[name]
    value = os.environ.get(name)
    if value:
        return value
    default = variable.default if variable.default is not None else fallback
    if default is None:
        example = f" For example: {name}={variable.example}" if variable.example else ""
        raise ImproperlyConfigured(f"The environment variable {name} is not set. {variable.meaning}{example}")
    return default


def flag(name: str) -> bool:
    """The value of ``name`` as yes or no."""
    value = text(name).strip().lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in _TRUE


def choice(name: str, options: tuple[str, ...]) -> str:
    """The value of ``name``, which is one of ``options``."""
    value = text(name).strip().lower()
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def number(name: str, least: int = 0, most: int | None = None) -> int:
    """The value of ``name`` as a whole number of at least ``least``, and of ``most`` at most."""
    value = text(name).strip()
    if not value.isdigit() or int(value) < least or (most is not None and int(value) > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} must be a whole number {wanted}, not {value!r}.")
    return int(value)


def numbers(name: str, count: int) -> tuple[int, ...]:
    """The value of ``name`` as so many whole numbers of at least 1, split at commas."""
    found = words(name)
    if len(found) != count or not all(part.isdigit() and int(part) for part in found):
        raise ImproperlyConfigured(f"{name} must be {count} whole numbers with a comma between, not {text(name)!r}.")
    return tuple(int(part) for part in found)


def words(name: str, fallback: str | None = None) -> list[str]:
    """The value of ``name`` as a list, split at commas."""
    return [part.strip() for part in text(name, fallback).split(",") if part.strip()]
