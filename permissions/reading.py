"""What the leaves of some actions say of the rows of a target: fetched in one statement, kept as tuples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet, Value

from permissions.access import Access, SomeActor
from permissions.prepared import prepared_array, prepared_moments
from permissions.rules import Facts, Leaf, Scope

#: Given the slots of some targets, what to call what stands in them: {key: name} for enterprises, {(slot, key): name}
#: for all else.
Namer = Callable[[Iterable[Mapping[str, Any]]], Mapping[Any, str]]


#: As many different truths as are kept of the same leaves.
MOST_TRUTHS = 10_000
_NONE: Mapping[Leaf, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Target:
    """What an action is about: a queryset with one row per target, and what the slots are on it."""

    queryset: QuerySet[Any]
    scope: Scope
    namer: Namer | None = None


class Reading:
    """The leaves that some actions look at, in a fixed order: those asked of the database first, then those told."""

    def __init__(self, key: Any, leaves: Iterable[Leaf]) -> None:
        every = tuple(leaves)
        self.key = key
        self.asked = tuple(leaf for leaf in every if not leaf.in_python)
        self.told = tuple(leaf for leaf in every if leaf.in_python)
        self.leaves = (*self.asked, *self.told)
        self.place = {leaf: place for place, leaf in enumerate(self.leaves)}
        self._truths: dict[tuple[bool, ...], Truth] = {}

    def truth(self, told: tuple[bool, ...]) -> Truth:
        """The one that stands for all rows like this."""
        found = self._truths.get(told)
        if found is None:
            if len(self._truths) > MOST_TRUTHS:
                self._truths.clear()
            found = self._truths[told] = Truth(self, told)
        return found

    def conditions(self, scope: Scope, actor: SomeActor) -> list[Q]:
        """The leaves that are asked, as SQL."""
        return [leaf.q(scope, actor) for leaf in self.asked]

    def moments(self, scope: Scope) -> list[Any]:
        """Their evidence, as SQL."""
        nothing = Value(None, output_field=DateTimeField())
        return [nothing if (proof := leaf.evidence(scope)) is None else proof for leaf in self.asked]

    def teller(self, actor: Access, constants: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], tuple[bool, ...]]:
        """Tells the other leaves of a row; those that are the same for every row are told once."""
        fixed = {leaf: leaf.told(actor, constants) for leaf in self.told if set(leaf.slots()) <= constants.keys()}
        if len(fixed) == len(self.told):
            same = tuple(fixed[leaf] for leaf in self.told)
            return lambda slots: same
        parts = [(leaf, fixed.get(leaf)) for leaf in self.told]
        return lambda slots: tuple([leaf.told(actor, slots) if known is None else known for leaf, known in parts])


class Truth(Mapping[Leaf, bool]):
    """Which leaves hold of a row. Rows alike share one, and what has been decided from it."""

    __slots__ = ("decided", "reading", "told")

    def __init__(self, reading: Reading, told: tuple[bool, ...]) -> None:
        self.reading = reading
        self.told = told
        self.decided: dict[Any, Any] = {}

    def __getitem__(self, leaf: Leaf) -> bool:
        return self.told[self.reading.place[leaf]]

    def __iter__(self) -> Iterator[Leaf]:
        return iter(self.reading.leaves)

    def __len__(self) -> int:
        return len(self.told)


def gather(
    actor: Access, reading: Reading, target: Target, namers: Sequence[Namer], *, evidence: bool
) -> dict[Any, Facts]:
    """What the leaves say of every row of the target: one statement, and one for names when they are asked for."""
    scope = target.scope
    columns = {"_truth": prepared_array(reading.key, reading.conditions, scope, actor)}
    if evidence:
        columns["_since"] = prepared_moments((reading.key, "since"), reading.moments, scope, actor)
    places = tuple(dict.fromkeys(("pk", *columns, *scope.paths.values())))
    of_slot = [(slot, places.index(path)) for slot, path in scope.paths.items()]
    rows = list(target.queryset.annotate(**columns).values_list(*places))
    slots = [{**scope.constants, **{slot: row[place] for slot, place in of_slot}} for row in rows]
    names = LazyNames(slots, [target.namer] if target.namer else namers)
    tell = reading.teller(actor, scope.constants)
    return {
        row[0]: Facts(
            actor,
            reading.truth((*row[1], *tell(keys))),
            keys,
            names,
            dict(zip(reading.asked, row[2], strict=True)) if evidence else _NONE,
        )
        for row, keys in zip(rows, slots, strict=True)
    }


class LazyNames(dict[Any, str]):
    """Names of what stands in the slots, fetched when the first one is asked for."""

    def __init__(self, slots: list[dict[str, Any]], namers: Sequence[Namer]) -> None:
        super().__init__()
        self._slots = slots
        self._namers: Sequence[Namer] | None = namers

    def get(self, key: Any, default: Any = None) -> Any:
        if self._namers is not None:
            namers, self._namers = self._namers, None
            for namer in namers:
                self.update(namer(self._slots))
        return super().get(key, default)


__all__ = ["LazyNames", "Namer", "Reading", "Target", "Truth", "gather"]
