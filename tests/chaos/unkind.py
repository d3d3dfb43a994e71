"""A real SMTP server that is unkind by a plan: what it does to a mail depends on the seed, the
recipient and the how-manieth try it is, and not on who comes first.

It writes down what it did. A mail is *taken* once the server has all of it; whether the sender ever
hears of that is another matter (RFC 5321, 4.5.4.2; RFC 1047).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from datetime import UTC, datetime
from email import message_from_bytes
from random import Random
from threading import Event, Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.demo.ports import HOST, Port

# Longer than the workers wait for an answer.
SILENCE = 3.0
# Shorter than that.
THOUGHT = 0.6
OPEN_SECONDS, SHUT_SECONDS = 7.0, 0.8
TEMPORARY = {
    "451 at RCPT": 4,
    "450 at RCPT, slowly": 4,
    "452 at DATA": 4,
    "451 after the mail": 4,
    "dropped at RCPT": 3,
    "dropped in the middle of the mail": 3,
    "silent at RCPT": 1,
    "taken, then dropped": 2,
    "taken, then silent": 1,
}
FOR_EVER = ("550 at RCPT", "550 at DATA", "554 after the mail")
# Of 100 recipients, and of 100 tries for one that is not refused for ever.
REFUSED_FOR_EVER, TROUBLED = 8, 26
TURNED_AWAY, SENDER_REFUSED = 3, 1


class Plan:
    """Draws lots, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def for_connection(self, number: int) -> str:
        lot = self._lots("connection", number).randrange(100)
        return "421 at the greeting" if lot < TURNED_AWAY else ""

    def for_sender(self, number: int) -> bool:
        return self._lots("sender", number).randrange(100) < SENDER_REFUSED

    def for_mail(self, recipient: str, attempt: int) -> str:
        lots = self._lots(recipient, "for ever")
        if lots.randrange(100) < REFUSED_FOR_EVER:
            return lots.choice(FOR_EVER)
        lots = self._lots(recipient, attempt)
        if lots.randrange(100) >= TROUBLED:
            return "taken slowly" if lots.randrange(10) == 0 else "taken"
        return lots.choices(list(TEMPORARY), list(TEMPORARY.values()))[0]

    def _lots(self, *words: object) -> Random:
        return Random(":".join(map(str, (self._seed, *words))))  # noqa: S311 - nothing is secret


class Post:
    """The server, in a thread of its own, and what it wrote down. Message-IDs name the mails."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.port = Port()
        self.taken: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.story: defaultdict[str, list[str]] = defaultdict(list)
        self.refused: dict[str, str] = {}  # for ever: the words by the recipient
        self.senders_refused: set[str] = set()  # the words, each once
        self.attempts: defaultdict[str, int] = defaultdict(int)
        self.done: Counter[str] = Counter()
        self.connections = self.mails = 0
        self._stop = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        # What a client that was killed leaves behind is no news.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)

    def __enter__(self) -> Post:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.port.release()

    async def handle_DATA(self, server: Clerk, _session: Session, envelope: Envelope) -> str:
        return await server.take(envelope)

    async def _serve(self) -> None:
        """Every few seconds nobody listens for a moment: connections are refused."""
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            server = await loop.create_server(lambda: Clerk(self), HOST, self.port.number)
            await self._pause(OPEN_SECONDS)
            server.close()
            self.done["nobody listened"] += 1
            await self._pause(SHUT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        waited = 0.0
        while waited < seconds and not self._stop.is_set():
            await asyncio.sleep(0.1)
            waited += 0.1


class Clerk(SMTP):
    """Serves one connection. ``fate`` is what the plan has for the mail at hand."""

    def __init__(self, post: Post) -> None:
        super().__init__(post, hostname="unkind.test", enable_SMTPUTF8=True)
        self.post = post
        self.fate = self.recipient = ""

    async def _handle_client(self) -> None:
        self.post.connections += 1
        if self.post.plan.for_connection(self.post.connections):
            self._write_down("421 at the greeting")
            await self.push("421 4.3.2 too many of you: come back later")
            self._writer.close()
            return
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str) -> None:
        self.post.mails += 1
        if self.post.plan.for_sender(self.post.mails):
            words = f"553 5.1.8 I do not like the sender of mail {self.post.mails}"
            self.post.senders_refused.add(words)
            self._write_down("553 at MAIL")
            await self.push(words)
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        self.recipient = recipient = arg.partition("<")[2].partition(">")[0]
        self.post.attempts[recipient] += 1
        self.fate = self.post.plan.for_mail(recipient, self.post.attempts[recipient])
        self._write_down(self.fate)
        if self.fate.endswith("slowly"):
            await asyncio.sleep(0.3)
        if self.fate == "silent at RCPT":
            await asyncio.sleep(SILENCE)
        if self.fate in {"silent at RCPT", "dropped at RCPT"}:
            self._hang_up()
        elif "at RCPT" in self.fate:
            await self.push(self._no(self.fate[:3], recipient))
        else:
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if self.fate.endswith("at DATA"):
            await self.push(self._no(self.fate[:3], self.recipient))
        elif self.fate == "dropped in the middle of the mail":
            await self.push("354 go on")
            await self._reader.readexactly(200)
            self._hang_up()
        else:
            await super().smtp_DATA(arg)

    async def take(self, envelope: Envelope) -> str:
        if self.fate.endswith("after the mail"):
            return self._no(self.fate[:3], self.recipient)
        message_id = str(message_from_bytes(envelope.original_content or b"")["Message-ID"])
        self.post.taken[message_id] += 1
        self.post.story[message_id].append(f"{datetime.now(UTC):%H:%M:%S.%f} {self.fate}")
        if self.fate == "taken, then silent":
            await asyncio.sleep(SILENCE)
        if self.fate == "taken, then thought over":
            await asyncio.sleep(THOUGHT)
        if self.fate in {"taken, then dropped", "taken, then silent"}:
            self._hang_up()
        else:
            self.post.acknowledged[message_id] += 1
        return "250 taken"

    def _hang_up(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def _no(self, code: str, recipient: str) -> str:
        is_for_ever = code.startswith("5")
        words = f"{code} {code[0]}.1.1 {recipient} {'is nobody here' if is_for_ever else 'later'}"
        if is_for_ever:
            self.post.refused[recipient] = words
        return words

    def _write_down(self, what: str) -> None:
        self.post.done[what] += 1
