"""What may be a mail address, as far as one can tell without writing to it (RFC 5321, 4.1.2)."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def is_mail_address(text: str) -> bool:
    """True for a mailbox at a host, without spaces."""
    return _ADDRESS.fullmatch(text) is not None


def can_be_written_to(address: str) -> bool:
    """True where a letter can leave for it: without SMTPUTF8 (RFC 6531), which we do not speak, only ASCII can."""
    return address.isascii()
