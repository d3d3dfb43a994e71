"""A database of its own for each of pytest's workers, where their portals would meet in one."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


def of_worker(worker: str) -> str:
    """The address of a new database beside the one that ``DATABASE_URL`` names; "" where it names
    none. ``worker`` is pytest-xdist's: "gw0"; "master" where there is one only."""
    address = os.environ.get("DATABASE_URL", "")
    if not address or worker == "master":
        return address
    parts = urlsplit(address)
    name = f"{parts.path.removeprefix('/')}_{worker}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return parts._replace(path=f"/{name}").geturl()
