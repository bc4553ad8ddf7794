"""Sets of keys as one parameter: a thousand keys do not make a statement with a thousand places."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Value


class OneOf(Value):
    """``filter(pk=OneOf(keys))``: the column is one of the values. Numbers or texts, not both."""

    def __init__(self, values: Collection[int] | Collection[str]) -> None:
        super().__init__(None)
        self.values = list(values)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not self.values:
            # No value says what kind it is; PostgreSQL takes it from the column.
            return "ANY(%s)", ["{}"]
        kind = "text" if isinstance(self.values[0], str) else "bigint"
        return f"ANY(%s::{kind}[])", [array_text(self.values)]


def array_text(values: Collection[Any]) -> str:
    """An array as PostgreSQL writes it; for thousands of keys many times faster than adapting a list."""
    return "{" + ",".join([_quoted(one) if isinstance(one, str) else str(int(one)) for one in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
