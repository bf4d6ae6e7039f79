"""What a serving process or a command does with its memory."""

from __future__ import annotations

import gc

# A page of a month makes some ten thousand objects; by the default of 700 it would be searched for garbage all along.
_BETWEEN_SEARCHES = 20_000


def settle() -> None:
    """Spare what is loaded by now from every later search for garbage; call once, when the app is assembled.

    A full search through all modules costs some 100 ms, and the request in which it falls pays for it
    (docs/benchmarks.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_BETWEEN_SEARCHES, 10, 10)
