"""Reading a Maildir: what stands in new/ is taken in, and goes to cur/ as read. (cr.yp.to/proto/maildir.html)

What is still being written stands in tmp/ and is nobody's business. A file is renamed after its mail was kept; where
two processes look at once, both may read it, one keeps it and one renames it. What is no mail or too large goes to
cur/ unread and flagged.
"""

from __future__ import annotations

import os
from pathlib import Path

from eventsvc.core import caps
from eventsvc.core.errors import Refusal
from eventsvc.domain.mail.places import CannotRead, MaildirPlace, Take, Taken, Why

# One look; what is more waits for the next.
MOST = 500
_READ, _LEFT = "S", "F"


def take_all(place: MaildirPlace, take: Take, taken: Taken, *, most: int = MOST) -> None:
    """Hand every mail of new/ to `take`, oldest first, move it, and count it in `taken`.

    Refuses: CannotRead where that is no Maildir, or files in it cannot be read or moved; the others are taken.
    """
    closed = 0
    for name in _names(place):
        if taken.read + taken.left >= most:
            break
        try:
            flag = _flag_after(place.path / "new" / name, take)
        except FileNotFoundError:
            continue  # somebody else was faster
        except OSError:
            closed += 1
            continue
        if _moved(place.path, name, flag):
            taken.read += flag == _READ
            taken.left += flag == _LEFT
    if closed:
        raise CannotRead(Why.UNFETCHABLE)


def waiting(place: MaildirPlace) -> int:
    """How many mails stand in new/. Refuses: CannotRead."""
    return len(_names(place))


def _names(place: MaildirPlace) -> list[str]:
    """A delivery's name begins with its second, so that names in order are mails in order."""
    try:
        if not (place.path / "cur").is_dir():
            raise CannotRead(Why.FOLDER)
        return sorted(name for name in os.listdir(place.path / "new") if not name.startswith("."))
    except OSError:
        raise CannotRead(Why.FOLDER) from None


def _flag_after(file: Path, take: Take) -> str:
    try:
        caps.MAIL.ensure(file.stat().st_size)
        take(file.read_bytes())
    except Refusal:
        return _LEFT
    return _READ


def _moved(folder: Path, name: str, flag: str) -> bool:
    try:
        os.rename(folder / "new" / name, folder / "cur" / f"{name.partition(':')[0]}:2,{flag}")
    except FileNotFoundError:
        return False
    except OSError:
        raise CannotRead(Why.UNMARKABLE) from None
    return True
