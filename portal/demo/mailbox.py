"""The demo's post office: a real SMTP server that keeps every message in a Maildir, and the
reading of it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path

POLL_SECONDS = 0.1
FOLDERS = ("cur", "new", "tmp")
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
PARSER = BytesParser(EmailMessage, policy=policy.default)
# What the SMTP server adds; a reader of the mail would never see them.
ENVELOPE = frozenset({"x-peer", "x-mailfrom", "x-rcptto"})


@dataclass(frozen=True)
class Letter:
    """A received message. `key` is its name in the mailbox; `recipients` are those of the
    envelope.
    """

    key: str
    received_at: datetime
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(n, str(v)) for n, v in self.message.items() if n.lower() not in ENVELOPE]

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def links(self) -> list[str]:
        """The addresses in the text part, in their order."""
        return LINK.findall(self.text)

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


class Mailbox:
    """The Maildir in `folder`, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)

    def letters(self, recipient: str = "") -> list[Letter]:
        """All, or those to an address (in any case of letters); newest first."""
        letters = (self._read(path) for path in self._paths().values())
        wanted = recipient.lower()
        chosen = [letter for letter in letters if not wanted or wanted in letter.recipients]
        return sorted(chosen, key=lambda letter: letter.received_at, reverse=True)

    def letter(self, key: str) -> Letter:
        """`KeyError` for none of that name. The name is looked up in the folder's list, never made
        into a path.
        """
        return self._read(self._paths()[key])

    def wait_for(self, recipient: str, subject: str = "", *, seconds: float = 15.0) -> Letter:
        """The newest letter to the address with these words in its subject; `TimeoutError` when
        none comes.
        """
        deadline = time.monotonic() + seconds
        while True:
            for letter in self.letters(recipient):
                if subject in letter.subject:
                    return letter
            if time.monotonic() > deadline:
                raise TimeoutError(f"No mail to {recipient} about {subject!r} in {seconds} s")
            time.sleep(POLL_SECONDS)

    def clear(self) -> None:
        for path in self._paths().values():
            path.unlink()

    def _paths(self) -> dict[str, Path]:
        return {path.name: path for path in (self.folder / "new").iterdir()}

    @staticmethod
    def _read(path: Path) -> Letter:
        message = PARSER.parsebytes(path.read_bytes())
        envelope = getaddresses([str(message["X-RcptTo"] or message["To"] or "")])
        return Letter(
            key=path.name,
            received_at=datetime.fromtimestamp(path.stat().st_mtime_ns / 1e9, UTC),
            recipients=tuple(address.lower() for _, address in envelope),
            message=message,
        )
