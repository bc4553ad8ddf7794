"""Rules as data: a relation of the actor to the target, and needs. Written once and read three ways.

A ``Condition`` can be turned into SQL (``q``: lists and bulk), told from facts already fetched (``holds``: one
decision, with reasons) and put into words (``finding``). All three come from the same object, so they cannot disagree.

Conditions speak of **slots** ("coordinator", "hub", "variant"); a ``Scope`` says what each slot is for the query at
hand: a path of its model, or a constant.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Expression

from common import clock
from permissions.access import Access, Actor, AnyUser
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.holes import NOW, Equal, Hole

PERMISSION: Final = "permission"
STATE: Final = "state"

ALWAYS: Final = Q(Value(True, output_field=BooleanField()))
NEVER: Final = Q(Value(False, output_field=BooleanField()))


def every(conditions: Iterable[Q]) -> Q:
    """All of them; what is known beforehand is left out."""
    result = ALWAYS
    for one in conditions:
        if one is NEVER:
            return NEVER
        if one is not ALWAYS:
            result = one if result is ALWAYS else result & one
    return result


def some(conditions: Iterable[Q]) -> Q:
    """At least one of them; what is known beforehand is left out."""
    result = NEVER
    for one in conditions:
        if one is ALWAYS:
            return ALWAYS
        if one is not NEVER:
            result = one if result is NEVER else result | one
    return result


@dataclass(frozen=True)
class Scope:
    """What the slots are: paths from the model of a queryset, and constants (keys of rows).

    Attributes:
        sets: whether most of a table is asked for, not some of its rows (see ``single``).
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    sets: bool = False

    def has(self, slot: str) -> bool:
        """Whether the slot is known here."""
        return slot in self.constants or slot in self.paths

    def outer(self, slot: str, depth: int = 1) -> Any:
        """The slot as seen from ``depth`` subqueries down: a constant, or a reference outwards."""
        if slot in self.constants:
            return self.constants[slot]
        reference: Any = self.paths[slot]
        for _ in range(depth):
            reference = OuterRef(reference)
        return reference

    def single(self, slot: str) -> Any:
        """As ``outer``, but looked up for each row by itself.

        For tables that grow with everything, such as the catalogue: to tell a few hundred rows PostgreSQL would rather
        read a whole table into a hash, because it reckons with disks.
        """
        found = self.outer(slot)
        return found.alone() if isinstance(found, Hole) and not self.sets else found

    def equals(self, slot: str, value: Any) -> Q:
        """The condition that a slot has a value."""
        if slot not in self.constants:
            return Q(**{self.paths[slot]: value})
        constant = self.constants[slot]
        if isinstance(constant, Hole) or isinstance(value, Hole):
            return Q(Equal(constant, value if isinstance(value, Hole) else Value(value)))
        return ALWAYS if constant == value else NEVER

    def now(self) -> Any:
        """The moment at which things are asked."""
        return self.constants[NOW] if NOW in self.constants else clock.now()

    def within(self, slots: Mapping[str, Any]) -> Scope:
        """The same with further constants."""
        return replace(
            self,
            paths={k: v for k, v in self.paths.items() if k not in slots},
            constants={**self.constants, **slots},
        )


class Facts(NamedTuple):
    """What is known about one target: the truth of each leaf, the keys in the slots, names, and evidence."""

    actor: Access
    truth: Mapping[Leaf, bool]
    slots: Mapping[str, Any]
    names: Mapping[Any, str] = MappingProxyType({})
    evidence: Mapping[Leaf, Any] = MappingProxyType({})

    def name(self, slot: str) -> str:
        """What to call the thing in a slot."""
        return self.names.get((slot, self.slots.get(slot))) or self.names.get(self.slots.get(slot)) or f"the {slot}"


