"""API keys that are none, counted by the address they come from: guessing is answered with 429."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.settings import api_settings

from common import clock
from common.addresses import address_of, network_of

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def rate(name: str) -> tuple[int, int] | None:
    """Requests and seconds of a limit in the settings (``600/min``); ``None`` when there is none."""
    rates: dict[str, str | None] = api_settings.DEFAULT_THROTTLE_RATES  # type: ignore[assignment]
    text = rates.get(name)
    if not text:
        return None
    number, _, period = text.partition("/")
    return int(number), _SECONDS[period[0]]


def spend_one(key: str, window: int) -> int:
    """Count one in a window of time; how many there are."""
    cache.add(key, 0, timeout=window * 2)
    try:
        return cache.incr(key)
    except ValueError:
        # It was forgotten between the two.
        cache.set(key, 1, timeout=window * 2)
        return 1


def count(request: HttpRequest) -> None:
    """A credential was none.

    Raises:
        Throttled: that happens too often there.
    """
    found = rate("failed")
    if found is None:
        return
    limit, window = found
    now = int(clock.now().timestamp())
    used = spend_one(f"failed:{network_of(address_of(request))}:{now // window}", window)
    if used > limit:
        raise Throttled(window - now % window)
