"""Python's garbage collector, set for a server: what start-up made stays, and is not looked over again and again.

A large answer makes tens of thousands of small objects, none of them in cycles. With the collector as it comes, looking
for cycles among them and among all that the imports made took a third of the time of such a request.
"""

from __future__ import annotations

import gc

#: New objects between two looks at the youngest.
YOUNG = 20_000


def settle() -> None:
    """To be called once, when the application has been loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
