"""An image of a gigabyte up and down: how fast, and in how much memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.bench.numbers import Sample
from portal.bench.stage import FACTS, Account
from portal.bench.ways import Browser, CommandLine, Raw, seconds
from portal.demo.stack import Demo

MIB = 1024 * 1024
NEW = {**FACTS, "name": "large", "source": "file", "file_follows": "yes"}
STREAM = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class Transfer:
    """One way up and down. ``memory`` in KiB: the most that the portal's worker, or the command,
    took in addition.
    """

    up: Sample
    down: Sample
    memory: int = 0


class Body:
    """A file in large pieces; of a file itself the library would send 16 KiB at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __len__(self) -> int:
        return self._file.stat().st_size

    def __iter__(self) -> Iterator[bytes]:
        with self._file.open("rb") as file:
            yield from iter(lambda: file.read(MIB), b"")


class Disks:
    def __init__(self, demo: Demo, account: Account, *, mebibytes: int) -> None:
        self._demo = demo
        self._raw, self._web = Raw(demo, account), Browser(demo, account)
        self._cli = CommandLine(demo, account)
        self._file = demo.state_dir / "disk.raw"
        self._size = mebibytes * MIB

    def measure(self, *, rounds: int, has_cli: bool) -> dict[str, Transfer]:
        """In turns; the first turn of each way counts too: there is nothing to get warm."""
        ways = {"raw": self._by_raw, "portal": self._by_portal}
        if has_cli:
            ways["cli"] = self._by_command
        with self._written():
            turns = [{name: way() for name, way in ways.items()} for _ in range(rounds)]
        return {
            name: Transfer(
                Sample(tuple(turn[name][0] for turn in turns)),
                Sample(tuple(turn[name][1] for turn in turns)),
                max(turn[name][2] for turn in turns),
            )
            for name in ways
        }

    def _by_raw(self) -> tuple[float, float, int]:
        facts = {**FACTS, "name": "large"}
        image_id = self._raw.call("POST", json=facts).json()["id"]
        path = f"/{image_id}/file"
        up = self._send(lambda body: self._raw.call("PUT", path, data=body, headers=STREAM))

        def down() -> None:
            self._drain(self._raw.call("GET", path, stream=True).iter_content(MIB))

        took = (up, seconds(down), 0)
        self._raw.call("DELETE", f"/{image_id}")
        return took

    def _by_portal(self) -> tuple[float, float, int]:
        page = self._web.post("/producer/images/new/", **NEW).headers["Location"]
        headers = {**STREAM, "X-CSRFToken": str(self._web.http.cookies.get("csrftoken"))}
        before = self._begin_to_watch()
        up = self._send(
            lambda body: self._web.ask("PUT", f"{page}data/", 303, data=body, headers=headers)
        )

        def down() -> None:
            self._drain(
                self._web.ask("GET", f"{page}download/", 200, stream=True).iter_content(MIB)
            )

        took = (up, seconds(down), max(_memory(one, "VmHWM") - kib for one, kib in before.items()))
        self._raw.call("DELETE", f"/{page.split('/')[-2]}")
        return took

    def _by_command(self) -> tuple[float, float, int]:
        words = ("--disk-format", "raw", "--container-format", "bare", "--file", str(self._file))
        up = seconds(lambda: self._cli.run("create", *words, "large by command"))
        memory = self._cli.most_memory
        found = self._raw.images(owner=self._raw.project_id, name="large by command")
        image_id = str(found[0]["id"])
        down = seconds(lambda: self._cli.run("save", "--file", os.devnull, image_id))
        self._raw.call("DELETE", f"/{image_id}")
        return up, down, max(memory, self._cli.most_memory)

    def _send(self, put: Callable[[object], object]) -> float:
        return seconds(lambda: put(Body(self._file)))

    def _drain(self, chunks: Iterator[bytes]) -> None:
        came = sum(len(chunk) for chunk in chunks)
        if came != self._size:
            raise RuntimeError(f"{came} bytes came, and not {self._size}")

    @contextmanager
    def _written(self) -> Iterator[None]:
        block = os.urandom(MIB)
        with self._file.open("wb") as file:
            for _ in range(self._size // MIB):
                file.write(block)
        try:
            yield
        finally:
            self._file.unlink()

    def _begin_to_watch(self) -> dict[Path, int]:
        """What each of the portal's processes has now, in KiB; the most it had is forgotten."""
        group = self._demo.portal.group
        found = [one for one in Path("/proc").glob("[0-9]*") if _group(one) == group]
        for process in found:
            (process / "clear_refs").write_text("5")
        return {process: _memory(process, "VmRSS") for process in found}


def _group(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _memory(process: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", (process / "status").read_text())
    return int(found[1]) if found else 0
