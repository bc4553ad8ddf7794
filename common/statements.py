"""Queries that every request asks: Django turns each into SQL once, and only the values are put in after that.

Working a query out costs Django several times what PostgreSQL takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable

from common.arrays import array_text


class Place(Value):
    """Where a value is put in. Its parameter in the finished SQL is itself."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def filled(self, value: Any) -> Any:
        """What is sent for a value."""
        return value


class PlaceOfKeys(Place):
    """Where a set of keys is put in: ``filter(pk=PlaceOfKeys("ids"))`` is that the column is one of them."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "ANY(%s::bigint[])", [self]

    def filled(self, value: Collection[int]) -> str:
        """The keys, as PostgreSQL writes an array."""
        return array_text(value)


class Statement:
    """A query with places in it.

    Args:
        query: makes it; asked when it is first sent, because models have to be ready.
    """

    def __init__(self, query: Callable[[], QuerySet[Any, Any]]) -> None:
        self._query = query

    @cached_property
    def _compiled(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._query().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        return compiler, sql, tuple(parameters)

    def _filled(self, values: dict[str, Any]) -> tuple[str, list[Any]]:
        _, sql, parameters = self._compiled
        return sql, [one.filled(values[one.name]) if isinstance(one, Place) else one for one in parameters]

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What is found, as PostgreSQL tells it: for columns that need no turning into something of Python's.

        Raises:
            KeyError: a place is not among the ``values``.
        """
        with connection.cursor() as cursor:
            cursor.execute(*self._filled(values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def instances(self, **values: Any) -> list[Any]:
        """What is found, as objects of the query's model with all that it selects beside: for a query without values.

        Raises:
            KeyError: a place is not among the ``values``.
        """
        # Django's compiler asks itself for the SQL, and knows from making it which columns are which fields.
        compiler = copy(self._compiled[0])
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: self._filled(values)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})
        return list(ModelIterable(asked))
