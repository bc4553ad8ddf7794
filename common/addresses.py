"""Where a request comes from. What its sender says of it is believed only of proxies of our own."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

#: A customer of a provider has as many IPv6 addresses as he likes in a network of this size.
_IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """The address of the client: the one that the outermost of our proxies saw; without proxies, who connects.

    ``X-Forwarded-For`` is a list to which each proxy adds whom it heard from. Its end is ours (``TRUSTED_PROXIES``
    entries), everything before it is whatever the client wrote.
    """
    trusted: int = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if trusted and len(said) >= trusted and (found := _valid(said[-trusted])):
        return found
    return _valid(request.META.get("REMOTE_ADDR", "")) or ""


def network_of(address: str) -> str:
    """What an address is counted by in limits: itself, or its IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network(f"{found}/{_IPV6_PREFIX}", strict=False).network_address)


def _valid(text: str) -> str:
    """The address in its plain form, without brackets and port; empty when it is none."""
    bare = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""
