"""Gzip (RFC 1952) of a body of which most has been compressed before: only what has changed is compressed anew."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

_HEAD = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"  # deflate, no name, no time: the same bytes each time
_LAST_BLOCK = b"\x03\x00"


def deflated(part: bytes) -> bytes:
    """A part of a body, compressed so that it may stand between any others: it refers to nothing before it."""
    room = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return room.compress(part) + room.flush(zlib.Z_FULL_FLUSH)


def zipped(parts: Iterable[bytes], body: bytes) -> bytes:
    """One gzip member of the whole body, from its `deflated` parts in order."""
    return b"".join((_HEAD, *parts, _LAST_BLOCK, struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)))
