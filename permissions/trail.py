"""The audit trail, read: one list, newest first, over the event tables of all apps.

Each app says, for each model that it keeps the history of, whose the rows are and how to name them (``register``). A
model that is tracked and not registered fails a test. What is read:

1. the newest events of each table, limited and ordered, merged (one statement);
2. those events, what their rows were before, and who did it (one statement);
3. the names of what they refer to (one statement), and which people the reader may be told of (one).

So a page costs the same however many rows it has. Secrets are not in event tables at all (``common.audit.audited``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import structlog
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst

from common.arrays import OneOf
from common.ids import prefix_of
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require
from permissions.impersonation import EXPORTS, keep
from permissions.policies import of_organisation

log = structlog.get_logger(__name__)

#: Fields of rows that say nothing to a reader.
_TECHNICAL: Final = frozenset({"id", "public_id", "created_at", "updated_at", "version", "group", "only"})
CHANGES: Final = {"insert": "created", "update": "changed", "delete": "deleted"}
DOORS: Final = {
    "page": "a page",
    "api": "the API",
    "admin": "the staff's admin",
    "command": "a command",
    "job": "a job",
}
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
#: What a file holds at most, and how many of them are read at once.
MOST_ROWS: Final = 20_000
_PART: Final = 500


@dataclass(frozen=True)
class Tenant:
    """An organisation, as event tables refer to it.

    Attributes:
        organisation_id: its key.
        unit_ids: the keys of its units, which are those of its enterprises; of those that are gone by now, too.
    """

    organisation_id: int
    unit_ids: OneOf


Belongs = Callable[[Tenant], Q]


@dataclass(frozen=True)
class Source:
    """A model with a history.

    Attributes:
        kind: what its rows are called in addresses and filters.
        own: the condition on events of rows that are the organisation's own; ``None``: no organisation's.
        shared: the condition on events of others' rows that its owners may see, too.
        title: the fields that name a row.
        object_id: where the public id is that a row is known by.
        name: the expression that names a row where another refers to it.
        hidden: fields that are not shown.
    """

    model: type[models.Model]
    kind: str
    own: Belongs | None
    shared: Belongs | None = None
    title: tuple[str, ...] = ("name",)
    object_id: str = "public_id"
    name: Any = field(default_factory=lambda: F("name"))
    hidden: frozenset[str] = frozenset()

    @property
    def events(self) -> type[models.Model]:
        """The event model."""
        found: type[models.Model] = self.model.pgh_event_model  # type: ignore[attr-defined]
        return found

    @property
    def label(self) -> str:
        """What a row is called on pages."""
        return capfirst(str(self.model._meta.verbose_name)).replace("-", " ")

    def belongs(self, tenant: Tenant) -> Q | None:
        """Which events an organisation's owners see."""
        if self.own is None:
            return None
        return self.own(tenant) | self.shared(tenant) if self.shared else self.own(tenant)


_sources: dict[str, Source] = {}
_names: dict[str, Any] = {}


def register(*sources: Source) -> None:
    """Add models. Called by the apps when they are ready."""
    for source in sources:
        if source.kind in _sources:
            raise ValueError(f"{source.kind} is registered already")
        _sources[source.kind] = source
        _names[source.model._meta.label] = source.name


def sources() -> list[Source]:
    """Every registered model, in the order of registration."""
    return list(_sources.values())


def kinds() -> dict[str, str]:
    """Kind to label, for choices."""
    return {one.kind: one.label for one in sorted(_sources.values(), key=lambda one: one.label)}


def through_events(model: type[models.Model], condition: Q, path: str = "pgh_obj_id") -> models.QuerySet[Any]:
    """The keys of rows of ``model`` for which the condition ever held: of those that are gone by now, too."""
    events: Any = model.pgh_event_model  # type: ignore[attr-defined]
    found: models.QuerySet[Any] = events._default_manager.filter(condition).values(path)
    return found


