"""The audit trail: every change of a row leaves an event, whichever door it came through.

Database triggers write the events (django-pghistory), so a bulk update or a shell session cannot slip past. One trigger
per statement, not per row: adding 2,000 variants costs one more statement's worth of work. The event tables are
append-only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import models

M = TypeVar("M", bound=type[models.Model])


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
