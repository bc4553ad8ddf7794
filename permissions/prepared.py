"""Rules as prepared SQL.

Django's ORM turns a condition into SQL the first time that it is asked, for whichever slots and whichever actor; the
text is kept, and from then on only the values and columns are put in. The text comes from ``Condition.q`` and nothing
else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Q
from django.db.models.expressions import Combinable
from psycopg.sql import Literal

from common import clock
from permissions.access import Access, SomeActor
from permissions.holes import IDS, NOW, ORGANISATIONS, SLOT, Hole
from permissions.models import Role
from permissions.rules import Scope

#: Slots with the word that each is fixed to.
Fixed = tuple[tuple[str, str], ...]

#: As many texts as are kept: some for each action and set of actions.
MOST_TEXTS: Final = 5_000

_PLACE: Final = re.compile(r"(?<!%)%s")
#: Aliases inside the text must not be taken for those of the statement that it is put into.
_ALIAS: Final = re.compile(r"\b([A-Z]{1,3}\d+)\b")


class _EverySlot(Mapping[str, Any]):
    """Any slot: as a hole, or as what it is fixed to."""

    def __init__(self, fixed: Mapping[str, str]) -> None:
        self._fixed = fixed

    def __getitem__(self, slot: str) -> Any:
        if slot in self._fixed:
            return self._fixed[slot]
        return Hole(NOW) if slot == NOW else Hole(SLOT, slot)

    def __contains__(self, slot: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _anything(scope: Scope, fixed: Fixed) -> Scope:
    """What SQL is prepared for, to serve this scope and all like it."""
    return Scope({}, _EverySlot(dict(fixed)), scope.sets)


def _fixed(scope: Scope) -> Fixed:
    """Slots that hold a word, such as a direction: each has its own text, without the rules that it rules out."""
    return tuple((slot, str(value)) for slot, value in scope.constants.items() if isinstance(value, str))


@dataclass(frozen=True)
class Text:
    """SQL in pieces, with a hole between each two."""

    pieces: tuple[str, ...]
    between: tuple[Hole, ...]

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The slots that it speaks of."""
        named = (one.name for one in self.between if one.kind == SLOT)
        return tuple(dict.fromkeys(name for name in named if name))


def text_of(q: Q) -> Text:
    """A condition as SQL; its slots are holes."""
    rows = Role._default_manager.filter(q).order_by()
    parameters: Sequence[Any] = ()
    try:
        sql, parameters = rows.query.where.as_sql(rows.query.get_compiler(connection=connection), connection)
    except FullResultSet:
        sql = "TRUE"
    except EmptyResultSet:
        sql = "FALSE"
    return _text(sql, parameters)


def text_of_expression(expression: Any) -> Text:
    """An expression as SQL; its slots are holes."""
    rows = Role._default_manager.annotate(_one=expression)
    sql, parameters = rows.query.get_compiler(connection=connection).compile(rows.query.annotations["_one"])
    return _text(sql, parameters)


def _text(sql: str, parameters: Sequence[Any]) -> Text:
    first, *rest = (_ALIAS.sub(r"r\1", piece) for piece in _PLACE.split(sql))
    pieces, between = [first], []
    for one, piece in zip(parameters, rest, strict=True):
        if isinstance(one, Hole):
            pieces.append(piece)
            between.append(one)
        else:
            pieces[-1] += Literal(one).as_string().replace("%", "%%") + piece
    return Text(tuple(pieces), tuple(between))


def joined(texts: Sequence[Text], start: str, between: str, end: str) -> Text:
    """Several texts as one."""
    pieces: list[str] = [start]
    parameters: list[Hole] = []
    for number, text in enumerate(texts):
        if number:
            pieces[-1] += between
        first, *rest = text.pieces
        pieces[-1] += first
        pieces += rest
        parameters += text.between
    pieces[-1] += end
    return Text(tuple(pieces), tuple(parameters))


