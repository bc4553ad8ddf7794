"""The real register, once for the run; without the file its tests are skipped, and say where they looked."""

from __future__ import annotations

import pytest

from tests.real.register import PLACE, Register, place, read


@pytest.fixture(scope="session")
def register() -> Register:
    """Every row of the real register."""
    path = place()
    if not path.exists():
        pytest.skip(f"The register of establishments is not at {path} ({PLACE}); HECTARE_REGISTER can name it.")
    return read(path)
