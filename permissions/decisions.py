"""The answer of the engine: a value that is true or false, and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from common.errors import DomainError
from permissions.actions import Action
from permissions.catalogue import bearing_on


class Refusal(StrEnum):
    """What kind of no it is."""

    NOT_VISIBLE = "not_visible"
    PERMISSION = "permission"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a decision rests on.

    Attributes:
        key: stable name of what was looked at, such as ``grant:producer>hub``.
        holds: whether it is so.
        code: the rule code that a failing need is refused with; empty for what holds.
        kind: ``permission`` or ``state``.
        sentence: what was found, in words.
        remedy: what would change it, in words; empty when nothing would.
        since: when it came to be (a grant), ISO 8601; empty when unknown.
    """

    key: str
    holds: bool
    code: str
    kind: str
    sentence: str
    remedy: str = ""
    since: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "key": self.key,
            "holds": self.holds,
            "code": self.code or None,
            "kind": self.kind,
            "sentence": self.sentence,
            "remedy": self.remedy or None,
            "since": self.since or None,
        }


class Told(NamedTuple):
    """A decision in words.

    Attributes:
        reason: why, in a sentence or two.
        failing: the findings that do not hold, which say what would change a refusal.
        everything: makes all findings; most readers want no more than the failing ones.
    """

    reason: str
    failing: tuple[Finding, ...] = ()
    everything: Callable[[], tuple[Finding, ...]] = tuple


class Decision:
    """Whether an action is allowed, by which rule, and on what facts that rests. Truthy when allowed.

    The words are put together when they are asked for: thousands of decisions are taken for one that is read.

    Attributes:
        allowed: whether the action is allowed.
        action: the action.
        code: the rule that allowed, or the code of the refusal.
        refusal: what kind of no it is; ``None`` when allowed.
    """

    __slots__ = ("_about", "_tell", "_told", "action", "allowed", "code", "refusal")

    def __init__(
        self,
        allowed: bool,
        action: Action,
        code: str,
        tell: str | Callable[[Any], Told],
        refusal: Refusal | None = None,
        about: Any = None,
    ) -> None:
        self.allowed = allowed
        self.action = action
        self.code = code
        self.refusal = refusal
        self._told: Told | None = Told(tell) if isinstance(tell, str) else None
        self._tell = tell
        # What the words are made from.
        self._about = about

    def __bool__(self) -> bool:
        return self.allowed

    def __repr__(self) -> str:
        return f"<Decision {self.action} {'allowed' if self.allowed else 'refused'} by {self.code}>"

    def _words(self) -> Told:
        if self._told is None:
            assert callable(self._tell)
            self._told = self._tell(self._about)
        return self._told

    @property
    def reason(self) -> str:
        """Why, in a sentence or two."""
        return self._words().reason

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the decision rests on."""
        return self._words().everything()

    @property
    def visible(self) -> bool:
        """Whether the actor may know of the target at all (404 otherwise)."""
        return self.refusal is not Refusal.NOT_VISIBLE

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes of every failing need, in the order of the rule."""
        return tuple(one.code for one in self._words().failing)

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would change a refusal, without repetition."""
        return tuple(dict.fromkeys(one.remedy for one in self._words().failing if one.remedy))

    @property
    def why(self) -> str:
        """The reason and what to do about it, in one text for pages."""
        return " ".join((self.reason, *self.remedies))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "allowed": self.allowed,
            "action": str(self.action),
            "rule": self.code,
            "refusal": str(self.refusal) if self.refusal else None,
            "reason": self.reason,
            "facts": [one.as_dict() for one in self.findings],
            "remedies": list(self.remedies),
        }


@dataclass(frozen=True, slots=True)
class RuleRead:
    """One rule as it was read for an explanation."""

    code: str
    title: str
    applies: bool
    relation: str
    findings: tuple[Finding, ...]

    @property
    def allows(self) -> bool:
        """Whether this rule alone would allow the action."""
        return self.applies and all(one.holds for one in self.findings)

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes of its failing needs."""
        return tuple(one.code for one in self.findings if not one.holds)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.code,
            "title": self.title,
            "applies": self.applies,
            "relation": self.relation,
            "allows": self.allows,
            "facts": [one.as_dict() for one in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision and every rule that was looked at."""

    decision: Decision
    rules: tuple[RuleRead, ...]

    @property
    def general(self) -> tuple[tuple[str, str], ...]:
        """Code and sentence of the rules that no single action holds and that bear on this one."""
        return bearing_on(self)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "decision": self.decision.as_dict(),
            "rules": [rule.as_dict() for rule in self.rules],
            "general": [{"rule": code, "title": sentence} for code, sentence in self.general],
        }


class Refused(DomainError):
    """A verb was refused by the rules. Carries the decision."""

    code = "refused"

    def __init__(self, decision: Decision, pointer: str = "") -> None:
        facts: Mapping[str, Any] = decision.as_dict()
        super().__init__(
            decision.why, code="not_possible_now" if decision.refusal is Refusal.STATE else "refused", facts=facts
        )
        self.decision = decision
        self.pointer = pointer


class RefusedItems(DomainError):
    """A verb over many items was refused for some of them; nothing was written. Maps item id to its decision."""

    code = "refused_items"

    def __init__(self, detail: str, decisions: Mapping[str, Decision], pointer: str) -> None:
        super().__init__(detail)
        self.decisions = dict(decisions)
        self.pointer = pointer
