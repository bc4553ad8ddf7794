"""What a method of a view says about itself: read by the access check, by the schema and by the tests.

A method that says nothing is refused (default deny).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeVar

from permissions.actions import Action
from permissions.api.fields import NoQuery, Query, Strict

F = TypeVar("F", bound=Callable[..., Any])


class Rule(Enum):
    """Access rules that are no action of the engine's."""

    SEES = "Whoever is signed in; the engine leaves out what she may not see."
    SELF = "Whoever is signed in, about herself."
    #: What is sent says who may, such as the token of a link.
    ANYBODY = "Anybody, signed in or not."


class Acting(Enum):
    """Whether staff act by an operation, with the reason in the header ``Acting-Reason``."""

    NEVER = "never"
    #: Staff do it for customers, who do it themselves without the header.
    ALSO = "also"
    #: Only staff do it.
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer looks like: a ``TypedDict``, alone or in a list with cursors."""

    of: Any
    many: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    Attributes:
        summary: a few words.
        rules: the actions that the engine decides on, or who else may.
        description: more, in Markdown.
        query: the parameters.
        body: what is sent.
        partial: whether fields may be left out.
        answers: what comes back.
        status: of success.
        versioned: whether ``If-Match`` is required.
        tagged: whether the answer has an ``ETag``.
        previews: whether it can answer what it would touch instead of doing it.
        example: a body that can be sent, with ids of the right form.
        acting: whether staff act by it (``ApiView.acting``).
        instead: another status of success with what is answered then, such as 201 where 202 is usual.
        errors: statuses beside those that follow from the rest.
    """

    summary: str
    rules: tuple[Action | Rule, ...]
    description: str = ""
    query: type[Query] = NoQuery
    body: type[Strict] | None = None
    partial: bool = False
    answers: Shape | None = None
    status: int = 200
    versioned: bool = False
    tagged: bool = False
    previews: bool = False
    example: Any = None
    acting: Acting = Acting.NEVER
    instead: tuple[int, Any] | None = None
    errors: tuple[int, ...] = field(default=())

    @property
    def reads_one(self) -> bool:
        """Whether what it answers is one thing: its reads have an ``ETag``, versioned or not."""
        return self.answers is not None and not self.answers.many


def operation(summary: str, *rules: Action | Rule, answers: Any = None, **values: Any) -> Callable[[F], F]:
    """Say what a view's method is and who may call it. See ``Operation``."""
    shape = answers if isinstance(answers, Shape) or answers is None else Shape(answers)
    if not rules:
        raise ValueError(f"{summary}: say who may")

    def decorate(method: F) -> F:
        description = values.pop("description", "") or _text(method.__doc__)
        method.operation = Operation(summary, rules, description=description, answers=shape, **values)  # type: ignore[attr-defined]
        return method

    return decorate


def _text(docstring: str | None) -> str:
    return "\n".join(line.strip() for line in (docstring or "").strip().splitlines())


def operation_of(view: Any, method: str) -> Operation | None:
    """What the view's method says of itself."""
    handler = getattr(view, method.lower(), None)
    found: Operation | None = getattr(handler, "operation", None)
    return found


def listing(of: Any) -> Shape:
    """A list of such things, with cursors."""
    return Shape(of, many=True)


METHODS: Final = ("get", "post", "patch", "put", "delete")
