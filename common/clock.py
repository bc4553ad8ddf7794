"""The one place the product reads the time from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pretended.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be another moment meanwhile: for the demo network, whose cycles have a past. Not for requests."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
