"""The world of the attacks is the world of the capabilities too."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from django.core.cache import cache

from tests.security.world import World, standing_world


@pytest.fixture
def builder() -> Callable[[], World]:
    """Of the world that stands for these tests."""
    return standing_world


@pytest.fixture
def world(standing: World, db: None) -> World:
    """Two tenants and what stands around them; everybody is signed in."""
    return deepcopy(standing)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