class Prepared(Expression):
    """Prepared SQL as part of a queryset: constants and the actor as values, paths as columns of it.

    Args:
        grouped: stands beside aggregates, on columns that are grouped by; worked out once for each group.
    """

    def __init__(
        self,
        text: Text,
        scope: Scope,
        actor: Access,
        output_field: Field[Any, Any] | None = None,
        *,
        grouped: bool = False,
    ) -> None:
        super().__init__(output_field=output_field or BooleanField())
        self.text = text
        self.scope = scope
        self.actor = actor
        self.grouped = grouped
        self.columns: dict[str, Any] = {
            slot: F(scope.paths[slot]) for slot in text.slots if slot not in scope.constants
        }

    @property
    def contains_aggregate(self) -> bool:
        # With an aggregate Django groups by the columns in it, with anything else by its value for each row.
        return self.grouped

    @property
    def identity(self) -> Any:
        return id(self)

    def get_source_expressions(self) -> list[Any]:
        return list(self.columns.values())

    def get_group_by_cols(self) -> list[Any]:
        return [column for source in self.columns.values() for column in source.get_group_by_cols()]

    def set_source_expressions(self, exprs: Sequence[Combinable | Expression]) -> None:
        self.columns = dict(zip(self.columns, exprs, strict=True))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        columns = {slot: compiler.compile(column) for slot, column in self.columns.items()}
        first, *rest = self.text.pieces
        sql: list[str] = [first]
        parameters: list[Any] = []
        for one, piece in zip(self.text.between, rest, strict=True):
            column = columns.get(one.name or "") if one.kind == SLOT else None
            if column is not None:
                sql.append(column[0])
                parameters.extend(column[1])
            else:
                sql.append("%s")
                parameters.append(filled(one, self.scope, self.actor))
            sql.append(piece)
        return "".join(sql), parameters


def filled(hole: Hole, scope: Scope, actor: Access) -> Any:
    """What a hole stands for."""
    if hole.kind == SLOT:
        return scope.constants[hole.name or ""]
    if hole.kind == IDS:
        return list(actor.ids(hole.name or ""))
    if hole.kind == ORGANISATIONS:
        return list(actor.organisation_ids(hole.name))
    return clock.now() if hole.kind == NOW else actor.user_id


_texts: dict[Any, Text] = {}


def forget() -> None:
    """Forget every text, because the rules have changed."""
    _texts.clear()


def _kept(key: Any, scope: Scope, make: Callable[[Scope], Text]) -> Text:
    fixed = _fixed(scope)
    whole = (key, fixed, scope.sets)
    text = _texts.get(whole)
    if text is None:
        if len(_texts) > MOST_TEXTS:
            _texts.clear()
        text = _texts[whole] = make(_anything(scope, fixed))
    return text


def prepared(
    key: Any, q: Callable[[Scope, SomeActor], Q], scope: Scope, actor: Access, *, grouped: bool = False
) -> Prepared:
    """A condition, prepared. ``key`` names it; ``q`` makes it the first time. For ``grouped`` see ``Prepared``."""
    kind = SomeActor.like(actor)
    text = _kept((key, kind), scope, lambda anything: text_of(q(anything, kind)))
    return Prepared(text, scope, actor, grouped=grouped)


def prepared_array(key: Any, qs: Callable[[Scope, SomeActor], Sequence[Q]], scope: Scope, actor: Access) -> Prepared:
    """Several conditions as one array of booleans; unknown is false."""
    kind = SomeActor.like(actor)

    def make(anything: Scope) -> Text:
        parts = [joined([text_of(q)], "((", "", ") IS TRUE)") for q in qs(anything, kind)]
        return joined(parts, "ARRAY[", ", ", "]::boolean[]")

    return Prepared(_kept((key, kind), scope, make), scope, actor, Field())


def prepared_moments(key: Any, expressions: Callable[[Scope], Sequence[Any]], scope: Scope, actor: Access) -> Prepared:
    """Several moments as one array; ``None`` where there is none."""

    def make(anything: Scope) -> Text:
        return joined([text_of_expression(one) for one in expressions(anything)], "ARRAY[", ", ", "]::timestamptz[]")

    return Prepared(_kept(key, scope, make), scope, actor, Field())


__all__ = ["Prepared", "forget", "prepared", "prepared_array", "prepared_moments"]
