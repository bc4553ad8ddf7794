"""How often something may be done: for what costs others something, such as mails."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from common import clock
from common.errors import TooMany


def spend(key: str, *, times: int, within: timedelta, detail: str) -> None:
    """Count one use of ``key``. The caller holds a lock on what the key names, so that no two count at once.

    Raises:
        TooMany: it was used ``times`` times in the period already.
    """
    name = f"limit:{key}"
    current = clock.now().timestamp()
    used = [moment for moment in cache.get(name, []) if moment > current - within.total_seconds()]
    if len(used) >= times:
        raise TooMany(detail, retry_after=int(used[0] + within.total_seconds() - current) + 1)
    cache.set(name, [*used, current], timeout=int(within.total_seconds()))
