"""The value of an argument that was not given, where ``None`` means something."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Unset(Enum):
    """One value: not given."""

    TOKEN = 0

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset.TOKEN
