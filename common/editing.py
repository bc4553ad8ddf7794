"""What verbs that change one row share: lock it, compare versions, check it, write it, raise its version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from common import clock
from common.errors import Conflict, NotFound, Stale
from common.models import Versioned, single
from common.validation import check

M = TypeVar("M", bound=models.Model)
V = TypeVar("V", bound=Versioned)


def locked(row: M, *related: str) -> M:
    """The row as it is now, held alone until the transaction ends, with ``related`` rows read (and not held)."""
    rows = type(row)._default_manager.select_for_update(of=("self",)).select_related(*related or (None,))
    found = single(rows.filter(pk=row.pk))
    if found is None:
        raise NotFound
    return found


def check_version(row: Versioned, version: int | None) -> None:
    """The caller read the row as it is now; ``None`` does not ask.

    Raises:
        Stale: somebody changed it since.
    """
    if version is not None and version != row.version:
        raise Stale(version, current=row.version)


def opened(row: V, version: int | None, *related: str) -> V:
    """The row locked, at the version that the caller read."""
    found = locked(row, *related)
    check_version(found, version)
    return found


def written(row: V, changes: Mapping[str, Any], pointers: Mapping[str, str] | None = None) -> V:
    """Write changes to a locked row, checked, with its version raised. No change, no write."""
    changed = {field: value for field, value in changes.items() if getattr(row, field) != value}
    if not changed:
        return row
    for field, value in changed.items():
        setattr(row, field, value)
    check(row, pointers)
    row.version = row.version + 1
    _save(row, [*changed, "version", "updated_at"])
    return row


def created(row: M, pointers: Mapping[str, str] | None = None) -> M:
    """Check a new row and write it."""
    check(row, pointers)
    _save(row, None)
    return row


def archived(row: V, *, away: bool) -> V:
    """Put a locked row away, or take it out again. What is so already stays as it is."""
    if (row.archived_at is not None) == away:  # type: ignore[attr-defined]
        return row
    return written(row, {"archived_at": clock.now() if away else None})


def known(changes: Mapping[str, Any], shape: type) -> dict[str, Any]:
    """The changes, all of which ``shape`` (a ``TypedDict``) names: a mistake of the programmer's otherwise."""
    unknown = changes.keys() - shape.__annotations__.keys()
    if unknown:
        raise TypeError(f"{shape.__name__} has no {', '.join(sorted(unknown))}")
    return dict(changes)


def _save(row: models.Model, fields: list[str] | None) -> None:
    try:
        # A transaction of its own, so that the caller's can go on to say what happened.
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as problem:
        raise Conflict("Somebody else saved the same at this moment. Look again, and try again.") from problem