# --- what is asked for ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; empty is everything.

    Attributes:
        person: the public id of a person or key, or a part of a name.
        kind: of which kind of row.
        verb: what was done, or a part of it.
        since: from this moment on.
        until: before this moment.
        object: the public id of one thing.
        door: through which door.
    """

    person: str = ""
    kind: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    object: str = ""
    door: str = ""
    #: The same as ``person``, worked out for a reader who may not be told of everybody.
    people: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an event stands in the list: by time, then by table and key, so that no two stand in one place."""

    at: datetime
    kind: str
    key: int

    def text(self) -> str:
        """For a cursor."""
        return f"{self.at.isoformat()}|{self.kind}|{self.key}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that a cursor's text names; ``None`` when it names none."""
        at, _, rest = text.partition("|")
        kind, _, key = rest.partition("|")
        moment = parse_datetime(at) if key.isdecimal() else None
        return cls(moment, kind, int(key)) if moment is not None and kind in _sources else None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row, before and after, in words."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, in words."""

    id: str
    place: Place
    at: datetime
    actor: str
    actor_name: str
    is_staff: bool
    kind: str
    label: str
    object: str
    object_name: str
    change: str
    changes: tuple[Change, ...]
    verb: str
    reason: str
    door: str
    request_id: str
    #: Who of Hectare's staff acted as the actor, when somebody did: public id and name.
    impersonator: str = ""
    impersonator_name: str = ""

    @property
    def done(self) -> str:
        """What was done, as the verb says it."""
        return capfirst(self.verb.rpartition(".")[2].replace("_", " "))

    @property
    def door_in_words(self) -> str:
        """The door as people call it."""
        return DOORS.get(self.door, "")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the trail, newest first."""

    entries: list[Entry]
    older: Place | None
    newer: Place | None


# --- reading ----------------------------------------------------------------------------------------------------


def of_tenant(
    access: Access,
    organisation: Any,
    filters: Filters = Filters(),
    *,
    size: int = 50,
    before: Place | None = None,
    after: Place | None = None,
) -> Found:
    """What happened to an organisation's rows, for those whose role includes it, and for staff.

    Raises:
        NotFound, Refused: the actor may not see it.
    """
    require(access, Action.AUDIT_VIEW, of_organisation(organisation))
    return _read(access, organisation, filters, size, before, after)


def of_all(
    access: Access,
    filters: Filters = Filters(),
    *,
    size: int = 50,
    before: Place | None = None,
    after: Place | None = None,
) -> Found:
    """What happened anywhere. For staff; for anybody else there is nothing."""
    if not access.is_staff:
        return Found([], None, None)
    return _read(access, None, filters, size, before, after)


def every_row(access: Access, organisation: Any | None, filters: Filters) -> Iterator[Entry | None]:
    """The entries of a file, ``MOST_ROWS`` at most, read in parts. That it was asked for is logged.

    When there are older ones besides, the last is ``None``.

    Raises:
        Refused: at once, not with the first row: staff act as the actor, and take nothing out in her place (S4).
    """
    keep(access, EXPORTS, Action.AUDIT_VIEW)
    return _every_row(access, organisation, filters)


def _every_row(access: Access, organisation: Any | None, filters: Filters) -> Iterator[Entry | None]:
    log.info(
        "audit_trail_exported", actor=access.actor, organisation=getattr(organisation, "public_id", ""), by=access.name
    )
    place: Place | None = None
    for _ in range(MOST_ROWS // _PART):
        found = (
            of_all(access, filters, size=_PART, before=place)
            if organisation is None
            else of_tenant(access, organisation, filters, size=_PART, before=place)
        )
        yield from found.entries
        place = found.older
        if place is None:
            return
    yield None


def _read(
    access: Access, organisation: Any | None, filters: Filters, size: int, before: Place | None, after: Place | None
) -> Found:
    tenant = tenant_of(organisation) if organisation is not None else None
    if tenant is not None and filters.person and not access.is_staff:
        filters = replace(filters, person="", people=_told_of(organisation, filters.person))
    places = _places(tenant, filters, size + 1, before, after)
    more = len(places) > size
    places = places[:size]
    if after is not None:
        places.reverse()
    entries = _entries(access, organisation, places)
    if not entries:
        return Found([], None, None)
    older = entries[-1].place if more or after is not None else None
    newer = entries[0].place if (before is not None or (after is not None and more)) else None
    return Found(entries, older, newer)


def _told_of(organisation: Any, text: str) -> tuple[str, ...]:
    """The public ids of those whom the organisation's owners know, of this id or name: its people, keys, and staff.

    To look for anybody else finds nothing, whatever she did: a filter must not tell what a page does not.
    """
    members = apps.get_model("permissions", "MembershipEvent")._default_manager
    theirs = Exists(members.filter(organisation_id=organisation.pk, user_id=OuterRef("pk")))
    named = Q(public_id=text) | Q(name__icontains=text)
    people = get_user_model()._default_manager.filter(named, Q(is_staff=True) | Q(theirs))
    keys = apps.get_model("permissions", "ApiKey")._default_manager.filter(named, organisation_id=organisation.pk)
    found = people.order_by().values_list("public_id").union(keys.order_by().values_list("public_id"))
    return tuple(public_id for (public_id,) in found)


def tenant_of(organisation: Any) -> Tenant:
    """An organisation with the units that it has and those that were deleted when they were its. One statement."""
    units = apps.get_model("organisations", "BusinessUnit")._default_manager.filter(organisation_id=organisation.pk)
    events = apps.get_model("organisations", "BusinessUnitEvent")._default_manager
    deleted = events.filter(organisation_id=organisation.pk, pgh_label="delete")
    keys = units.order_by().values_list("pk").union(deleted.order_by().values_list("pgh_obj_id"))
    return Tenant(organisation.pk, OneOf(sorted(key for (key,) in keys)))


def _places(
    tenant: Tenant | None, filters: Filters, size: int, before: Place | None, after: Place | None
) -> list[Place]:
    """The first ``size`` events on one side of a place: of each table its own first ones, merged. One statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for source in _sources.values():
        rows = _branch(source, tenant, filters, before, after)
        if rows is None:
            continue
        order = ("pgh_created_at", "pgh_id") if after is not None else ("-pgh_created_at", "-pgh_id")
        try:
            query = rows.order_by(*order).values_list("pgh_created_at", "trail_kind", "pgh_id")[:size].query
            sql, values = query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"({sql})")
        parameters += values
    if not parts:
        return []
    way = "ASC" if after is not None else "DESC"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found (at, kind, key) "  # noqa: S608
            f'ORDER BY at {way}, kind COLLATE "C" {way}, key {way} LIMIT {int(size)}',
            parameters,
        )
        return [Place(at, kind, key) for at, kind, key in cursor.fetchall()]


