"""Taking texts out of every table, the histories included. Called past the triggers (``common.audit``).

Which columns hold free text follows from the models, so a table that is added later is covered without being named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from common.arrays import OneOf
from common.ids import PublicIdField

#: Tables that hold nobody's words. Sessions are ended and deleted instead.
_WITHOUT: Final = frozenset({"sessions.Session", "contenttypes.ContentType", "auth.Permission"})
#: What these are called is the name of a thing, not of a person.
OF_THINGS: Final = frozenset(
    {
        "auth.Group",
        "organisations.Organisation",
        "organisations.BusinessUnit",
        "organisations.Business",
        "permissions.Role",
        "ordercycles.Product",
        "ordercycles.Variant",
        "ordercycles.Fee",
        "ordercycles.OrderCycle",
        "ordercycles.ShippingMethod",
        "ordercycles.PaymentMethod",
        "ordercycles.RecordedOffer",
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column in which people may have written."""

    model: type[models.Model]
    field: models.Field[Any, Any]

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return isinstance(self.field, models.JSONField)


def is_free(field: models.Field[Any, Any]) -> bool:
    """Whether people's own words may stand in a field."""
    if isinstance(field, models.JSONField):
        return True
    if isinstance(field, PublicIdField) or field.choices or field.is_relation:
        return False
    if not isinstance(field, models.CharField | models.TextField):
        return False
    return field.name != "pgh_label" and (field.max_length is None or field.max_length > 5)


def columns() -> list[Column]:
    """Every such column of the database."""
    return [
        Column(model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed is not False or model._meta.app_label == "procrastinate"
        if not model._meta.proxy and model._meta.label not in _WITHOUT
        for field in model._meta.concrete_fields
        if field.model is model and is_free(field)
    ]


def tracked(model: type[models.Model]) -> str:
    """The label of the model that a history is of, or of the model itself."""
    origin = getattr(model, "pgh_tracked_model", None) or model
    return str(origin._meta.label)


def replace(texts: Collection[str], instead: str, *, leave: Collection[str] = ()) -> None:
    """Put ``instead`` wherever one of the texts stands as a whole word, whatever its case, in every table.

    Args:
        leave: labels of models (and their histories) that are passed over.
    """
    wanted = {text for text in texts if text}
    if not wanted:
        return
    by_model: dict[type[models.Model], list[Column]] = {}
    for column in columns():
        if tracked(column.model) not in leave:
            by_model.setdefault(column.model, []).append(column)
    with connection.cursor() as cursor:
        for model, found in by_model.items():
            _replace_in(cursor, model, found, wanted, instead)


def _pattern(wanted: Collection[str], *, is_json: bool) -> str:
    """Finds the texts as whole words, in JSON as they are spelled there.

    Text columns may hold JSON, too, with letters escaped or not.
    """
    spelled = {json.dumps(text, ensure_ascii=False)[1:-1] for text in wanted}
    if not is_json:
        spelled |= {*wanted, *(json.dumps(text)[1:-1] for text in wanted)}
    either = "|".join(map(_literal, sorted(spelled, key=lambda text: (-len(text), text))))
    # In JSON, what stands before may be a new line, spelled with a letter.
    return rf"((?<![\w.+-])|(?<=\\[bfnrt]))(?:{either})(?!\w|-\w|\.\w)"


def _replace_in(
    cursor: Any, model: type[models.Model], found: Sequence[Column], wanted: Collection[str], instead: str
) -> None:
    quote = connection.ops.quote_name
    sets, conditions = [], []
    parameters: list[Any] = []
    patterns = [_pattern(wanted, is_json=column.is_json) for column in found]
    for column, pattern in zip(found, patterns, strict=True):
        name = quote(str(column.field.column))
        value = f"regexp_replace({name}::text, %s, %s, 'gi')"
        if column.is_json:
            value = f"{value}::jsonb"
        elif column.field.max_length:
            value = f"left({value}, {int(column.field.max_length)})"
        sets.append(f"{name} = {value}")
        parameters += [pattern, instead]
        conditions.append(f"{name}::text ~* %s")
    parameters += patterns
    table = quote(model._meta.db_table)
    cursor.execute(f"UPDATE {table} SET {', '.join(sets)} WHERE {' OR '.join(conditions)}", parameters)  # noqa: S608


def _literal(text: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", text)


def forget_log(model: type[models.Model], keys: Iterable[int], instead: str) -> None:
    """Take the names of some rows, which may be gone, out of the admin's log, whichever page of it wrote them."""
    types = [one.pk for one in ContentType.objects.all() if _concrete(one) is model]
    entries = LogEntry.objects.filter(content_type__in=types, object_id=OneOf(sorted({str(key) for key in keys})))
    entries.update(object_repr=instead, change_message="")


def _concrete(kind: ContentType) -> type[models.Model] | None:
    found = kind.model_class()
    return found._meta.concrete_model if found is not None else None


def blank(rows: models.QuerySet[Any], names: str) -> None:
    """Take every free text out of some rows; what they are called becomes ``names``."""
    values: dict[str, Any] = {}
    for field in rows.model._meta.concrete_fields:
        if field.name.startswith("pgh_") or not is_free(field):
            continue
        if isinstance(field, models.JSONField):
            values[field.name] = field.get_default() if field.has_default() else {}
        else:
            values[field.name] = names if field.name in ("name", "company_name") else ""
    if values:
        rows.update(**values)
