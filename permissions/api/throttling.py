"""How much one credential may ask for in a minute, told in every answer (``RateLimit`` headers)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from common import clock
from permissions.api.authentication import credential_of

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a limit."""

    name: str
    limit: int
    window: int
    left: int
    wait: int

    def headers(self) -> dict[str, str]:
        """For the answer, as the HTTP working group's draft has them."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.name}";r={max(self.left, 0)};t={self.wait}',
        }


def rate(name: str) -> tuple[int, int] | None:
    """Requests and seconds of a limit in the settings (``600/min``); ``None`` when there is none."""
    rates: dict[str, str | None] = api_settings.DEFAULT_THROTTLE_RATES  # type: ignore[assignment]
    text = rates.get(name)
    if not text:
        return None
    number, _, period = text.partition("/")
    return int(number), _SECONDS[period[0]]


class CredentialThrottle(BaseThrottle):
    """Counts the requests of a credential in fixed windows: reads and writes apart, and views that say so."""

    spent: Spent | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count one, and say whether it is within the limit."""
        name = getattr(view, "throttle_scope", None) or ("read" if request.method in SAFE else "write")
        found = rate(name)
        if found is None:
            return True
        limit, window = found
        now = int(clock.now().timestamp())
        used = _count(f"throttle:{name}:{credential_of(request)}:{now // window}", window)
        self.spent = Spent(name, limit, window, limit - used, window - now % window)
        request._request.rate_limit = self.spent  # type: ignore[attr-defined]
        return used <= limit

    def wait(self) -> float | None:
        """Seconds until the next window."""
        return float(self.spent.wait) if self.spent else None


def _count(key: str, window: int) -> int:
    cache.add(key, 0, timeout=window * 2)
    try:
        return cache.incr(key)
    except ValueError:
        # It was forgotten between the two.
        cache.set(key, 1, timeout=window * 2)
        return 1