def _branch(
    source: Source, tenant: Tenant | None, filters: Filters, before: Place | None, after: Place | None
) -> models.QuerySet[Any] | None:
    """The events of one table that are asked for; ``None`` when there can be none."""
    condition = Q()
    if tenant is not None:
        belongs = source.belongs(tenant)
        if belongs is None:
            return None
        condition &= belongs
    if filters.kind and filters.kind != source.kind:
        return None
    if filters.object:
        about = _about(source, filters.object)
        if about is None:
            return None
        condition &= about
    condition &= _context(filters) & _beyond(source.kind, before, after)
    if filters.since:
        condition &= Q(pgh_created_at__gte=filters.since)
    if filters.until:
        condition &= Q(pgh_created_at__lt=filters.until)
    rows: Any = source.events._default_manager.filter(condition)
    named: models.QuerySet[Any] = rows.annotate(trail_kind=Value(source.kind, output_field=models.TextField()))
    return named


def _about(source: Source, public_id: str) -> Q | None:
    """The condition that an event is of the one thing, or of what hangs on it."""
    first, _, rest = source.object_id.partition("__")
    column = source.model._meta.get_field(first)
    if not rest:
        return Q(public_id=public_id) if prefix_of(public_id) == getattr(column, "prefix", None) else None
    other: Any = column.related_model
    target = other._meta.get_field(rest)
    if prefix_of(public_id) != getattr(target, "prefix", None):
        return None
    # From the events of what it hangs on, which are there when that is gone.
    events = other.pgh_event_model._default_manager.filter(public_id=public_id).values("pgh_obj_id")
    return Q(**{f"{first}_id__in": events})


