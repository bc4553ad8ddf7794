"""What an erased person or a purged customer leaves behind in imports: nothing that tells who it was, and a sign.

The sign keeps the next file from making again what was erased here: a digest, with a key, of what it was called there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Func, Q, QuerySet, TextField
from django.utils.crypto import salted_hmac

from common.arrays import OneOf
from customers.enums import ImportKind
from customers.models import ExternalId, Forgotten, ImportBatch

#: Source, kind (``organisation``, ``unit``, ``user``), id there.
Elsewhere = tuple[str, str, str]

_SALT: Final = "customers.imports.forgotten"
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
GONE: Final = "Somebody or something that the file held has been erased since it was checked: check it again."


def forget(ids: QuerySet[ExternalId], public_ids: Collection[str], emails: Collection[str] = ()) -> int:
    """Take some people or things out of every batch, and keep a sign of them; how many rows of batches were blanked.

    A part of the verbs that erase and purge.

    Args:
        ids: what they are called elsewhere; deleted.
        public_ids: theirs.
        emails: every address of theirs, in every spelling.
    """
    elsewhere = frozenset(
        (row.source, next(kind for kind in ("organisation", "unit", "user") if getattr(row, f"{kind}_id")), there)
        for row in ids
        for there in [row.external_id]
    )
    Forgotten.objects.bulk_create(
        [Forgotten(digest=_digest(one, settings.SECRET_KEY)) for one in sorted(elsewhere)], ignore_conflicts=True
    )
    ids.delete()
    return forget_rows(public_ids, elsewhere, emails)


def forgotten(source: str, ids: Mapping[str, Collection[str]]) -> set[tuple[str, str]]:
    """Which of some ids there, by kind, were of what has been erased or purged here. Two statements at most."""
    if not Forgotten.objects.exists():
        return set()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    asked = {
        _digest((source, kind, one), key): (kind, one) for kind, found in ids.items() for one in found for key in keys
    }
    rows = Forgotten.objects.filter(digest=OneOf(list(asked))).values_list("digest", flat=True)
    return {asked[digest] for digest in rows}


def _digest(elsewhere: Elsewhere, key: str | bytes) -> str:
    return salted_hmac(_SALT, "\0".join(elsewhere), secret=key, algorithm="sha256").hexdigest()


def forget_rows(
    public_ids: Collection[str], elsewhere: Collection[Elsewhere] = (), emails: Collection[str] = ()
) -> int:
    """Blank the rows of batches that made or found these, ran into them, or hold their ids; how many rows.

    The rows stay, so that figures and reconciliation do. A file that waits to be applied and holds them is emptied.
    """
    if not public_ids:
        return 0
    count = 0
    # A public id is letters, digits and _.
    told = re.compile("|".join(sorted(public_ids)))
    text = Func(F("rows"), template="%(expressions)s::text", output_field=TextField())
    held = Q(told__regex=told.pattern) | Q(source__in={source for source, _, _ in elsewhere}) | Q(content__isnull=False)
    batches = ImportBatch.objects.annotate(told=text).filter(held).order_by("pk").select_for_update(of=("self",))
    for batch in batches:
        theirs = [row for row in batch.rows if _is_theirs(batch, row, told, frozenset(elsewhere))]
        for row in theirs:
            row.update(external_id="", label="", public_id="", notes=[])
        changes: dict[str, Any] = {"rows": batch.rows} if theirs else {}
        if batch.content is not None and (theirs or _holds(batch, emails)):
            changes |= {"content": None, "problem": GONE}
        if changes:
            ImportBatch.objects.filter(pk=batch.pk).update(**changes)
        count += len(theirs)
    return count


def _is_theirs(
    batch: ImportBatch, row: Mapping[str, Any], told: re.Pattern[str], elsewhere: frozenset[Elsewhere]
) -> bool:
    if told.fullmatch(row["public_id"]) or any(told.search(note["detail"]) for note in row["notes"]):
        return True
    if batch.kind == ImportKind.CUSTOMERS:
        # A row of a list stands for a unit, and for its customer.
        kinds: Iterable[str] = ("organisation", "unit")
    else:
        kinds = ("user" if row["kind"] == "membership" else row["kind"],)
    return any((batch.source, kind, row["external_id"]) in elsewhere for kind in kinds)


def _holds(batch: ImportBatch, emails: Collection[str]) -> bool:
    """Whether an address stands in the file, also with its letters escaped as JSON does it."""
    text = bytes(batch.content or b"").decode(str(batch.options["encoding"]), "replace")
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).casefold()
    wanted = "|".join(re.escape(email.casefold()) for email in emails)
    return bool(wanted) and re.search(rf"(?<![\w.+-])(?:{wanted})(?!\w|-\w|\.\w)", text) is not None
