"""A word now and then from long work."""

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
_EVERY_S = 20.0


def watched(items: Sequence[T], what: str) -> Iterator[T]:
    """The items; says every 20 seconds how many are done, and how long the others will take."""
    began = said = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if now - said >= _EVERY_S:
            left = (len(items) - done) * (now - began) / done / 60
            print(f"{what} {done}/{len(items)} {left:.1f} min left", flush=True)
            said = now
        yield item