def _context(filters: Filters) -> Q:
    condition = Q()
    if filters.people is not None:
        condition &= _by("", "__in", list(filters.people))
    elif prefix_of(filters.person) in ("usr", "key"):
        condition &= _by("", "", filters.person)
    elif filters.person:
        condition &= _by("_name", "__icontains", filters.person)
    if filters.verb:
        condition &= Q(pgh_context__metadata__verb__icontains=filters.verb.strip().replace(" ", "_"))
    if filters.door:
        condition &= Q(pgh_context__metadata__door=filters.door)
    return condition


def _by(what: str, how: str, value: Any) -> Q:
    """The condition that somebody did it: herself, or acting as somebody."""
    return Q(**{f"pgh_context__metadata__actor{what}{how}": value}) | Q(
        **{f"pgh_context__metadata__impersonator{what}{how}": value}
    )


def _beyond(kind: str, before: Place | None, after: Place | None) -> Q:
    """The condition that an event of this kind stands behind (or ahead of) a place."""
    place, sign = (before, "lt") if before is not None else (after, "gt")
    if place is None:
        return Q()
    if kind == place.kind:
        same = Q(**{f"pgh_id__{sign}": place.key})
    else:
        same = Q() if (kind < place.kind) == (sign == "lt") else Q(pk__in=[])
    beyond = Q(**{f"pgh_created_at__{sign}": place.at}) | (Q(pgh_created_at=place.at) & same)
    # Said once more, so that an index on the time serves.
    return Q(**{f"pgh_created_at__{sign}e": place.at}) & beyond


# --- in words ---------------------------------------------------------------------------------------------------


@dataclass
class _Raw:
    place: Place
    label: str
    row: dict[str, Any]
    before: dict[str, Any] | None
    context: dict[str, Any]


def _entries(access: Access, organisation: Any | None, places: Sequence[Place]) -> list[Entry]:
    if not places:
        return []
    raws = _raws(places)
    wanted: dict[str, set[Any]] = {}
    for raw in raws:
        _collect(_sources[raw.place.kind], raw, wanted)
    names = _resolve(wanted)
    people = _People.of(access, organisation, raws, wanted)
    return [_entry(raw, names, people) for raw in raws]


def _raws(places: Sequence[Place]) -> list[_Raw]:
    """The events at these places with what was before each. One statement."""
    keys: dict[str, list[int]] = {}
    for place in places:
        keys.setdefault(place.kind, []).append(place.key)
    parts: list[str] = []
    parameters: list[Any] = []
    for kind, ids in keys.items():
        events = _sources[kind].events
        table = connection.ops.quote_name(events._meta.db_table)
        parts.append(
            f"SELECT %s, e.pgh_id, e.pgh_label, to_jsonb(e), c.metadata, "  # noqa: S608  names of our own tables
            f"(SELECT to_jsonb(p) FROM {table} p WHERE p.pgh_obj_id = e.pgh_obj_id AND p.pgh_id < e.pgh_id "
            f"ORDER BY p.pgh_id DESC LIMIT 1) "
            f"FROM {table} e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_id = ANY(%s)"
        )
        parameters += [kind, ids]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        found = {
            (kind, key): (label, _json(row), _json(metadata) or {}, _json(before))
            for kind, key, label, row, metadata, before in cursor.fetchall()
        }
    raws = []
    for place in places:
        label, row, metadata, before = found[place.kind, place.key]
        raws.append(_Raw(place, label, row, before if label == "update" else None, metadata))
    return raws


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _fields(source: Source) -> list[models.Field[Any, Any]]:
    skipped = _TECHNICAL | source.hidden
    return [
        found
        for found in source.events._meta.concrete_fields
        if not found.name.startswith("pgh_") and found.name not in skipped
    ]


