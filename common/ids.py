"""Public ids: opaque, prefixed, sortable by the time they were made (``ocy_01k9f3…``)."""

from __future__ import annotations

import os
import re
import time
from typing import Any, Final

from django.db import models

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PATTERN: Final = re.compile(r"^([a-z]{2,4})_([0-9a-hjkmnp-tv-z]{26})$")
_WIDTH: Final = 26


def new_id(prefix: str) -> str:
    """A new public id: the prefix, and 128 bits in Crockford's base 32 (48 of milliseconds, 80 of chance)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"


def prefix_of(public_id: str) -> str | None:
    """The prefix of a well-formed public id; ``None`` when the text is not one."""
    found = _PATTERN.match(public_id)
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
