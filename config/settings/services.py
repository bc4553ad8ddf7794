"""DATABASES and CACHES from the addresses in the environment."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

#: libpq's word -> Django's. What is not here is handed to psycopg as an option.
_NAMES = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


def database(url: str, *, pool_size: int = 0, statement_timeout: int = 0) -> dict[str, Any]:
    """One entry of DATABASES. libpq's own parser also reads socket folders and options."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as problem:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {problem}") from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database.")
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}
    for name, value in parts.items():
        if name in _NAMES:
            entry[_NAMES[name]] = str(value)
        else:
            entry["OPTIONS"][name] = value
    if "options" not in entry["OPTIONS"]:
        # Compiling a statement that runs once takes longer than running it.
        options = ["-c jit=off"]
        if statement_timeout:
            options.append(f"-c statement_timeout={statement_timeout * 1000}")
        entry["OPTIONS"]["options"] = " ".join(options)
    if pool_size:
        entry["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return entry


def openid_connect(server_url: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS: one OpenID Connect provider, or none."""
    if not server_url:
        return {}
    if not (client_id and secret):
        raise ImproperlyConfigured("OIDC_SERVER_URL needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
    if not server_url.startswith("https://"):
        raise ImproperlyConfigured(f"OIDC_SERVER_URL must begin with https://, not {server_url!r}.")
    app = {
        "provider_id": "sso",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": server_url},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def origin(url: str) -> list[str]:
    """Scheme and host of an address, for a policy of content; none of none."""
    return ["/".join(url.split("/")[:3])] if url else []


def cache(url: str) -> dict[str, Any]:
    """One entry of CACHES."""
    kind, _, rest = url.partition("://")
    # Django's own 300 would have a busy minute throw away limits that count for a day. Should a cache grow so far all
    # the same, one entry in a hundred goes.
    options = {"MAX_ENTRIES": 1_000_000, "CULL_FREQUENCY": 100}
    if kind == "memory":
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": options}
    if kind == "database" and rest.isidentifier():
        backend = "django.core.cache.backends.db.DatabaseCache"
        return {"BACKEND": backend, "LOCATION": rest, "OPTIONS": options}
    raise ImproperlyConfigured(f"CACHE_URL must be database://TABLE or memory://, not {url!r}.")
