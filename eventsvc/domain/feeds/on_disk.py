"""Finished public feeds in files of this machine, so that a process that begins, or stands beside, makes none again.

A file is good for one version and UTC day of one feed; whatever else it says, it is passed over and written anew. It
holds what everybody may read: private feeds stay in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

log = logging.getLogger("eventsvc.feeds")
_SUFFIX, _UNFINISHED = ".feed", ".part"
# A file that was written so long ago is of no day that is asked for.
_OLD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a file holds; `made_of` names exactly what it was made of."""

    made_of: str
    etag: str
    body: bytes
    zipped: bytes


class Files:
    """The files of a folder; without one nothing is found and nothing is written.

    What cannot be read or written is logged: the feed is made all the same.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, key: str, made_of: str) -> Finished | None:
        """The feed of that key as it was made of that, or None."""
        if self._folder is None:
            return None
        try:
            head, _, zipped = self._path(key).read_bytes().partition(b"\n")
            said = json.loads(head)
            if said["made_of"] != made_of or hashlib.sha256(zipped).hexdigest() != said["sha256"]:
                return None
            return Finished(made_of, said["etag"], gzip.decompress(zipped), zipped)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            log.warning("a finished feed could not be read: %s", type(error).__name__)
            return None

    def keep(self, key: str, feed: Finished) -> None:
        """Write it in the place of what was there; who reads at the same moment has the old one or the new one."""
        if self._folder is None:
            return
        said = {"made_of": feed.made_of, "etag": feed.etag, "sha256": hashlib.sha256(feed.zipped).hexdigest()}
        unfinished = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, unfinished = tempfile.mkstemp(suffix=_UNFINISHED, dir=self._folder)
            with os.fdopen(number, "wb") as file:
                file.write(json.dumps(said).encode() + b"\n" + feed.zipped)
            Path(unfinished).replace(self._path(key))
        except OSError as error:  # such as a full disk
            log.warning("a finished feed could not be written: %s", type(error).__name__)
            with suppress(OSError):
                Path(unfinished).unlink()

    def forget(self, now: datetime) -> int:
        """Remove what is of no day that is asked for any more; how many files there were."""
        gone = 0
        for path in self._all():
            with suppress(OSError):
                if path.stat().st_mtime < (now - _OLD).timestamp():
                    path.unlink()
                    gone += 1
        return gone

    def _all(self) -> Iterator[Path]:
        if self._folder is not None and self._folder.is_dir():
            for suffix in (_SUFFIX, _UNFINISHED):
                yield from self._folder.glob(f"*{suffix}")

    def _path(self, key: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{_SUFFIX}"