def _collect(source: Source, raw: _Raw, wanted: dict[str, set[Any]]) -> None:
    """What the event refers to, by model."""
    for found in source.events._meta.concrete_fields:
        if found.name.startswith("pgh_") or not found.is_relation:
            continue
        label = found.related_model._meta.label  # type: ignore[union-attr]
        for row in (raw.row, raw.before or {}):
            if row.get(str(found.column)) is not None:
                wanted.setdefault(label, set()).add(row[str(found.column)])


@cache
def _namers() -> dict[str, Any]:
    return {
        **_names,
        "auth.Permission": F("name"),
        "auth.Group": F("enterprise__unit__name"),
        "permissions.Membership": F("user__name"),
    }


def _resolve(wanted: Mapping[str, set[Any]]) -> dict[tuple[str, Any], tuple[str, str]]:
    """Name and public id of everything that is referred to. One statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for label, keys in sorted(wanted.items()):
        model = apps.get_model(label)
        name = _namers().get(label)
        if name is None:
            continue
        text = models.TextField()
        public = _public_id(model)
        rows = model._default_manager.filter(pk=OneOf(sorted(keys))).annotate(
            trail_label=Value(label, output_field=text),
            trail_key=Cast("pk", models.BigIntegerField()),
            trail_name=Cast(name, text),
            trail_id=Cast(F(public), text) if public else Value("", output_field=text),
        )
        values = rows.order_by().values_list("trail_label", "trail_key", "trail_name", "trail_id")
        sql, own = values.query.sql_with_params()
        parts.append(f"({sql})")
        parameters += own
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return {(label, key): (name or "", public or "") for label, key, name, public in cursor.fetchall()}


def _public_id(model: type[models.Model]) -> str:
    names = {one.name for one in model._meta.get_fields()}
    if "public_id" in names:
        return "public_id"
    return "unit__public_id" if "unit" in names else ""


@dataclass
class _People:
    """Whom the reader may be told of by name: the people of her organisation, and Hectare's.

    An organisation's trail holds what others did to rows that it shares, such as grants. Those people are told as
    somebody of another organisation.
    """

    all: bool
    known: dict[str, bool] = field(default_factory=dict)
    known_ids: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, access: Access, organisation: Any | None, raws: Sequence[_Raw], wanted: Mapping[str, set[Any]]) -> Any:
        actors = {str(raw.context.get("actor", "")) for raw in raws} - {""}
        label = get_user_model()._meta.label
        rows = get_user_model()._default_manager.filter(
            Q(public_id=OneOf(sorted(actors))) | Q(pk=OneOf(sorted(wanted.get(label, ()))))
        )
        everybody = access.is_staff or organisation is None
        if organisation is not None:
            members = apps.get_model("permissions", "MembershipEvent")._default_manager
            theirs = members.filter(organisation_id=organisation.pk, user_id=OuterRef("pk"))
            rows = rows.annotate(theirs=Exists(theirs))
        found = list(rows.values_list("pk", "public_id", "is_staff", *(["theirs"] if organisation is not None else [])))
        known = [one for one in found if everybody or one[2] or one[3]]
        return cls(everybody, {one[1]: one[2] for one in known}, {one[0] for one in known})

    def actor(self, context: Mapping[str, Any]) -> tuple[str, str, bool]:
        """Public id, name, and whether she is Hectare's."""
        actor, name = str(context.get("actor", "")), str(context.get("actor_name", ""))
        if not actor:
            return "", name or ("Hectare" if context.get("verb") else ""), False
        if self.all or actor in self.known or prefix_of(actor) != "usr":
            return actor, name, self.known.get(actor, False)
        return "", "Somebody of another organisation", False


