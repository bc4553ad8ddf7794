"""What becomes of each row, and everything that a batch would write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from customers.models import ExternalId, User
from organisations.models import Business, BusinessUnit, Organisation
from permissions.models import Membership


class Outcome(StrEnum):
    """What becomes of a row."""

    #: It is made, or would be.
    NEW = "new"
    #: It is here, as it is there.
    SAME = "same"
    #: It is here, and differs; nothing is changed.
    DIFFERENT = "different"
    #: It gets in the way of something; it is left out, and the rest is made.
    COLLISION = "collision"
    #: It cannot be used.
    WRONG = "wrong"
    #: It was here and has been erased, or purged with its customer; it is left out.
    ERASED = "erased"


LABELS = {
    Outcome.NEW: "new",
    Outcome.SAME: "here already",
    Outcome.DIFFERENT: "here, and different",
    Outcome.COLLISION: "left out: collision",
    Outcome.WRONG: "cannot be used",
    Outcome.ERASED: "left out: erased here",
}


@dataclass(slots=True)
class Row:
    """One row and what becomes of it. Holds nothing of a person but ids, and nothing secret.

    Attributes:
        kind: organisation, unit, user, membership or customer.
        active: whether it is active there.
        label: the name of the company or unit; empty for people.
        public_id: of what was made or found.
        differs: names of fields that are not the same here.
        notes: what to do, or to know: (code, sentence).
    """

    line: int
    kind: str
    external_id: str = ""
    label: str = ""
    active: bool = True
    outcome: Outcome = Outcome.NEW
    public_id: str = ""
    differs: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether it is made."""
        return self.outcome == Outcome.NEW

    def wrong(self, code: str, detail: str) -> None:
        """It cannot be used."""
        self.outcome = Outcome.WRONG
        self.notes.append((code, detail))

    def collides(self, code: str, detail: str) -> None:
        """It is left out; being wrong weighs more."""
        if self.outcome != Outcome.WRONG:
            self.outcome = Outcome.COLLISION
        self.notes.append((code, detail))

    def warn(self, code: str, detail: str) -> None:
        """It is made all the same."""
        self.notes.append((code, detail))

    def found(self, public_id: str, differs: Iterable[str] = ()) -> None:
        """It is here already."""
        self.public_id, self.differs = public_id, sorted(differs)
        self.outcome = Outcome.DIFFERENT if self.differs else Outcome.SAME

    def erased(self) -> None:
        """It was erased here, which weighs more than all that is wrong with it."""
        self.outcome = Outcome.ERASED
        self.notes = [("erased", "This was erased here and is not made again. If it is to be, link its id to it.")]

    def as_dict(self) -> dict[str, Any]:
        """As it is kept with the batch: of what was erased, the line only."""
        is_erased = self.outcome == Outcome.ERASED
        return {
            "line": self.line,
            "kind": self.kind,
            "external_id": "" if is_erased else self.external_id,
            "label": "" if is_erased else self.label,
            "active": self.active,
            "outcome": str(self.outcome),
            "public_id": self.public_id,
            "differs": self.differs,
            "notes": [{"code": code, "detail": detail} for code, detail in self.notes],
        }


@dataclass(slots=True)
class Plan:
    """A batch looked over: what becomes of each row, and what is to be written, in the order of writing.

    Attributes:
        made: rows with what is made for each, so that its public id can be told.
        welcome: who gets a mail by which to set a password, and the organisation that is hers.
    """

    rows: list[Row] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    units: list[BusinessUnit] = field(default_factory=list)
    businesses: list[Business] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    unverified: set[str] = field(default_factory=set)
    memberships: list[tuple[Membership, list[BusinessUnit]]] = field(default_factory=list)
    external_ids: list[ExternalId] = field(default_factory=list)
    made: list[tuple[Row, Any]] = field(default_factory=list)
    welcome: list[tuple[User, Organisation | None]] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many rows cannot be used."""
        return sum(1 for row in self.rows if row.outcome == Outcome.WRONG)

    def counts(self) -> dict[str, int]:
        """Figures: rows, rows by outcome, and by kind and outcome (``user_new``); what is to be written."""
        found: Counter[str] = Counter({"rows": len(self.rows)})
        found.update({str(outcome): 0 for outcome in Outcome})
        for row in self.rows:
            found[str(row.outcome)] += 1
            found[f"{row.kind}_{row.outcome}"] += 1
        found.update(
            {
                "makes_organisations": len(self.organisations),
                "makes_units": len(self.units),
                "makes_businesses": len(self.businesses),
                "makes_users": len(self.users),
                "makes_memberships": len(self.memberships),
                "passwords_kept": sum(1 for user in self.users if not user.password.startswith("!")),
            }
        )
        return dict(sorted(found.items()))
