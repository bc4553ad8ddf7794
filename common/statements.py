"""Queries that every request asks: Django turns each into SQL once, and only the values are put in after that.

Working a query out costs Django several times what PostgreSQL takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value


class Place(Value):
    """Where a value is put in. Its parameter in the finished SQL is itself."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Statement:
    """A query with places in it.

    Args:
        query: makes it, with ``values_list``; asked when it is first sent, because models have to be ready.
    """

    def __init__(self, query: Callable[[], QuerySet[Any, Any]]) -> None:
        self._query = query

    @cached_property
    def _text(self) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self._query().query.sql_with_params()
        return sql, tuple(parameters)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What is found, as PostgreSQL tells it: for columns that need no turning into something of Python's.

        Raises:
            KeyError: a place is not among the ``values``.
        """
        sql, parameters = self._text
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[one.name] if isinstance(one, Place) else one for one in parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
