"""A throwaway Redis on a loopback port of its own, that keeps nothing on disk."""

from __future__ import annotations

import os
from pathlib import Path

import redis

from portal.demo.packages import program
from portal.demo.ports import HOST, Port
from portal.demo.processes import Child
from tests.live.processes import comes_true


class Redis:
    def __init__(self, folder: Path) -> None:
        self._program = program("redis-server", "redis-server")
        self._folder = folder
        self._port = Port()
        self._child: Child | None = None
        self.url = f"redis://{self._port.address}/0"

    def start(self) -> None:
        """Empty, as it is after every start; fine to call twice."""
        if self._child and self._child.is_running:
            return
        listening = ["--bind", HOST, "--port", str(self._port.number)]
        words = [*listening, "--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        log = self._folder / "redis.log"
        paths = {"PATH": os.environ["PATH"]}
        self._child = Child("redis", [self._program, *words], env=paths, log=log)
        self._child.start()
        assert comes_true(self._answers), log.read_text()

    def kill(self) -> None:
        if self._child and self._child.is_running:
            self._child.kill()

    def freeze(self) -> None:
        """It takes connections, and answers nothing."""
        assert self._child
        self._child.freeze()

    def thaw(self) -> None:
        assert self._child
        self._child.thaw()

    def stop(self) -> None:
        """For good."""
        if self._child:
            self._child.stop()
        self._port.release()

    def known(self) -> list[str]:
        with redis.Redis.from_url(self.url) as client:
            return [key.decode() for key in client.scan_iter()]

    def forget_everything(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
