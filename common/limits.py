"""How often something may be done: for what costs others something, such as mails."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from common import clock
from common.errors import TooMany


def spend(key: str, *, times: int, within: timedelta, detail: str, uses: int = 1) -> None:
    """Count uses of ``key``. The caller holds a lock on what the key names, so that no two count at once.

    Args:
        uses: how many; all of them are counted, or none.

    Raises:
        TooMany: with these it would be used more than ``times`` times in the period.
    """
    name = f"limit:{key}"
    current = clock.now().timestamp()
    used = [moment for moment in cache.get(name, []) if moment > current - within.total_seconds()]
    if (over := len(used) + uses - times) > 0:
        # When enough of the oldest have passed; more than the limit at once never fit, and the whole period is said.
        freed = used[over - 1] if over <= len(used) else current
        raise TooMany(detail, retry_after=int(freed + within.total_seconds() - current) + 1)
    cache.set(name, [*used, *[current] * uses], timeout=int(within.total_seconds()))
