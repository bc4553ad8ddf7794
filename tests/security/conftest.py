"""The world of the attacks: made once for a module, and every test rolls back what it did to it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.core.cache import cache

from tests.security.world import World, build
from tests.worlds import kept


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Two tenants and what stands around them."""
    with kept(django_db_blocker, build) as world:
        yield world


@pytest.fixture
def world(made: World, db: None) -> World:
    """As it was made."""
    return deepcopy(made)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