def _entry(raw: _Raw, names: Mapping[tuple[str, Any], tuple[str, str]], people: _People) -> Entry:
    source = _sources[raw.place.kind]
    actor, actor_name, is_staff = people.actor(raw.context)

    def said(found: models.Field[Any, Any], row: Mapping[str, Any]) -> str:
        return _said(found, row.get(str(found.column)), names, people)

    fields = _fields(source)
    return Entry(
        id=event_id(raw.place),
        place=raw.place,
        at=raw.place.at,
        actor=actor,
        actor_name=actor_name,
        is_staff=is_staff,
        kind=source.kind,
        label=source.label,
        object=_object(source, raw.row, names),
        object_name=_title(source, raw.row, said),
        change=CHANGES.get(raw.label, raw.label),
        changes=tuple(_changes(raw, fields, said)),
        verb=str(raw.context.get("verb", "")),
        reason=str(raw.context.get("reason", "")) if (people.all or actor) else "",
        door=str(raw.context.get("door", "")),
        request_id=str(raw.context.get("request_id") or ""),
        impersonator=str(raw.context.get("impersonator", "")),
        impersonator_name=str(raw.context.get("impersonator_name", "")),
    )


Saying = Callable[[Any, Mapping[str, Any]], str]


def _changes(raw: _Raw, fields: Iterable[models.Field[Any, Any]], said: Saying) -> Iterator[Change]:
    """Field by field; of a row that was made what it is, of one that is gone what it was."""
    empty: dict[str, Any] = {}
    before = raw.row if raw.label == "delete" else (raw.before or empty)
    after = empty if raw.label == "delete" else raw.row
    for found in fields:
        if (
            raw.label == "update"
            and raw.before is not None
            and before.get(str(found.column)) == after.get(str(found.column))
        ):
            continue
        was, now = said(found, before), said(found, after)
        if was or now:
            yield Change(found.name, capfirst(str(found.verbose_name)), was, now)


def _title(source: Source, row: Mapping[str, Any], said: Saying) -> str:
    parts = [said(source.events._meta.get_field(name), row) for name in source.title]
    return " – ".join(part for part in parts if part)


def _object(source: Source, row: Mapping[str, Any], names: Mapping[tuple[str, Any], tuple[str, str]]) -> str:
    first, _, rest = source.object_id.partition("__")
    if not rest:
        return str(row.get(first, ""))
    found: Any = source.events._meta.get_field(first)
    return names.get((found.related_model._meta.label, row.get(found.column)), ("", ""))[1]


def _said(found: Any, value: Any, names: Mapping[tuple[str, Any], tuple[str, str]], people: _People) -> str:
    """A value of a field in words: choices by their labels, references by their names."""
    if value is None or value in ("", [], {}):
        return ""
    if found.is_relation:
        label = found.related_model._meta.label
        if label == get_user_model()._meta.label and not people.all and value not in people.known_ids:
            return "somebody of another organisation"
        return names.get((label, value), ("(gone since)", ""))[0]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        base = getattr(found, "base_field", None)
        return ", ".join(_choice(base, one) for one in value)
    if isinstance(found, models.DateTimeField):
        moment = parse_datetime(str(value))
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else str(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {one}" for name, one in value.items())
    return _choice(found, value)


def _choice(found: Any, value: Any) -> str:
    choices = dict(getattr(found, "flatchoices", ()) or ()) if found is not None else {}
    return str(choices.get(value, value))


def event_id(place: Place) -> str:
    """The public id of an event: sortable by time, and always the same for the same event."""
    number = (int(place.at.timestamp() * 1000) << 80) | (_number_of(place.kind) << 64) | place.key
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"evt_{''.join(reversed(digits))}"


@cache
def _number_of(kind: str) -> int:
    """A number of the table that stays when others are added."""
    return sum(ord(letter) * pow(31, place, 65_521) for place, letter in enumerate(kind)) % 65_521
