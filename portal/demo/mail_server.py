"""The SMTP server. Apart from the mailbox, since the portal reads that without having aiosmtpd."""

from __future__ import annotations

from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as Keeping

from portal.demo.ports import HOST, Port


class MailServer:
    """Takes every message on a loopback port of its own and keeps it in the Maildir. A thread of
    this process.

    Stopped and started again it has the same port.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._port = Port(port)
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """As Django's EMAIL_URL wants it."""
        return f"smtp://{self._port.address}"

    def start(self) -> None:
        if self._controller is None:
            self._controller = Controller(
                Keeping(self._folder), hostname=HOST, port=self._port.number
            )
            self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def close(self) -> None:
        """Stop for good and give the port back."""
        self.stop()
        self._port.release()
