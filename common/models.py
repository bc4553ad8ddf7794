"""The base of our models."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


def single(rows: models.QuerySet[M]) -> M | None:
    """The row of a query that finds one at most, as those by an id do. It asks for no order, which ``first()`` does."""
    return next(iter(rows.order_by()[:1]), None)


class Dated(models.Model):
    """A row that knows when it was made and when it was last changed."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True


class Versioned(Dated):
    """A row that two people may edit: ``version`` goes up by one with every change (``ETag``, ``If-Match``)."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True


class Archivable(models.Model):
    """A row that is put away rather than deleted, because history refers to it."""

    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_archived(self) -> bool:
        """Whether the row has been put away."""
        return self.archived_at is not None
