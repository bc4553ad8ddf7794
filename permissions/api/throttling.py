"""How much one credential may ask for in a minute, told in every answer (``RateLimit`` headers)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common import clock
from permissions.api.authentication import credential_of
from permissions.api.failures import rate, spend_one

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
        used = spend_one(f"throttle:{name}:{credential_of(request)}:{now // window}", window)
        self.spent = Spent(name, limit, window, limit - used, window - now % window)
        request._request.rate_limit = self.spent  # type: ignore[attr-defined]
        return used <= limit

    def wait(self) -> float | None:
        """Seconds until the next window."""
        return float(self.spent.wait) if self.spent else None
