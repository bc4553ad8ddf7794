"""Public ids: opaque, prefixed, sortable by the time they were made (``ocy_01k9f3…``)."""

from __future__ import annotations

import re
import secrets
import threading
import time
from typing import Any, Final

from django.db import models

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PATTERN: Final = re.compile(r"([a-z]{2,4})_([0-9a-hjkmnp-tv-z]{26})")
_WIDTH: Final = 26
#: A millisecond in the units of an id's time.
_PARTS: Final = 1 << 12
_MILLISECOND: Final = 1_000_000
#: How far ids may run before the clock. Further off, the clock has been put back, and is believed.
_AHEAD: Final = 1_000 * _PARTS
_CHANCE: Final = 68

_lock = threading.Lock()
_last = 0


def _tick() -> int:
    """The time in 4096ths of a millisecond; in one process never the same twice, and never earlier than before."""
    global _last  # noqa: PLW0603
    now = time.time_ns() * _PARTS // _MILLISECOND
    with _lock:
        if now <= _last < now + _AHEAD:
            now = _last + 1
        _last = now
    return now


def new_id(prefix: str) -> str:
    """A new public id: the prefix, and 128 bits in Crockford's base 32 (60 of time, 68 of chance).

    What one process makes sorts in the order in which it was made, however fast: the time is laid out as in UUID
    version 7 with a finer clock (RFC 9562, section 6.2, method 3).
    """
    number = _tick() << _CHANCE | secrets.randbits(_CHANCE)
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"


def prefix_of(public_id: str) -> str | None:
    """The prefix of a well-formed public id; ``None`` when the text is not one."""
    found = _PATTERN.fullmatch(public_id)
    return found.group(1) if found else None


def is_id(public_id: object, prefix: str) -> bool:
    """Whether the value is a well-formed public id of this kind."""
    return isinstance(public_id, str) and prefix_of(public_id) == prefix


class PublicIdField(models.CharField[str, str]):
    """The public id of a row: filled in at creation, unique, never edited.

    Args:
        prefix: two to four letters that name the kind, such as ``ocy``.
    """

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        # Unique but in tables of history, where one row has many events.
        kwargs.setdefault("unique", True)
        kwargs.update(max_length=32, editable=False, db_collation="C")
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for key in ("max_length", "unique", "editable", "db_collation"):
            kwargs.pop(key, None)
        if not self.unique:
            kwargs["unique"] = False
        return name, path, args, {**kwargs, "prefix": self.prefix}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value: str = getattr(model_instance, self.attname)
        if add and not value:
            value = new_id(self.prefix)
            setattr(model_instance, self.attname, value)
        return value
