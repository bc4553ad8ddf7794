"""What the tests of organisations and units share: addresses of each door."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.db.models import Model
from django.urls import reverse

from organisations.models import BusinessUnit, Organisation
from tests.security.world import World

WHY = "Asked by telephone"


def page(name: str, *things: Any) -> str:
    """The address of a page about things with public ids."""
    return reverse(name, args=[thing if isinstance(thing, str) else thing.public_id for thing in things])


def desk(row: Model | type[Model], name: str, *args: Any) -> str:
    """The address of a page of the admin."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=args)


def names(answer: Any) -> set[str]:
    """The names in a list of the API."""
    assert answer.status_code == 200
    return {one["name"] for one in answer.json()["results"]}


def text(answer: Any) -> str:
    """A page as it was sent."""
    return str(answer.content.decode())


def words(answer: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text(answer))).split())


def fresh(unit: BusinessUnit) -> BusinessUnit:
    """The unit as it is now."""
    return BusinessUnit.objects.select_related("business").get(pk=unit.pk)


def everybodys(world: World) -> list[Organisation]:
    """A's, B's, the one that A knows, and the one that A recorded."""
    return [world.a.organisation, world.b.organisation, world.conn.organisation, world.shell]
