"""A real IMAP server in processes of its own: Debian's dovecot-imapd, with a configuration and mailboxes of its own.

`.ci/run` installs it; without it its tests are left out, and the run says so.
"""

from __future__ import annotations

import getpass
import imaplib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.commands import CHECKOUT

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
ABSENT = "no dovecot here: apt-get install dovecot-imapd"
CERTIFICATE = CHECKOUT / "tests" / "core" / "feeds.test.pem"
PASSWORD = "hunter2/@ü"
QUOTED = "hunter2%2F%40%C3%BC"
_numbers = count(1)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Dovecot:
    """Any user may sign in with PASSWORD; each has a Maildir that is made at the first sign-in."""

    folder: Path
    more: str = ""
    port: int = field(default_factory=_free_port)
    tls_port: int = field(default_factory=_free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self.folder / "conf").write_text(self._settings())
        with (self.folder / "log").open("ab") as log:
            command = [DOVECOT, "-F", "-c", str(self.folder / "conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(300):
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=20).logout()
                return
            except OSError:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=0.05)
                    break
        raise RuntimeError(f"dovecot did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End it as a crash would; whoever is connected is cut off."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def user(self) -> Mailbox:
        """Somebody whose mailbox is empty."""
        return Mailbox(self, f"user{next(_numbers)}")

    def _settings(self) -> str:
        me = getpass.getuser()
        is_root = os.getuid() == 0
        owner, group = ("65534", "65534") if is_root else (str(os.getuid()), str(os.getgid()))
        users = "" if is_root else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        no_jail = "" if is_root else "service imap-login {\n  chroot =\n}\nservice anvil {\n  chroot =\n}\n"
        # Wrong passwords are answered at once: nobody guesses here.
        no_jail += "service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n"
        return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
{users}{no_jail}
ssl = yes
ssl_cert = <{CERTIFICATE}
ssl_key = <{CERTIFICATE}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
service imap-login {{
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={self.folder}/home/%u
}}
mail_location = maildir:~/Maildir
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
{self.more}
"""


@dataclass
class Mailbox:
    """One user's mailbox, as somebody with a mail client sees it."""

    server: Dovecot
    name: str

    def url(self, folder: str = "INBOX", *, scheme: str = "imap", host: str = "127.0.0.1") -> str:
        """As an operator writes it into MAIL_IN_URL."""
        port = self.server.tls_port if scheme == "imaps" else self.server.port
        return f"{scheme}://{self.name}:{QUOTED}@{host}:{port}/{folder}"

    @contextmanager
    def opened(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """A client that has the folder open."""
        with imaplib.IMAP4("127.0.0.1", self.server.port, timeout=20) as client:
            client.authenticate("PLAIN", lambda _: b"\0" + self.name.encode() + b"\0" + PASSWORD.encode())
            client.select(f'"{folder}"')
            yield client

    def make(self, folder: str) -> None:
        """A folder beside the INBOX."""
        with self.opened() as client:
            client.create(f'"{folder}"')

    def put(self, *mails: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Mails that arrive there, in that order."""
        with self.opened() as client:
            for raw in mails:
                assert client.append(f'"{folder}"', flags, None, raw)[0] == "OK"

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of each mail in it, in the order of arrival, without \\Recent."""
        with self.opened(folder) as client:
            _, answer = client.fetch("1:*", "(FLAGS)")
        seen = [imaplib.ParseFlags(line) for line in answer if line]
        return [" ".join(sorted(flag.decode() for flag in one if flag != rb"\Recent")) for one in seen]

    @property
    def files(self) -> list[Path]:
        """The files of the INBOX, in the order of arrival."""
        folder = self.server.folder / "home" / self.name / "Maildir"
        return sorted([*(folder / "new").iterdir(), *(folder / "cur").iterdir()], key=_number)


def _number(file: Path) -> tuple[int, int]:
    """Dovecot's names: second, microsecond (M…), process."""
    second, rest = file.name.split(".")[:2]
    return int(second), int(rest.partition("M")[2].partition("P")[0])


@contextmanager
def dovecot(more: str = "") -> Iterator[Dovecot]:
    """A running one; gone at the end, with its mailboxes."""
    with tempfile.TemporaryDirectory(prefix="eventsvc-imap-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        server = Dovecot(folder, more)
        server.start()
        try:
            yield server
        finally:
            server.stop()
