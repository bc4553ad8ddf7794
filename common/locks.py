"""Row locks that Django's ORM has no word for."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def share(queryset: QuerySet[Any], *, key: bool = False) -> list[Any]:
    """Lock rows against change until the transaction ends (``FOR SHARE``), and return their keys.

    Many may hold the lock at once; whoever changes or deletes a row waits for all of them.

    Args:
        key: against being deleted only (``FOR KEY SHARE``); they can be changed.
    """
    table = connection.ops.quote_name(queryset.model._meta.db_table)
    try:
        query, parameters = queryset.order_by("pk").values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        # Nothing can match, so there is nothing to hold.
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{query} FOR {'KEY ' if key else ''}SHARE OF {table}", parameters)
        return [row[0] for row in cursor.fetchall()]
