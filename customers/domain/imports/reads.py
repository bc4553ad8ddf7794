"""Imports as staff see them: the batches, their rows, and how a batch compares with what is here today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet

from common import csv
from common.arrays import OneOf
from customers.domain.imports.known import THINGS
from customers.domain.imports.outcomes import LABELS, Outcome
from customers.enums import ImportKind
from customers.models import ExternalId, ImportBatch, User
from organisations.models import Organisation
from permissions import engine
from permissions.access import Access
from permissions.lookup import one
from permissions.models import Membership

#: What of a row goes into the file of results.
RESULT: Final = ("line", "kind", "external_id", "label", "outcome", "public_id", "differs", "what_to_do")
_LISTED: Final = 200


def imports(access: Access) -> QuerySet[ImportBatch]:
    """The batches, without the files that they came in and without their rows."""
    return engine.visible(access, _rows().defer("content", "rows"))


def get_import(access: Access, public_id: str) -> ImportBatch:
    """One batch with its rows, without its file, or ``NotFound``."""
    return one(engine.visible(access, _rows().defer("content")), public_id)


def _rows() -> QuerySet[ImportBatch]:
    return ImportBatch.objects.select_related("requested_by").annotate(has_upload=Q(content__isnull=False))


def rows_of(batch: ImportBatch, *, outcome: str = "", kind: str = "", search: str = "") -> list[dict[str, Any]]:
    """The rows of a batch, as they are kept.

    Args:
        search: in ids, names and messages.
    """
    wanted = search.casefold()
    return [
        row
        for row in batch.rows
        if (not outcome or row["outcome"] == outcome or (outcome == "noted" and row["notes"]))
        and (not kind or row["kind"] == kind)
        and (not wanted or wanted in _searched(row))
    ]


def _searched(row: Mapping[str, Any]) -> str:
    told = " ".join(note["detail"] for note in row["notes"])
    return f"{row['external_id']} {row['label']} {row['public_id']} line {row['line']} {told}".casefold()


def made_without_password(batch: ImportBatch) -> list[tuple[User, Organisation | None]]:
    """The people whom a batch made and who have no password that works, each with an organisation of hers."""
    made = OneOf([row["public_id"] for row in batch.rows if row["outcome"] == Outcome.NEW and row["public_id"]])
    if batch.kind == ImportKind.LOGISTICS:
        hers = Q(public_id=made)
    else:
        # The rows of a list name the customer, or its further unit; its people are its owners.
        hers = Q(memberships__organisation__public_id=made, memberships__role__key="owner")
    people = User.objects.filter(hers, is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).distinct()
    places = Membership.objects.select_related("organisation").order_by("pk")
    return [
        (user, next((one.organisation for one in user.memberships.all()), None))
        for user in people.order_by("pk").prefetch_related(Prefetch("memberships", places))
    ]


def result_file(batch: ImportBatch) -> str:
    """The rows as CSV."""
    return csv.text(RESULT, [result_of(row) for row in batch.rows])


def result_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row for people."""
    told = " ".join(note["detail"] for note in row["notes"])
    return {**row, "outcome": LABELS[Outcome(row["outcome"])], "what_to_do": told}


@dataclass(frozen=True, slots=True)
class Compared:
    """There and here, of one kind.

    Attributes:
        there: rows of the batch; ``there_active`` of them are active there.
        here: things here with an id of the source; ``here_active`` of them are active here.
        differing: ids there, with the names of the fields that differed when the file was read last.
        missing_here: ids of the batch that nothing here has.
        missing_there: ids that something here has, and the batch has not.
        state_differs: ids that are active on one side only.
    """

    kind: str
    there: int = 0
    there_active: int = 0
    here: int = 0
    here_active: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)
    missing_here: list[str] = field(default_factory=list)
    missing_there: list[str] = field(default_factory=list)
    state_differs: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether both sides are the same."""
        return not (self.differing or self.missing_here or self.missing_there or self.state_differs)

    def as_dict(self) -> dict[str, Any]:
        """For the API: the lists cut off, with their lengths."""
        lists = {name: getattr(self, name) for name in ("missing_here", "missing_there", "state_differs")}
        return {
            "kind": self.kind,
            "there": self.there,
            "there_active": self.there_active,
            "here": self.here,
            "here_active": self.here_active,
            "agrees": self.agrees,
            "differing_count": len(self.differing),
            "differing": [
                {"external_id": name, "fields": fields} for name, fields in list(self.differing.items())[:_LISTED]
            ],
            **{f"{name}_count": len(found) for name, found in lists.items()},
            **{name: found[:_LISTED] for name, found in lists.items()},
        }


def reconcile(batch: ImportBatch) -> list[Compared]:
    """How a batch compares with what is here now, by kind. Three statements, however large the batch."""
    kinds: Sequence[str] = THINGS if batch.kind == ImportKind.LOGISTICS else ("unit",)
    return [_compared(batch, kind) for kind in kinds]


def _compared(batch: ImportBatch, kind: str) -> Compared:
    # A list of customers has one row for each unit, the first of a customer standing for both.
    there = {
        row["external_id"]: row
        for row in batch.rows
        if row["external_id"] and (row["kind"] == kind or batch.kind == ImportKind.CUSTOMERS)
    }
    here = _here(batch.source, kind)
    return Compared(
        kind=kind,
        there=len(there),
        there_active=sum(1 for row in there.values() if row["active"]),
        here=len(here),
        here_active=sum(here.values()),
        differing={name: row["differs"] for name, row in there.items() if row["differs"]},
        missing_here=[name for name in there if name not in here],
        missing_there=sorted(name for name in here if name not in there),
        state_differs=[name for name, row in there.items() if name in here and here[name] != row["active"]],
    )


def _here(source: str, kind: str) -> dict[str, bool]:
    """By id there, whether the thing here is active."""
    is_active = {
        "organisation": Q(organisation__archived_at=None),
        "unit": Q(unit__archived_at=None),
        "user": Q(user__is_active=True),
    }[kind]
    rows = ExternalId.objects.filter(source=source, **{f"{kind}__isnull": False})
    found = rows.annotate(is_active_here=is_active).values_list("external_id", "is_active_here")
    return {external_id: bool(active) for external_id, active in found}


def reconciliation_file(compared: Iterable[Compared]) -> str:
    """What does not agree, as CSV: one line for each thing."""
    lines = [
        {"kind": one.kind, "external_id": name, "what": what, "fields": one.differing.get(name, [])}
        for one in compared
        for what, names in (
            ("differs", list(one.differing)),
            ("missing here", one.missing_here),
            ("missing there", one.missing_there),
            ("active on one side only", one.state_differs),
        )
        for name in names
    ]
    return csv.text(("kind", "external_id", "what", "fields"), lines)
