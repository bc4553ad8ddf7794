"""Finding one row by its public id, through the engine."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from common.errors import NotFound
from common.ids import prefix_of
from common.models import single

M = TypeVar("M", bound=Model)


def one(rows: QuerySet[M], public_id: str, path: str = "public_id") -> M:
    """The row with the public id, among rows that are filtered by what the actor sees.

    Raises:
        NotFound: there is none, or the actor may not know of it: the same words for both. So what is no id at all.
    """
    if path.endswith("public_id") and prefix_of(public_id) is None:
        raise NotFound
    found = single(rows.filter(**{path: public_id}))
    if found is None:
        raise NotFound
    return found
