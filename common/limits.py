"""How often something may be done: for what costs others something, such as mails.

Uses are kept in the cache, so that all processes count together; what production keeps there is forgotten when it has
expired, and not before (``config.settings.services.cache``).
"""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction

from common import clock
from common.errors import TooMany


def spend(key: str, *, times: int, within: timedelta, detail: str, uses: int = 1) -> None:
    """Count uses of ``key``. Who counts the same at the same moment waits until this transaction has ended.

    Within a transaction it is a part of it: what is rolled back was not used. Whoever takes several keys in one
    transaction takes them in the same order everywhere.

    Args:
        uses: how many; all of them are counted, or none.

    Raises:
        TooMany: with these it would be used more than ``times`` times in the period.
    """
    name = f"limit:{key}"
    # No savepoint: it is cheap, and what is refused is raised after it.
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        current = clock.now().timestamp()
        used = [moment for moment in cache.get(name, []) if moment > current - within.total_seconds()]
        over = len(used) + uses - times
        if over <= 0:
            # One second more: some caches cut off the fraction.
            cache.set(name, [*used, *[current] * uses], timeout=int(within.total_seconds()) + 1)
            return
    # When enough of the oldest have passed; more than the limit at once never fit, and the whole period is said.
    freed = used[over - 1] if over <= len(used) else current
    raise TooMany(detail, retry_after=int(freed + within.total_seconds() - current) + 1)


def forget_expired() -> int:
    """Delete what has expired from the cache's table, which counts its rows whenever it is written. How many.

    Caches that are no table forget by themselves.
    """
    kept = caches["default"]
    if not isinstance(kept, DatabaseCache):
        return 0
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(kept._table)  # type: ignore[attr-defined]
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [clock.now()])  # noqa: S608 (a quoted name)
        return int(cursor.rowcount)
