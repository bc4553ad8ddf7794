"""The verbs of imports: check a file, apply what was checked, forget it.

A check writes the batch with its figures and nothing else. Applying looks the file over anew, under a lock that lets
one import write at a time, and writes all of it or nothing. Both are for staff who act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, connection, transaction

from common import clock
from common.editing import created, opened
from common.errors import Conflict, Invalid
from common.validation import check
from common.verbs import verb
from config.jobs import jobs
from customers.domain.accounts import send_welcomes
from customers.domain.imports import logistics
from customers.domain.imports import register as of_customers
from customers.domain.imports.outcomes import Plan
from customers.domain.imports.reading import JSONL, read
from customers.domain.imports.reads import made_without_password
from customers.domain.imports.writing import write
from customers.domain.mode import must_take_on
from customers.enums import ImportKind, ImportStatus
from customers.models import ImportBatch
from organisations.rules import of_nothing_yet
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require

#: Batches with more rows are applied by a job.
AT_ONCE: Final = 2_000
#: How long a file is kept that nobody applied.
KEPT: Final = timedelta(days=1)
#: Lets one import write at a time; any number that nothing else locks by.
_LOCK: Final = 0x1A9047


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read.

    Attributes:
        form: ``jsonl`` or ``csv``.
        mapping: for customers: column to what it means; empty: guessed.
        same_name: for customers: what is done with a name that comes again at another place (``ask``, ``separate``).
    """

    form: str = JSONL
    encoding: str = "utf-8"
    mapping: Mapping[str, str] = field(default_factory=dict)
    same_name: str = of_customers.ASK


def may_import(actor: Access) -> None:
    """Refuse whoever may not import, before a large file is read."""
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))


