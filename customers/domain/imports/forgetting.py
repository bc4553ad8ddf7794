"""What an erased person or a purged customer leaves in the rows of imports: nothing that tells who it was."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Q

from customers.models import ImportBatch


def forget_rows(public_ids: Collection[str]) -> int:
    """Blank what these were called elsewhere and here, in every batch that made or found them; how many rows.

    A part of the verbs that erase and purge. The rows stay, so that figures and reconciliation do.
    """
    gone, count = frozenset(public_ids), 0
    if not gone:
        return 0
    held = reduce(or_, (Q(rows__contains=[{"public_id": one}]) for one in sorted(gone)))
    for batch in ImportBatch.objects.filter(held).only("rows").select_for_update(of=("self",)):
        for row in batch.rows:
            if row["public_id"] in gone:
                row.update(external_id="", label="", public_id="", notes=[])
                count += 1
        ImportBatch.objects.filter(pk=batch.pk).update(rows=batch.rows)
    return count
