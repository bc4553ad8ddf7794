"""The sizes of the reference network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """A network of ``enterprises``, half producers with ``variants`` each, half hubs, of whom the first coordinates."""

    name: str
    enterprises: int
    variants: int
    cycles: int = 500
    most_incoming: int = 200
    most_outgoing: int = 100
    most_carried: int = 500

    @property
    def producers(self) -> int:
        """How many producers."""
        return self.enterprises // 2

    @property
    def hubs(self) -> int:
        """How many hubs, the coordinator among them."""
        return self.enterprises - self.producers

    @property
    def coordinator(self) -> int:
        """Key of the coordinator."""
        return self.producers + 1

    @property
    def incoming(self) -> int:
        """How many producers take part in the cycle."""
        return min(self.most_incoming, self.producers)

    @property
    def outgoing(self) -> int:
        """How many hubs take part in the cycle."""
        return min(self.most_outgoing, self.hubs - 1)


SIZES: Final = {
    size.name: size for size in (Size("S", 50, 10), Size("M", 500, 20), Size("L", 2_000, 25), Size("XL", 20_000, 25))
}
