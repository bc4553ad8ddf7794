"""What a domain verb raises. Pages, API and admin translate these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: The version of what nobody said which it was; no row has it.
UNKNOWN: Final = 0


class DomainError(Exception):
    """Base of everything that a verb refuses with. Nothing has been written when it reaches a door."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.facts: dict[str, Any] = dict(facts or {})


class NotFound(DomainError):
    """The thing is not there, or the actor may not know that it is: the same words for both."""

    code = "not_found"

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input.

    Attributes:
        pointer: JSON pointer to the offending value, such as ``/add/3`` (empty for the whole).
        code: stable, machine-readable.
        detail: a sentence that says what to do.
    """

    pointer: str
    code: str
    detail: str


class Invalid(DomainError):
    """The input is wrong; ``errors`` says where and what to do."""

    code = "invalid"

    def __init__(self, errors: Sequence[FieldError], detail: str = "Some of what was sent cannot be used.") -> None:
        super().__init__(detail)
        self.errors = tuple(errors)

    @classmethod
    def one(cls, pointer: str, code: str, detail: str) -> Invalid:
        """A single error."""
        return cls([FieldError(pointer, code, detail)], detail)


class Conflict(DomainError):
    """The request is right and the state of things does not allow it."""

    code = "conflict"


class ConfirmationNeeded(Conflict):
    """The act would take something from others; ``preview`` says what. Ask, and call again with ``confirmed``."""

    code = "confirmation_needed"

    def __init__(self, detail: str, preview: Mapping[str, Any]) -> None:
        super().__init__(detail, facts={"preview": dict(preview)})
        self.preview = dict(preview)


class Gone(DomainError):
    """It was there to be answered once, and that is over; the words do not say why."""

    code = "gone"


class ReauthenticationRequired(DomainError):
    """It wants somebody who has just now shown who she is; having signed in long ago is not enough."""

    code = "reauthentication_required"


class Stale(DomainError):
    """Somebody else has changed the row since the caller read ``version``; ``changes`` tells who and what.

    Also when a form does not say which version its sender saw (``UNKNOWN``).
    """

    code = "stale"

    def __init__(self, version: int, *, current: int, changes: Sequence[Mapping[str, Any]] = ()) -> None:
        self.unknown = version == UNKNOWN
        detail = (
            "It was not sent along which version you saw. Nothing of yours was saved yet."
            if self.unknown
            else "Somebody else has changed this since you opened it. Nothing of yours was saved yet."
        )
        super().__init__(detail, facts={"current_version": current, "changes": list(changes)})
        self.current = current
        self.changes = list(changes)


class TooMany(DomainError):
    """It has been done too often; ``retry_after`` seconds from now it can be done again."""

    code = "too_many"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, facts={"retry_after": retry_after})
        self.retry_after = retry_after
