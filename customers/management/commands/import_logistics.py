"""``manage.py import_logistics FILE --source logistics --as anna@hectare.farm --reason "The move" [--apply]``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Conflict, DomainError, Invalid
from customers.domain.imports import reads
from customers.domain.imports.batches import Reading, apply_import, check_import, forget_upload
from customers.domain.imports.outcomes import LABELS, Outcome
from customers.domain.imports.reading import CSV, JSONL, LARGEST
from customers.enums import ImportKind, ImportStatus
from customers.models import ImportBatch, User
from permissions.access import Access
from permissions.decisions import Refused

_MOST_TOLD = 50


class Command(BaseCommand):
    """Check a batch of another system's organisations, units and users; with ``--apply``, write it."""

    help = "Check a batch from another system (docs/import.md). With --apply, write it: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What it takes."""
        parser.add_argument("file", type=Path, help="JSON Lines, or CSV when it ends in .csv")
        parser.add_argument("--source", required=True, help="the system that the file comes from, such as logistics")
        parser.add_argument(
            "--as", dest="staff", required=True, metavar="E-MAIL", help="the member of staff who does it"
        )
        parser.add_argument("--reason", required=True, help="why; it is kept in the audit trail")
        parser.add_argument("--apply", action="store_true", help="write it; otherwise it is only checked")
        parser.add_argument("--owners", action="store_true", help="the batch may make account owners")
        parser.add_argument("--welcome", action="store_true", help="mail a link to those without a password that works")
        parser.add_argument("--result", type=Path, help="write what became of each row to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, tell, and apply when asked to."""
        actor = self._actor(options["staff"], options["reason"])
        path: Path = options["file"]
        batch: ImportBatch | None = None
        try:
            batch = check_import(
                actor,
                kind=ImportKind.LOGISTICS,
                source=options["source"],
                content=_content(path),
                reading=Reading(form=CSV if path.suffix.lower() == ".csv" else JSONL),
                filename=path.name,
                may_make_owners=options["owners"],
            )
            if options["apply"]:
                batch = apply_import(actor, batch=batch, welcome=options["welcome"])
        except Conflict as problem:
            # What is wrong with which row; the file, which holds hashes, is mended and sent anew.
            if batch is not None:
                self._tell(batch, options["result"])
                forget_upload(actor, batch=batch)
            raise CommandError(problem.detail) from None
        except Refused as problem:
            raise CommandError(f"{problem.decision.code}: {problem.detail}") from None
        except Invalid as problem:
            raise CommandError(" ".join(one.detail for one in problem.errors)) from None
        except DomainError as problem:
            raise CommandError(problem.detail) from None
        self._tell(batch, options["result"])
        if batch.status == ImportStatus.FAILED:
            forget_upload(actor, batch=batch)
            raise CommandError(batch.problem)

    def _actor(self, email: str, reason: str) -> Access:
        user = User.objects.filter(email__iexact=email.strip()).first()
        access = Access.for_user(user) if user is not None else Access.none()
        if not access.is_staff or not reason.strip():
            raise CommandError("--as is the e-mail of a member of staff, and --reason says why.")
        return access.acting(reason)

    def _tell(self, batch: ImportBatch, result: Path | None) -> None:
        for row in [row for row in batch.rows if row["notes"]][:_MOST_TOLD]:
            told = " ".join(note["detail"] for note in row["notes"])
            self.stdout.write(f"line {row['line']}: {LABELS[Outcome(row['outcome'])]}: {told}")
        for name, number in batch.counts.items():
            self.stdout.write(f"{name:>24} {number:>7,}")
        self.stdout.write(f"{batch.public_id}: {batch.get_status_display()}")
        if result is not None:
            result.write_text(reads.result_file(batch), encoding="utf-8", newline="")


def _content(path: Path) -> bytes:
    """The file; no more of it than shows that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
