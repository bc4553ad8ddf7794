"""The audit trail: every change of a row leaves an event, whichever door it came through.

Database triggers write the events (django-pghistory), so a bulk update or a shell session cannot slip past. One trigger
per statement, not per row: adding 2,000 variants costs one more statement's worth of work. The event tables are
append-only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar

import pghistory
import pgtrigger
from django.db import connection, models
from pghistory import runtime
from psycopg.pq import TransactionStatus

M = TypeVar("M", bound=type[models.Model])

#: By which door a change came: a page, the API and the staff's admin are told by the address.
_DOORS: Final = (("/api/", "api"), ("/admin/", "admin"))

# What changes no row needs no context; a verb within another sends three of these. (pghistory has no setting for it.)
runtime.IGNORED_SQL_PREFIXES += ("savepoint", "release", "rollback", "set constraints", "(select")  # type: ignore[assignment]


def door_of(path: str) -> str:
    """The door that an address of the site belongs to."""
    return next((door for beginning, door in _DOORS if path.startswith(beginning)), "page")


def within_request() -> bool:
    """Whether a request has said already by which door this comes (``config.middleware``)."""
    return hasattr(runtime._tracker, "value") and "door" in runtime._tracker.value.metadata


def without_verb(actor: str, name: str, done: str) -> None:
    """Say who does what in a request whose writes are no verb's of ours (``customers.adapters``). A verb says more."""
    if within_request() and "verb" not in runtime._tracker.value.metadata:
        pghistory.context(actor=actor, actor_name=name, verb=f"accounts.{done}")


def door_of_process() -> str:
    """The door of what no request asked for: the worker's jobs, or somebody's command."""
    return "job" if any(argument.endswith("procrastinate") for argument in sys.argv[:2]) else "command"


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """Let histories be changed, and write none meanwhile.

    For the verbs that erase a person or purge a customer, and for nothing else: they put pseudonyms where names were.
    """
    with connection.cursor() as cursor:
        # It reads every table; that takes longer than a page may.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SELECT current_setting('pgtrigger.ignore', true)")
        before = cursor.fetchone()[0]
        _pass_over(cursor, f"{{{','.join(_triggers())}}}")
        try:
            yield
        finally:
            # A transaction in error is rolled back, and that with it.
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                _pass_over(cursor, before)


def _pass_over(cursor: Any, triggers: str | None) -> None:
    """To the end of the transaction.

    Said once: ``pgtrigger.ignore`` says it before every statement, in 11,000 letters; a purge has hundreds.
    """
    cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [triggers])


@cache
def _triggers() -> tuple[str, ...]:
    return tuple(sorted({trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}))


def audited(*, exclude: list[str] | None = None) -> Callable[[M], M]:
    """Keep the history of a model: what it was, before and after, when, by whom (see ``common.verbs``).

    Args:
        exclude: fields that are not kept, such as secrets.
    """
    # Made anew for each model: pghistory copies default trackers, and a copied operation is no longer recognised by
    # the statement-level triggers of pgtrigger 4.17.
    trackers: tuple[Any, ...] = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

    def decorate(model: M) -> M:
        tracked: M = pghistory.track(*trackers, exclude=exclude)(model)
        return tracked

    return decorate
