"""Taking texts out of every table, the histories included. Called past the triggers (``common.audit``).

Which columns hold free text follows from the models, so a table that is added later is covered without being named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
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


#: Letters from which on a run of them says something: fewer stand nearly everywhere.
TELLING: Final = 3
#: Kinds of columns: one address, JSON, and anything else.
_ADDRESS: Final = "in_address"
_JSON: Final = "in_json"
_TEXT: Final = "in_text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column in which people may have written."""

    model: type[models.Model]
    field: models.Field[Any, Any]

    @property
    def kind(self) -> str:
        """How what is written in it is spelled."""
        if isinstance(self.field, models.JSONField):
            return _JSON
        return _ADDRESS if isinstance(self.field, models.EmailField) else _TEXT


def is_free(field: models.Field[Any, Any]) -> bool:
    """Whether people's own words may stand in a field."""
    if isinstance(field, models.JSONField):
        return True
    if isinstance(field, PublicIdField) or field.choices or field.is_relation:
        return False
    if not isinstance(field, models.CharField | models.TextField):
        return False
    return field.name != "pgh_label" and (field.max_length is None or field.max_length > 5)


@cache
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


def replace(
    texts: Collection[str],
    instead: str,
    *,
    leave: Collection[str] = (),
    longer: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> None:
    """Put ``instead`` wherever one of the texts stands as a whole word, whatever its case, in every table.

    A column for e-mail addresses is one address: it is replaced whole, or not at all.

    Args:
        leave: labels of models, or of their fields (``customers.User.name``), that are passed over with their
            histories.
        longer: names of others that begin or end with a text, by the text: where such a name stands, it stays.
    """
    wanted = {text for text in texts if text}
    if not wanted:
        return
    patterns = {kind: _pattern(wanted, kind, longer) for kind in (_TEXT, _JSON, _ADDRESS)}
    by_model: dict[type[models.Model], list[Column]] = {}
    for column in columns():
        label = tracked(column.model)
        if not {label, f"{label}.{column.field.name}"} & {*leave} and patterns[column.kind]:
            by_model.setdefault(column.model, []).append(column)
    with connection.cursor() as cursor:
        hints = _hints(wanted)
        for model in _where(cursor, by_model, patterns, hints):
            _replace_in(cursor, model, by_model[model], patterns, hints, instead)


def _where(
    cursor: Any, by_model: dict[type[models.Model], list[Column]], patterns: dict[str, str], hints: list[str]
) -> list[type[models.Model]]:
    """In which tables one of the texts stands, asked at once: in most there is none."""
    quote = connection.ops.quote_name
    tables = list(by_model)
    if not tables:
        return []
    parts = []
    for place, model in enumerate(tables):
        table = quote(model._meta.db_table)
        conditions = " OR ".join(
            _holds(f"{table}.{quote(str(column.field.column))}", f"wanted.{column.kind}", "wanted.hints")
            for column in by_model[model]
        )
        parts.append(f"SELECT {place} WHERE EXISTS (SELECT FROM {table}, wanted WHERE {conditions})")  # noqa: S608
    cursor.execute(
        f"WITH wanted ({', '.join(patterns)}, hints) AS (VALUES (%s, %s, %s, %s::text[])) {' UNION ALL '.join(parts)}",
        [*patterns.values(), hints],
    )
    return [tables[place] for (place,) in cursor.fetchall()]


def _holds(column: str, pattern: str, hints: str) -> str:
    """That one of the texts stands in a column. The pattern takes ten times as long as the hint that goes before it."""
    return f'(lower({column}::text COLLATE "C") LIKE ANY ({hints}) AND {column}::text ~* {pattern})'


def _hints(wanted: Collection[str]) -> list[str]:
    """For each text its longest run of letters that every spelling has alike, as ``LIKE`` wants it."""
    runs = [max(re.findall("[A-Za-z0-9]+", text.partition("@")[0]), key=len, default="") for text in wanted]
    return ["%"] if min(map(len, runs)) < TELLING else sorted({f"%{run.lower()}%" for run in runs})


#: Not in the middle of a longer address (o'brien@, ann+brien@), nor of a longer word. In JSON, and in text that holds
#: JSON, what stands before may be a new line, spelled with a letter.
_BEFORE_ADDRESS: Final = r"(?:(?<!\w)(?<!\w[.+&'!-])|(?<=\\[bfnrt][.+-]?))"
_AFTER_ADDRESS: Final = r"(?!\w|-\w|\.\w)"
#: A dash between two letters makes one name of two.
_BEFORE_NAME: Final = r"(?:(?<![[:alnum:]])(?<![[:alnum:]]-)|(?<=\\[bfnrt]-?))"
_AFTER_NAME: Final = r"(?![[:alnum:]]|-[[:alnum:]])"
#: What people type between two words, as it is and as JSON spells it.
_BLANK: Final = r"(?:\s|\u00a0|\\[nrt]|\\u00a0)+"


def _pattern(wanted: Collection[str], kind: str, longer: Mapping[str, Collection[str]]) -> str:
    """Finds the texts in columns of a kind; empty when none of them can stand there."""
    texts = sorted(wanted, key=lambda text: (-len(text), text))
    addresses = [text for text in texts if "@" in text]
    if kind == _ADDRESS:
        return f"^(?:{'|'.join(map(_literal, addresses))})$" if addresses else ""
    parts = []
    if addresses:
        either = "|".join(_literal(one) for text in addresses for one in _spelled(text, kind))
        parts.append(f"{_BEFORE_ADDRESS}(?:{either}){_AFTER_ADDRESS}")
    if names := [text for text in texts if "@" not in text]:
        either = "|".join(
            _apart(_words(one), text, longer.get(text, ())) for text in names for one in _spelled(text, kind)
        )
        parts.append(f"{_BEFORE_NAME}(?:{either}){_AFTER_NAME}")
    return "|".join(parts)


def _spelled(text: str, kind: str) -> list[str]:
    """In JSON as it is spelled there; text columns may hold JSON, too, with letters escaped or not, and addresses."""
    spelled = {json.dumps(text, ensure_ascii=False)[1:-1]}
    if kind == _TEXT:
        spelled |= {text, json.dumps(text)[1:-1]}
    if "@" in text:
        spelled |= {one.replace("@", "%40") for one in spelled}
    return sorted(spelled, key=lambda one: (-len(one), one))


def _words(text: str) -> str:
    return re.sub(r"\s+", lambda _: _BLANK, _literal(text))


def _apart(words: str, text: str, longer: Collection[str]) -> str:
    """The words, but where they are the beginning or the end of a longer name."""
    for name in longer:
        before, _, after = name.casefold().partition(text.casefold())
        if after and not before:
            words += f"(?!{_literal(after)})"
        elif before and not after:
            words = f"(?<!{_literal(before)}){words}"
    return words


def _replace_in(
    cursor: Any,
    model: type[models.Model],
    found: Sequence[Column],
    patterns: dict[str, str],
    hints: list[str],
    instead: str,
) -> None:
    quote = connection.ops.quote_name
    sets, conditions = [], []
    parameters: list[Any] = []
    for column in found:
        name = quote(str(column.field.column))
        value = f"regexp_replace({name}::text, %s, %s, 'gi')"
        if column.kind == _JSON:
            value = f"{value}::jsonb"
        elif column.field.max_length:
            value = f"left({value}, {int(column.field.max_length)})"
        sets.append(f"{name} = {value}")
        parameters += [patterns[column.kind], instead]
        conditions.append(_holds(name, "%s", "%s::text[]"))
    parameters += [value for column in found for value in (hints, patterns[column.kind])]
    table = quote(model._meta.db_table)
    cursor.execute(f"UPDATE {table} SET {', '.join(sets)} WHERE {' OR '.join(conditions)}", parameters)  # noqa: S608


def _literal(text: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", text)


def forget_log(model: type[models.Model], keys: Iterable[int], instead: str) -> None:
    """Take the names of some rows, which may be gone, out of the admin's log, whichever page of it wrote them."""
    named = sorted({str(key) for key in keys})
    if not named:
        return
    pages = [one for one in apps.get_models() if one._meta.concrete_model is model]
    types = ContentType.objects.get_for_models(*pages, for_concrete_models=False).values()
    entries = LogEntry.objects.filter(content_type__in=[one.pk for one in types], object_id=OneOf(named))
    entries.update(object_repr=instead, change_message="")


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