class Condition(ABC):
    """Something that can be so or not."""

    @abstractmethod
    def q(self, scope: Scope, actor: Actor) -> Q:
        """As a condition of a query."""

    @abstractmethod
    def holds(self, facts: Facts) -> bool:
        """From facts already fetched."""

    @abstractmethod
    def leaves(self) -> Iterator[Leaf]:
        """The leaves it is made of."""

    @abstractmethod
    def sentence(self, facts: Facts, holds: bool) -> str:
        """What was found, in words."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Stable name."""

    def remedy(self, facts: Facts) -> str:
        """What would make it so; empty when nothing would."""
        return ""


class Leaf(Condition):
    """A condition with no parts. Dataclasses below it are frozen, so that they are keys."""

    #: Told from the actor and the slots, without asking the database.
    in_python = False

    def holds(self, facts: Facts) -> bool:
        return facts.truth[self]

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        """The truth, for leaves that need no database."""
        raise TypeError(f"{self!r} is asked of the database")

    def evidence(self, scope: Scope) -> Expression | None:
        """More than yes or no (when a grant was given): not null exactly when it holds with evidence."""
        return None

    def slots(self) -> tuple[str, ...]:
        """The slots it speaks of."""
        return ()


@dataclass(frozen=True)
class AllOf(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]

    @property
    def key(self) -> str:
        return "&".join(part.key for part in self.parts)

    def q(self, scope: Scope, actor: Actor) -> Q:
        return every(part.q(scope, actor) for part in self.parts)

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()

    def sentence(self, facts: Facts, holds: bool) -> str:
        told = [part.sentence(facts, part.holds(facts)) for part in self.parts if part.holds(facts) is holds]
        return " ".join(text for text in told if text)

    def remedy(self, facts: Facts) -> str:
        return " ".join(part.remedy(facts) for part in self.parts if not part.holds(facts)).strip()


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]

    @property
    def key(self) -> str:
        return "|".join(part.key for part in self.parts)

    def q(self, scope: Scope, actor: Actor) -> Q:
        return some(part.q(scope, actor) for part in self.parts)

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()

    def sentence(self, facts: Facts, holds: bool) -> str:
        told = [part.sentence(facts, part.holds(facts)) for part in self.parts if part.holds(facts) is holds]
        return " ".join(text for text in (told[:1] if holds else told) if text)

    def remedy(self, facts: Facts) -> str:
        return self.parts[0].remedy(facts)


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold. ``words`` is (when it is so, when it is not)."""

    part: Condition
    words: tuple[str, str] = ("", "")
    mend: str = ""

    @property
    def key(self) -> str:
        return f"not:{self.part.key}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        return ~self.part.q(scope, actor)

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)

    def leaves(self) -> Iterator[Leaf]:
        yield from self.part.leaves()

    def sentence(self, facts: Facts, holds: bool) -> str:
        text = self.words[0] if holds else self.words[1]
        return fill(text, facts) if text else self.part.sentence(facts, not holds)

    def remedy(self, facts: Facts) -> str:
        return fill(self.mend, facts)


def as_q(answer: Any) -> Q:
    """An answer that is a constant or an expression, as a condition."""
    return (ALWAYS if answer else NEVER) if isinstance(answer, bool) else Q(answer)


def fill(text: str, facts: Facts) -> str:
    """A sentence with ``{slot}`` replaced by names."""
    for slot in facts.slots:
        if f"{{{slot}}}" in text:
            text = text.replace(f"{{{slot}}}", facts.name(slot))
    return text


@dataclass(frozen=True)
class Manages(Leaf):
    """The actor manages the enterprise in ``slot`` with ``permission``."""

    slot: str
    permission: Permission
    in_python = True

    @property
    def key(self) -> str:
        return f"manages:{self.slot}:{self.permission}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        if self.slot not in scope.constants:
            return actor.among(scope.paths[self.slot], self.permission)
        enterprise = scope.constants[self.slot]
        return as_q(actor.has(enterprise, self.permission) if enterprise else False)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return actor.manages(slots.get(self.slot), self.permission)

    def slots(self) -> tuple[str, ...]:
        return (self.slot,)

    def sentence(self, facts: Facts, holds: bool) -> str:
        name, label = facts.name(self.slot), PERMISSION_LABELS[self.permission]
        if not holds:
            return f"You do not manage {name} with the permission to {label}."
        held = facts.actor.through(facts.slots[self.slot], self.permission)
        return f"You manage {name} ({held.role} at {held.organisation})." if held else f"You manage {name}."

    def remedy(self, facts: Facts) -> str:
        return (
            f"Ask an account owner of {facts.name(self.slot)} for a role that may {PERMISSION_LABELS[self.permission]}."
        )


@dataclass(frozen=True)
class HoldsOver(Leaf):
    """The actor holds ``permission`` over the whole of the organisation in ``slot``, not over named units only."""

    permission: Permission
    slot: str = "organisation"
    in_python = True

    @property
    def key(self) -> str:
        return f"holds:{self.slot}:{self.permission}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        if self.slot in scope.constants:
            return as_q(actor.holds_over(scope.constants[self.slot], self.permission))
        return actor.over(scope.paths[self.slot], self.permission)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return slots.get(self.slot) in actor.organisation_ids(self.permission)

    def slots(self) -> tuple[str, ...]:
        return (self.slot,)

    def sentence(self, facts: Facts, holds: bool) -> str:
        label, name = PERMISSION_LABELS[self.permission], facts.name(self.slot)
        return f"You {'may' if holds else 'may not'} {label} for the whole of {name}."

    def remedy(self, facts: Facts) -> str:
        return f"Ask an account owner of {facts.name(self.slot)}."


@dataclass(frozen=True)
class IsHerself(Leaf):
    """The user in ``slot`` is the actor."""

    slot: str = "user"
    in_python = True

    @property
    def key(self) -> str:
        return f"self:{self.slot}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        if isinstance(actor, AnyUser):
            return Q(pk=scope.constants[self.slot])
        return scope.equals(self.slot, actor.user_id)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return actor.user_id is not None and slots.get(self.slot) == actor.user_id

    def slots(self) -> tuple[str, ...]:
        return (self.slot,)

    def sentence(self, facts: Facts, holds: bool) -> str:
        return "It is you." if holds else "It is somebody else."


@dataclass(frozen=True)
class IsStaff(Leaf):
    """The actor is Hectare staff."""

    in_python = True
    key = "staff"

    def q(self, scope: Scope, actor: Actor) -> Q:
        staff = actor.is_staff
        return staff if isinstance(staff, Q) else (ALWAYS if staff else NEVER)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return actor.is_staff

    def sentence(self, facts: Facts, holds: bool) -> str:
        return "You are Hectare staff." if holds else "You are not Hectare staff."


@dataclass(frozen=True)
class StaffActs(Leaf):
    """The actor is staff acting through the admin, with a reason."""

    in_python = True
    key = "staff_acting"

    def q(self, scope: Scope, actor: Actor) -> Q:
        return ALWAYS if actor.acting_reason else NEVER

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return actor.is_acting

    def sentence(self, facts: Facts, holds: bool) -> str:
        if holds:
            return f"Hectare staff act here, with the reason: {facts.actor.acting_reason}"
        return "Staff act through the admin, with a reason."


@dataclass(frozen=True)
class AdministratorActs(Leaf):
    """The actor is a staff administrator acting with a reason."""

    in_python = True
    key = "administrator_acting"

    def q(self, scope: Scope, actor: Actor) -> Q:
        return ALWAYS if actor.acting_reason and actor.is_administrator else NEVER

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return actor.is_acting and actor.is_administrator

    def sentence(self, facts: Facts, holds: bool) -> str:
        if holds:
            return f"A staff administrator acts here, with the reason: {facts.actor.acting_reason}"
        return "Staff administrators do it, with a reason."


@dataclass(frozen=True)
class Where(Leaf):
    """Some rows exist. ``query`` makes them from the scope (one subquery down) and the actor.

    Attributes:
        name: stable name.
        query: the rows.
        words: the sentence when they exist, and when they do not; slots in braces become names.
        mend: what to do when they do not.
    """

    name: str
    query: Callable[[Scope, Actor], QuerySet[Any]]
    words: tuple[str, str]
    mend: str = ""

    @property
    def key(self) -> str:
        return self.name

    def q(self, scope: Scope, actor: Actor) -> Q:
        return Q(Exists(self.query(scope, actor)))

    def sentence(self, facts: Facts, holds: bool) -> str:
        return fill(self.words[0 if holds else 1], facts)

    def remedy(self, facts: Facts) -> str:
        return fill(self.mend, facts)


@dataclass(frozen=True)
class Same(Leaf):
    """Two slots hold the same enterprise."""

    one: str
    other: str
    words: tuple[str, str] = ("", "")
    in_python = True

    @property
    def key(self) -> str:
        return f"same:{self.one}={self.other}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        return same_q(scope, self.one, self.other)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return bool(slots.get(self.one) == slots.get(self.other))

    def slots(self) -> tuple[str, ...]:
        return (self.one, self.other)

    def sentence(self, facts: Facts, holds: bool) -> str:
        return fill(self.words[0 if holds else 1], facts)


@dataclass(frozen=True)
class SlotIs(Leaf):
    """A slot holds a constant, such as a direction."""

    slot: str
    value: str
    in_python = True

    @property
    def key(self) -> str:
        return f"{self.slot}={self.value}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        return scope.equals(self.slot, self.value)

    def told(self, actor: Access, slots: Mapping[str, Any]) -> bool:
        return bool(slots.get(self.slot) == self.value)

    def slots(self) -> tuple[str, ...]:
        return (self.slot,)

    def sentence(self, facts: Facts, holds: bool) -> str:
        return ""


def same_q(scope: Scope, one: str, other: str) -> Q:
    """The condition that two slots hold the same key."""
    if one in scope.constants:
        return scope.equals(other, scope.constants[one])
    if other in scope.constants:
        return scope.equals(one, scope.constants[other])
    return Q(**{scope.paths[one]: F(scope.paths[other])})


@dataclass(frozen=True)
class Need:
    """A condition of a rule, the code it is refused with, and whether it is a permission or a state."""

    condition: Condition
    code: str
    kind: str = PERMISSION


@dataclass(frozen=True)
class Rule:
    """One way in which an action can be allowed.

    Attributes:
        code: as in the domain's rules.
        title: the rule in one sentence.
        relation: what the actor must be to the target for the rule to speak of her.
        needs: what must hold besides, in order.
    """

    code: str
    title: str
    relation: Condition
    needs: tuple[Need, ...] = ()

    def q(self, scope: Scope, actor: Actor) -> Q:
        """The rule as a condition of a query."""
        return every((self.relation.q(scope, actor), *(need.condition.q(scope, actor) for need in self.needs)))

    def leaves(self) -> Iterator[Leaf]:
        """Everything the rule looks at."""
        yield from self.relation.leaves()
        for need in self.needs:
            yield from need.condition.leaves()


@dataclass(frozen=True)
class Policy:
    """All rules of one action.

    Attributes:
        action: the action.
        rules: in the order they are read.
        default: code and sentence when no rule speaks of the actor; a callable when it depends on the target.
        view: the action whose rules say whether the actor may know of the target; ``None`` for view actions.
        too_small: whether a role that may see but not do is refused with R1, and staff who do not act with S1.
    """

    action: Action
    rules: tuple[Rule, ...]
    default: tuple[str, str] | Callable[[Facts], tuple[str, str]]
    view: Action | None = None
    too_small: bool = True


def as_iso(value: Any) -> str:
    """A moment as text; empty for none."""
    return value.isoformat() if isinstance(value, datetime) else ""
