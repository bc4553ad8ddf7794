"""An OpenID Connect provider without a network: allauth's own, answered by Django's test client.

The provider is this very site under another name (``http://localhost``), with allauth's pages of a provider added.
What it says of a person is in ``CLAIMS``.
"""

from __future__ import annotations

import io
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client as Party
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import include, path
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from zeal import zeal_ignore

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours
from customers.models import User

urlpatterns = [path("", include("allauth.idp.urls")), *ours]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

HOST: Final = "localhost"
#: What the provider says of whoever is signed in there.
CLAIMS: dict[str, Any] = {}


class Claims(DefaultOIDCAdapter):  # type: ignore[misc]
    """Says what the test wants said."""

    def get_claims(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return dict(CLAIMS)


class Transport(BaseAdapter):
    """Answers what the site asks of the provider."""

    def send(self, request: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(request.url)
        assert parts.hostname == HOST
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("content-length",)}
        kind = headers.pop("Content-Type", "application/octet-stream")
        answer = Client(SERVER_NAME=HOST).generic(
            request.method, f"{parts.path}?{parts.query}", request.body or b"", kind, headers=headers
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = io.BytesIO(answer.content)
        response.url = request.url
        return response

    def close(self) -> None:
        """Nothing is open."""


def session(adapter: Any) -> requests.Session:
    """In the place of ``SocialAccountAdapter.get_requests_session``."""
    made = requests.Session()
    made.trust_env = False
    made.mount("http://", Transport())
    return made


def private_key() -> str:
    """With which the provider signs."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def app(provider_id: str) -> dict[str, Any]:
    """A provider as the settings name it."""
    return {
        "provider_id": provider_id,
        "name": "Hectare",
        "client_id": f"hectare-{provider_id}",
        "secret": "between-us",
        "settings": {"server_url": f"http://{HOST}"},
    }


def party(provider_id: str) -> None:
    """Make the site known to the provider."""
    made = Party(id=f"hectare-{provider_id}", name="Hectare", skip_consent=True)
    made.set_secret("between-us")
    made.set_scopes(["openid", "profile", "email"])
    made.set_redirect_uris([f"http://testserver/accounts/oidc/{provider_id}/login/callback/"])
    made.save()


def come_back(browser: Client, at_provider: User, provider_id: str = "sso", process: str = "login") -> Any:
    """Press the button, be sent to the provider where somebody is signed in, and come back; the last answer."""
    sent = browser.post(f"/accounts/oidc/{provider_id}/login/?process={process}")
    assert sent.status_code == 302, sent.content
    if not sent["Location"].startswith(f"http://{HOST}/"):
        return sent
    there = Client(SERVER_NAME=HOST)
    there.force_login(at_provider)
    back = there.get(sent["Location"])
    assert back.status_code == 302, back.content
    # Signing in reads the session twice, as allauth and Django go about it.
    with zeal_ignore():
        return browser.get(back["Location"].removeprefix("http://testserver"))
