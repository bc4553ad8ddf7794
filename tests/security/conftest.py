"""The world of the attacks: one stands for the tests that ask for it, another, furnished, for the tables."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from django.core.cache import cache

from tests.security.world import World, standing_world


@pytest.fixture
def builder() -> Callable[[], World]:
    """Modules that walk the addresses take ``furnished_world`` instead."""
    return standing_world


@pytest.fixture
def world(standing: World, db: None) -> World:
    """Two tenants and what stands around them; everybody is signed in."""
    return deepcopy(standing)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