@verb
def check_import(
    actor: Access,
    *,
    kind: ImportKind,
    source: str,
    content: bytes,
    reading: Reading,
    filename: str = "",
    may_make_owners: bool = False,
) -> ImportBatch:
    """Look a file over: what each row would come to. Nothing is made.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    batch = ImportBatch(
        kind=kind,
        source=source.strip().lower(),
        filename=_shown(filename),
        may_make_owners=may_make_owners,
        content=content,
        requested_by_id=actor.user_id,
        options={"format": reading.form, "encoding": reading.encoding, "same_name": reading.same_name},
        mapping=dict(reading.mapping),
    )
    if not batch.source or not batch.source.isprintable():
        raise Invalid.one("/source", "required", "Name the system that the file comes from, on one line.")
    _may(actor, batch)
    _looked_over(batch)
    made = created(batch)
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    return made


@verb
def check_again(actor: Access, *, batch: ImportBatch, reading: Reading, version: int | None = None) -> ImportBatch:
    """Look the same file over with other columns, or another answer to names that come twice."""
    row = _opened(actor, batch, version)
    _begins(row)
    row.mapping = dict(reading.mapping)
    row.options = {"format": reading.form, "encoding": reading.encoding, "same_name": reading.same_name}
    _looked_over(row)
    return _saved(row, ImportStatus.CHECKED)


@verb
def apply_import(
    actor: Access, *, batch: ImportBatch, welcome: bool = False, version: int | None = None
) -> ImportBatch:
    """Make everything that can be made, or nothing.

    Args:
        welcome: whether those without a password that works get a mail by which to set one.

    Raises:
        Conflict: rows of another system's batch cannot be used; they are mended in the file first.
        Refused: the batch makes organisations, and nobody takes on customers at present (Q2).
    """
    row = _opened(actor, batch, version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    plan = _looked_over(row)
    if plan.organisations:
        must_take_on()
    if row.kind == ImportKind.LOGISTICS and plan.wrong:
        raise Conflict(
            f"{plan.wrong} rows cannot be used. Nothing was written; mend them in the file and check it again.",
            code="rows_wrong",
        )
    try:
        # A transaction of its own: when it fails, nothing of it is left, and that it failed can be written down.
        with transaction.atomic():
            write(actor, plan, welcome=welcome)
            require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    except IntegrityError:
        row.problem = "Somebody else saved the same at this moment. Nothing was written; try again."
        return _saved(row, ImportStatus.FAILED)
    row.rows = [one.as_dict() for one in plan.rows]
    row.applied_at = clock.now()
    row.welcomed_at = row.applied_at if welcome else None
    row.content, row.problem = None, ""
    return _saved(row, ImportStatus.APPLIED)


@verb
def queue_import(
    actor: Access, *, batch: ImportBatch, welcome: bool = False, version: int | None = None
) -> ImportBatch:
    """Apply a batch: a small one at once, a large one by a job, with the same reason.

    Raises:
        Conflict: ``being_applied``: its job has it already, and is not lost.
        Refused: as by ``apply_import``.
    """
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    _begins(opened(batch, version))
    if int(batch.counts.get("rows", 0)) <= AT_ONCE:
        return apply_import(actor, batch=batch, welcome=welcome, version=version)
    row = _opened(actor, batch, version)
    if row.counts.get("makes_organisations"):
        must_take_on()
    if row.kind == ImportKind.LOGISTICS and row.counts.get("wrong"):
        raise Conflict(f"{row.counts['wrong']} rows cannot be used. Mend them in the file first.", code="rows_wrong")
    jobs.configure_task("customers.tasks.apply_import").defer(
        public_id=row.public_id, user_id=actor.user_id, reason=actor.acting_reason, welcome=welcome
    )
    row.problem = ""
    return _saved(row, ImportStatus.QUEUED)


@verb
def fail_import(actor: Access, *, batch: ImportBatch, problem: str) -> ImportBatch:
    """Write down that a job could not apply a batch, and why; nothing of it was made. A part of the job."""
    row = opened(batch, None)
    if row.status == ImportStatus.APPLIED:
        return row
    row.problem = problem[:300]
    return _saved(row, ImportStatus.FAILED)


@verb
def send_links(actor: Access, *, batch: ImportBatch, version: int | None = None) -> int:
    """Mail a link to everybody whom an applied batch made and who has no password that works. Once; how many.

    For when that was not asked for as the batch was applied.

    Raises:
        Conflict: the batch has not been applied, or the links went out already.
    """
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    row = opened(batch, version)
    if row.status != ImportStatus.APPLIED:
        raise Conflict("This import has not been applied.", code="not_applied")
    if row.welcomed_at is not None:
        raise Conflict("The links of this import went out already.", code="welcomed_already")
    people = made_without_password(row)
    row.welcomed_at = clock.now()
    _saved(row, ImportStatus.APPLIED)
    return send_welcomes(actor, people=people)


@verb
def forget_upload(actor: Access, *, batch: ImportBatch, version: int | None = None) -> ImportBatch:
    """Empty the stored file of a batch; what was found in it stays, and it can no longer be applied."""
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    row = opened(batch, version)
    row.content = None
    return _saved(row, ImportStatus(row.status))


def forget_old_uploads() -> int:
    """Empty the files that nobody applied within a day. For the job that does it; returns how many."""
    old = ImportBatch.objects.filter(content__isnull=False, created_at__lt=clock.now() - KEPT)
    return old.update(content=None)


def _may(actor: Access, batch: ImportBatch) -> None:
    if batch.may_make_owners:
        require(actor, Action.IMPORT_MAKE_OWNERS, of_nothing_yet(actor))


def _opened(actor: Access, batch: ImportBatch, version: int | None) -> ImportBatch:
    """The batch locked, by somebody who may apply it, with its file still there."""
    require(actor, Action.IMPORT_RUN, of_nothing_yet(actor))
    row = opened(batch, version)
    _may(actor, row)
    if row.status == ImportStatus.APPLIED:
        raise Conflict("This import has been applied already.", code="applied_already")
    if row.content is None:
        kept = "A file is kept for a day, and no longer than the people in it: this one is gone. Check it again."
        raise Conflict(kept, code="upload_gone")
    return row


def _begins(row: ImportBatch) -> None:
    """Refuse what a job is about to apply."""
    if row.status == ImportStatus.QUEUED and not row.is_open:
        raise Conflict("This import is being applied. Look at its state in a minute.", code="being_applied")


def _looked_over(batch: ImportBatch) -> Plan:
    """Read the file; rows, figures and the columns as they were understood go to the batch."""
    content = bytes(batch.content or b"")
    form, encoding = str(batch.options["format"]), str(batch.options["encoding"])
    columns, lines = read(content, form, encoding)
    if batch.kind == ImportKind.LOGISTICS:
        plan = logistics.plan_of(columns, lines, form=form, source=batch.source, owners=batch.may_make_owners)
    else:
        batch.options = {**batch.options, "columns": columns}
        batch.mapping = of_customers.mapping_for(batch.source, columns, batch.mapping)
        plan = of_customers.plan_of(
            lines, source=batch.source, mapping=batch.mapping, same_name=str(batch.options["same_name"])
        )
    batch.counts = plan.counts()
    batch.rows = [row.as_dict() for row in plan.rows]
    return plan


def _saved(row: ImportBatch, status: ImportStatus) -> ImportBatch:
    row.status = status
    check(row)
    row.version += 1
    row.save()
    return row


def _shown(filename: str) -> str:
    """The name of a file without its folders, on one line."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[:200]


__all__ = [
    "AT_ONCE",
    "Reading",
    "apply_import",
    "check_again",
    "check_import",
    "fail_import",
    "forget_old_uploads",
    "forget_upload",
    "may_import",
    "queue_import",
    "send_links",
]
