"""The two databases that the portal runs on, seen from outside, by plain SQL."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

from portal.demo.postgres import Cluster

AWAY_SECONDS = 2.0


class Database(Protocol):
    address: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...

    def change(self, sql: str) -> None: ...

    def go_away_for_a_moment(self) -> None: ...


class SQLite:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "portal.sqlite3"
        self.address = f"sqlite:///{self._path}"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=20)) as connection:
            return connection.execute(sql).fetchall()

    def change(self, sql: str) -> None:
        with contextlib.closing(sqlite3.connect(self._path, timeout=20)) as connection, connection:
            connection.execute(sql)

    def go_away_for_a_moment(self) -> None:
        """Nobody else can write, for longer than anyone waits for it here."""
        with contextlib.closing(sqlite3.connect(self._path, timeout=20)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(AWAY_SECONDS)
            connection.rollback()


class PostgreSQL:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.address = cluster.address

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(sql.encode()).fetchall()

    def change(self, sql: str) -> None:
        with psycopg.connect(self.address) as connection:
            connection.execute(sql.encode())

    def go_away_for_a_moment(self) -> None:
        """The server is stopped, which cuts everyone off, and started again."""
        self._cluster.stop()
        time.sleep(AWAY_SECONDS)
        self._cluster.start()


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[Database]:
    if kind == "sqlite":
        yield SQLite(folder)
        return
    with Cluster() as cluster:
        yield PostgreSQL(cluster)
